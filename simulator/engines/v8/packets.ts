/**
 * Packets on the console of Espruino 2v25 and newer (README_Protocol.md; src/jsinteractive.c, jsiPacketProcess): DLE,
 * SOH, type and length in two bytes, data; answered by ACK or NAK.
 */

export interface PacketHost {
  dead(): boolean;
  transmit(bytes: string): void;
  evaluate(code: string): unknown;
  report(error: unknown): void;
  /** E.toJS */
  toJS(value: unknown): string;
  /** E.emit of an event with an object. */
  emit(event: string, argument: unknown): void;
  after(ms: number, fn: () => void): () => void;
  readFile(name: string): string | undefined;
  writeFile(name: string, data: string, offset: number, size: number): boolean;
}

const ACK = "\x06";
const NAK = "\x15";
const EVAL = 0x2000;
const EVENT = 0x4000;
const FILE_SEND = 0x6000;
const DATA = 0x8000;
const FILE_RECEIVE = 0xa000;
const TYPE_MASK = 0xe000;
const SIZE_MASK = 0x1fff;
/** A packet that is not whole by then is given up. */
const PACKET_MS = 5000;
const FILE_MS = 10_000;
const PIECE_BYTES = 1024;

export interface Packets {
  begin(): void;
  isReceiving(): boolean;
  take(char: string): void;
  end(): void;
}

interface Upload { fn: string; size: number; offset: number }

export function createPackets(host: PacketHost): Packets {
  let head = -1;
  let bytes = "";
  let receiving = false;
  let upload: Upload | undefined;
  let cancelPacket = (): void => {};
  let cancelFile = (): void => {};

  const leave = (): void => {
    receiving = false;
    cancelPacket();
  };
  const endFile = (): void => {
    upload = undefined;
    cancelFile();
  };
  const keepFile = (): void => {
    cancelFile();
    cancelFile = host.after(FILE_MS, endFile);
  };
  const reply = (type: number, data: string): void => {
    const word = type | data.length;
    host.transmit(`\x10\x01${String.fromCharCode(word >> 8, word & 255)}${data}`);
  };
  /** JSON as Espruino reads it: names need no quotes. */
  const objectOf = (text: string): Record<string, unknown> | undefined => {
    try {
      const value = host.evaluate(`(${text})`);
      return typeof value === "object" && value !== null ? value as Record<string, unknown> : undefined;
    } catch {
      return undefined;
    }
  };
  const writeData = (data: string): boolean => {
    if (upload === undefined) return false;
    let done = false;
    try {
      done = host.writeFile(upload.fn, data, upload.offset, upload.size);
    } catch (error) {
      host.report(error);
    }
    upload.offset += data.length;
    if (upload.offset >= upload.size) endFile();
    else keepFile();
    return done;
  };
  const process = (type: number, data: string): void => {
    if (type === EVAL) {
      try {
        const value = host.toJS(host.evaluate(data));
        host.transmit(ACK);
        reply(0, value);
      } catch (error) {
        host.transmit(NAK);
        host.report(error);
      }
    } else if (type === EVENT) {
      const event = objectOf(data);
      if (event !== undefined) host.emit("packet", event);
      host.transmit(event === undefined ? NAK : ACK);
    } else if (type === FILE_SEND) {
      endFile();
      const { fn, s, fs } = objectOf(data) ?? {};
      const fits = typeof fn === "string" && typeof s === "number" && s > 0 && !fs;
      if (fits) {
        upload = { fn, size: s, offset: 0 };
        keepFile();
      }
      host.transmit(fits ? ACK : NAK);
    } else if (type === DATA) host.transmit(writeData(data) ? ACK : NAK);
    else if (type === FILE_RECEIVE) {
      const { fn } = objectOf(data) ?? {};
      const contents = typeof fn === "string" ? host.readFile(fn) : undefined;
      host.transmit(contents === undefined ? NAK : ACK);
      if (contents === undefined) return;
      for (let at = 0; at < contents.length; at += PIECE_BYTES) reply(DATA, contents.slice(at, at + PIECE_BYTES));
      reply(DATA, "");
    } else host.transmit(NAK);
  };
  return {
    begin() {
      receiving = true;
      head = -1;
      bytes = "";
      cancelPacket = host.after(PACKET_MS, () => {
        host.transmit(NAK);
        leave();
      });
    },
    isReceiving: () => receiving,
    take(char) {
      bytes += char;
      if (head < 0) {
        if (bytes.length < 2) return;
        head = bytes.charCodeAt(0) * 256 + bytes.charCodeAt(1);
        bytes = "";
      }
      if (bytes.length < (head & SIZE_MASK)) return;
      leave();
      process(head & TYPE_MASK, bytes);
    },
    end() {
      leave();
      endFile();
    },
  };
}
