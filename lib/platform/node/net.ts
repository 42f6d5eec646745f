/** TCP sockets of Node. */
import { connect } from "node:net";
import type { Open } from "../types.ts";

export interface Socket {
  write(bytes: string): void;
  /** Hears nothing more. */
  close(flush: boolean): void;
}

/**
 * Returns how to open a TCP connection to `host`:`port`. `onData` gets what arrives, in pieces of any size;
 * `onDrain` is called when everything written was handed to the network. `onClose` is called once when the
 * connection fails or ends, unless `close` came first.
 */
export const connector = (host: string, port: number): Open<Socket> => (onOpen, onData, onClose, onDrain) => {
  const socket = connect({ host, port, noDelay: true }, () => onOpen());
  let waiting = 0;
  socket.setEncoding("latin1");
  socket.on("data", (bytes) => onData(String(bytes)));
  socket.on("close", () => onClose());
  // "close" follows and tells; without a listener Node would throw.
  socket.on("error", () => {});
  return {
    write: (bytes) => {
      waiting++;
      socket.write(bytes, "latin1", () => {
        waiting--;
        if (waiting === 0 && !socket.destroyed) {
          onDrain();
        }
      });
    },
    close: (flush) => {
      socket.removeAllListeners("data").removeAllListeners("close");
      if (flush) {
        socket.end();
      } else {
        socket.destroy();
      }
    },
  };
};

/** Ends a connection: nothing of it is heard any more. With `flush` what was written still goes out first. */
export const close = (socket: Socket, flush: boolean): void => socket.close(flush);
