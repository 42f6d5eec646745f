/** `tcp://host:port`: a board behind a serial server, or `motelet sim --console`. */
import { connect, type Socket } from "node:net";
import { Failure } from "./protocol/failure.ts";
import type { Transport } from "./protocol/transport.ts";

const CONNECT_MS = 5000;

/** "tcp://host:port" as host and port. */
export function parseTcp(text: string): { host: string; port: number } | undefined {
  const [, host, port] = /^tcp:\/\/(?:\[([^\]]+)\]|([^:/]+)):(\d{1,5})\/?$/.exec(text)?.filter((x) => x !== undefined) ?? [];
  return host === undefined || Number(port) < 1 || Number(port) > 65535 ? undefined : { host, port: Number(port) };
}

export async function openTcp(address: string): Promise<Transport> {
  const target = parseTcp(address);
  if (target === undefined) {
    throw new Failure("tcp-failed", { port: address, reason: "an address is tcp://host:port" });
  }
  let socket: Socket;
  let closing = false;
  const open = (): Promise<void> => new Promise((resolve, reject) => {
    socket = connect({ ...target, noDelay: true });
    socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error("it does not answer")));
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve();
    });
    let reason = "";
    socket.on("error", (error) => {
      reason = error.message;
      reject(error);
    });
    socket.on("data", (data) => transport.onData?.(data));
    socket.on("close", () => {
      reject(new Error("the connection was closed"));
      if (!closing) transport.onClose?.(reason === "" ? "the other side has closed it" : reason);
    });
  });
  const transport: Transport = {
    write: (bytes) => new Promise((resolve, reject) => {
      socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    }),
    async close() {
      closing = true;
      socket.destroy();
    },
    reopen: open,
  };
  try {
    await open();
  } catch (error) {
    closing = true;
    const { message, code } = error as NodeJS.ErrnoException;
    throw new Failure("tcp-failed", { port: address, reason: message === "" ? code ?? "refused" : message });
  }
  return transport;
}
