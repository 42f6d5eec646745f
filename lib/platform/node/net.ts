/** TCP sockets of Node. */
import { connect, type Socket as NodeSocket } from "node:net";
import type { Open } from "../types.ts";

export type Socket = NodeSocket;

/**
 * Returns how to open a TCP connection to `host`:`port`. `onData` gets what arrives, in pieces of any size; `onDrain` is
 * called when everything written was handed to the network. `onClose` is called once when the connection fails or ends,
 * unless `close` came first. Opening returns undefined when the chip refuses at once (no such host, no socket left):
 * `onClose` is not called then.
 */
export const connector = (host: string, port: number): Open<Socket> => (onOpen, onData, onClose, onDrain) => {
  const socket = connect({ host, port, noDelay: true }, () => onOpen());
  socket.setEncoding("latin1");
  socket.on("data", (bytes) => onData(String(bytes)));
  socket.on("close", () => onClose());
  socket.on("drain", () => onDrain());
  // "close" follows and tells; without a listener Node would throw.
  socket.on("error", () => {});
  return socket;
};

/** Writes bytes. */
export const write = (socket: Socket, bytes: string): void => {
  if (socket.write(bytes, "latin1")) {
    // Node says "drain" only after it said that its buffer was full; Espruino always does.
    process.nextTick(() => socket.emit("drain"));
  }
};

/** Ends a connection: nothing of it is heard any more. With `flush` what was written still goes out first. */
export const close = (socket: Socket, flush: boolean): void => {
  socket.removeAllListeners();
  socket.on("error", () => {});
  if (flush) {
    socket.end();
  } else {
    socket.destroy();
  }
};
