/** TCP sockets of Node. */
import { connect, type Socket as Stream } from "node:net";
import type { Open } from "../types.ts";

export type { Stream };

export interface Socket {
  write(bytes: string): void;
  /** Hears nothing more. */
  close(flush: boolean): void;
  /** For a host that wants to know more of it, such as what an error said. */
  readonly stream: Stream;
}

/** How long a peer may take to end its side of a connection that we ended. */
const LINGER_MS = 3000;

/**
 * Returns how to open a TCP connection to `host`:`port`. `onData` gets what arrives, in pieces of any size;
 * `onDrain` is called when everything written was handed to the network. `onClose` is called once when the
 * connection fails or ends, unless `close` came first.
 */
export const connector = (host: string, port: number): Open<Socket> => (onOpen, onData, onClose, onDrain) => {
  const stream = connect({ host, port, noDelay: true });
  let waiting = 0;
  let heard = true;
  stream.setEncoding("latin1");
  stream.on("connect", () => heard && onOpen());
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

/** Ends a connection: nothing of it is heard any more. With `flush` what was written still goes out first. */
export const close = (socket: Socket, flush: boolean): void => socket.close(flush);
