/** TCP sockets of Node. */
import { connect, type Socket as Stream } from "node:net";
import type { Open } from "../types.ts";

export type { Stream };

export interface Socket {
  write: (this: void, bytes: string) => void;
  /** Hears nothing more. */
  close: (this: void, flush: boolean) => void;
  /** For a host that wants to know more of it, such as what an error said. */
  readonly stream: Stream;
}

/** The most that is given to a link on top at once. */
const LARGEST_PIECE_BYTES = 65535;
/** How long a peer may take to end its side of a connection that we ended. */
const LINGER_MS = 3000;

/** A link of a stream that says by `event` that it is open. */
export const linkOf = (
  stream: Stream, event: "connect" | "secureConnect", ...[onOpen, onData, onClose, onDrain]: Parameters<Open<Socket>>
): Socket => {
  let waiting = 0;
  let heard = true;
  stream.setEncoding("latin1");
  stream.on(event, () => heard && onOpen());
  stream.on("data", (bytes) => heard && onData(String(bytes)));
  stream.on("close", () => heard && onClose());
  // "close" follows and tells; without a listener Node would throw.
  stream.on("error", () => {});
  return {
    stream,
    write: (bytes) => {
      waiting++;
      stream.write(bytes, "latin1", () => {
        waiting--;
        if (waiting === 0 && heard && !stream.destroyed) {
          onDrain();
        }
      });
    },
    close: (flush) => {
      heard = false;
      if (flush) {
        stream.end();
        const linger = setTimeout(() => stream.destroy(), LINGER_MS);
        stream.on("close", () => clearTimeout(linger));
      } else {
        stream.destroy();
      }
    },
  };
};

/**
 * Returns how to open a TCP connection to `host`:`port`. `onData` gets what arrives, in pieces of any size;
 * `onDrain` is called when everything written was handed to the network. `onClose` is called once when the
 * connection fails or ends, unless `close` came first.
 */
export const connector = (host: string, port: number): Open<Socket> => (onOpen, onData, onClose, onDrain) =>
  linkOf(connect({ host, port, noDelay: true }), "connect", onOpen, onData, onClose, onDrain);

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
  const { write, close } = socket;
  socket.write = (bytes) => {
    for (let at = 0; at < bytes.length; at += LARGEST_PIECE_BYTES) {
      write(encode(bytes.slice(at, at + LARGEST_PIECE_BYTES)));
    }
  };
  socket.close = (flush) => {
    write(encode());
    close(flush);
  };
  return write;
};
