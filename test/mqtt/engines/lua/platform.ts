/** What the test gives to a client in Lua: all of `#platform/*` that lib/mqtt asks for. */

/** What the test holds: a link, a timer. */
export interface Held { readonly held: number }
export interface Socket { write: (this: void, bytes: string) => void }
export type Timer = Held | undefined;

declare const platform: {
  close: (this: void, socket: Socket, flush: boolean) => void;
  after: (this: void, fn: (this: void) => void, ms: number) => Timer;
  cancel: (this: void, timer: Timer) => void;
  now: (this: void) => number;
  caught: (this: void, error: unknown) => void;
  readFlash: (this: void, address: number, count: number) => string;
  writeFlash: (this: void, bytes: string, address: number) => void;
  eraseFlash: (this: void, address: number, count: number) => void;
  crc32: (this: void, bytes: string) => number;
};

export const noTimer: Timer = undefined as Timer;
export const close = (socket: Socket, flush: boolean): undefined => {
  platform.close(socket, flush);
};
export const after = platform.after;
export const cancel = platform.cancel;
export const now = platform.now;
export const caught = platform.caught;
export const readFlash = platform.readFlash;
export const writeFlash = platform.writeFlash;
export const eraseFlash = platform.eraseFlash;
export const crc32 = platform.crc32;

/** As in lib/platform/nodemcu. */
export { byteView } from "../../../../lib/platform/nodemcu/bytes.ts";
export const writer = (socket: Socket): ((this: void, bytes: string) => unknown) => (bytes) => socket.write(bytes);
export const hasEnded = (_socket: Socket): boolean => false;
