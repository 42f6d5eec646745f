/** TCP sockets of Espruino (module "net"). */
import type { Open } from "../types.ts";

declare const require: (module: "net") => {
  connect: (options: { host: string; port: number }, onOpen: (this: void) => void) => Socket;
};

export interface Socket {
  on(event: "data", fn: (this: void, bytes: string) => void): void;
  on(event: "close" | "drain", fn: (this: void) => void): void;
  removeAllListeners(): void;
  write(bytes: string): void;
  end(): void;
  clsNow?: boolean;
  cls?: boolean;
}

/**
 * Returns how to open a TCP connection to `host`:`port`. `onData` gets what arrives, in pieces of any size;
 * `onDrain` is called when everything written was handed to the network. `onClose` is called once when the
 * connection fails or ends, unless `close` came first. Opening returns undefined when the chip refuses at once (no
 * such host, no socket left): `onClose` is not called then.
 */
export const connector = (host: string, port: number): Open<Socket> => (onOpen, onData, onClose, onDrain) => {
  try {
    const socket = require("net").connect({ host: host, port: port }, onOpen);
    socket.on("data", onData);
    socket.on("close", onClose);
    socket.on("drain", onDrain);
    return socket;
  } catch {}
  return undefined;
};

/** How to write to a connection, as a function that is looked up once. What it returns is not true. */
export const writer = (socket: Socket): ((this: void, bytes: string) => unknown) => socket.write.bind(socket);

/**
 * Whether the other side has ended it and its close event is on its way: to write then throws. Only what is called by
 * events of the same moment, as its last data, can see that (jsiIdle of the interpreter).
 */
export const hasEnded = (socket: Socket): boolean => socket.cls!;

/**
 * Ends a connection: nothing of it is heard any more. With `flush` what was written still goes out first. Returns what
 * is left of it: undefined.
 */
export const close = (socket: Socket, flush: boolean): undefined => {
  socket.removeAllListeners();
  if (!flush) {
    // Without this a socket with unsent bytes to a dead peer would keep them in the heap until TCP gives up.
    socket.clsNow = true;
  }
  socket.end();
};

/**
 * Puts a link on top of a connection: what is written from now on is what `encode` makes of it, and what it makes of
 * nothing is written before the connection ends. Returns how to write to the connection below; one that has ended
 * takes nothing, and its close event will tell.
 */
export const layer = (
  socket: Socket, encode: (this: void, bytes?: string) => string,
): ((this: void, bytes: string) => void) => {
  const write = socket.write.bind(socket);
  const end = socket.end.bind(socket);
  const send = (bytes: string): void => {
    try {
      write(bytes);
    } catch {}
  };
  socket.write = (bytes) => send(encode(bytes));
  socket.end = () => {
    send(encode());
    end();
  };
  return send;
};
