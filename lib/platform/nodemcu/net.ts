/**
 * TCP sockets. Firmware module: net.
 * The firmware promises no second `send` before the `sent` of the first (docs/modules/net.md), so what comes meanwhile
 * waits here. The caller bounds it: `onDrain` says when all of it is acknowledged.
 */
import { guarded } from "#platform/guard";
import type { Open } from "../types.ts";
import { net, pcall, string, table, type LuaSocket } from "./api.ts";

export interface Socket {
  write: (this: void, bytes: string) => void;
  /** Hears nothing more. */
  close: (this: void, flush: boolean) => void;
}

/**
 * A segment (TCP_MSS of either lwIP, the smaller). Of more, the ESP8266 would tell once a segment that it was sent, and
 * the buffers of either would soon be full.
 */
const PIECE_BYTES = 1440;

/** A link of a socket that is about to connect. */
export const linkOf = (
  raw: LuaSocket,
  host: string,
  port: number,
  onOpen: (this: void) => void,
  onData: (this: void, bytes: string) => void,
  onClose: (this: void) => void,
  onDrain: (this: void) => void,
): Socket => {
  let heard = true;
  let isOpen = false;
  let isSending = false;
  let isClosing = false;
  let waiting: string[] = [];
  let incoming = "";
  const take = (): void => onData(incoming);

  // A socket of the ESP8266 that has ended is closed already, and says so by an error; one of the ESP32 has to be.
  const drop = (): void => {
    heard = false;
    waiting = [];
    pcall(raw.close, raw);
  };
  const end = (): void => {
    if (heard) {
      drop();
      guarded(onClose);
    }
  };
  const transmit = (bytes: string): void => {
    isSending = true;
    let piece = bytes;
    if (bytes.length > PIECE_BYTES) {
      piece = string.sub(bytes, 1, PIECE_BYTES);
      waiting.unshift(string.sub(bytes, PIECE_BYTES + 1));
    }
    // The link has ended, and its event will tell; or there is no memory, and the peer that misses something ends it.
    pcall(raw.send, raw, piece);
  };

  raw.on("connection", () => {
    if (heard) {
      isOpen = true;
      guarded(onOpen);
    }
  });
  raw.on("receive", (_, bytes) => {
    if (heard) {
      incoming = bytes;
      guarded(take);
    }
  });
  raw.on("sent", () => {
    isSending = false;
    const bytes = table.concat(waiting);
    if (bytes !== "") {
      waiting = [];
      transmit(bytes);
    } else if (isClosing) {
      drop();
    } else if (heard) {
      guarded(onDrain);
    }
  });
  raw.on("disconnection", end);
  raw.on("reconnection", end);
  // Nothing else tells of a name that is not found: the firmware goes on to connect to nowhere.
  raw.on("dns", (_, address) => {
    if (address === undefined) {
      end();
    }
  });
  pcall(raw.connect, raw, port, host);

  return {
    write: (bytes) => {
      if (isSending || !isOpen) {
        waiting.push(bytes);
      } else if (bytes !== "") {
        // Of nothing the firmware may never tell that it was sent.
        transmit(bytes);
      }
    },
    close: (flush) => {
      heard = false;
      if (flush && isSending) {
        isClosing = true;
      } else {
        drop();
      }
    },
  };
};

/**
 * Returns how to open a TCP connection to `host`:`port`. `onData` gets what arrives, in pieces of any size;
 * `onDrain` is called when everything written was acknowledged. `onClose` is called once when the connection fails or
 * ends, unless `close` came first.
 */
export const connector = (host: string, port: number): Open<Socket> => (onOpen, onData, onClose, onDrain) =>
  linkOf(net.createConnection(net.TCP, 0), host, port, onOpen, onData, onClose, onDrain);

/** How to write to a connection. What it returns is not true. */
export const writer = (socket: Socket): ((this: void, bytes: string) => unknown) => socket.write;

/** Whether to write would throw: it does not. */
export const hasEnded = (_socket: Socket): boolean => false;

/** Ends a connection: nothing of it is heard any more. With `flush` what was written still goes out first. */
export const close = (socket: Socket, flush: boolean): undefined => {
  socket.close(flush);
};

/**
 * Puts a link on top of a connection: what is written from now on is what `encode` makes of it, and what it makes of
 * nothing is written before the connection ends. Returns how to write to the connection below.
 */
export const layer = (
  socket: Socket, encode: (this: void, bytes?: string) => string,
): ((this: void, bytes: string) => void) => {
  const write = socket.write;
  const end = socket.close;
  const send = (bytes: string): void => {
    if (bytes !== "") {
      write(bytes);
    }
  };
  socket.write = (bytes) => send(encode(bytes));
  socket.close = (flush) => {
    send(encode());
    end(flush);
  };
  return send;
};
