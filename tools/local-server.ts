/**
 * What serves a page on this computer, to whoever knows the name in its address: pages that hold the secrets of boards,
 * and that give commands.
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A name for an address that nobody can guess. */
export const secretName = (): string => randomBytes(12).toString("base64url");

/** Path of a request, cut at its slashes: the name of the address, then the rest. */
export const partsOf = (request: IncomingMessage): string[] => (request.url ?? "").split("?")[0]!.split("/").slice(1);

/** Whether a request is for this computer: a name of another site that was made to point here is not answered. */
export const isForUs = (request: IncomingMessage): boolean =>
  /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? "");

/** The option --web-port as a number; another than a port is an Error that says what is right. */
export function webPortOf(option: string | number): number {
  const port = Number(option);
  if (Number.isInteger(port) && port >= 0 && port < 65536) return port;
  throw new Error(`--web-port takes a port, 0 to 65535, not "${option}"`);
}

/** Listens on loopback alone, and returns the port; an Error for people when it is taken. */
export function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((done, fail) => {
    server.once("error", (error: NodeJS.ErrnoException) => fail(error.code === "EADDRINUSE"
      ? new Error(`port ${port} on 127.0.0.1 is taken by another program: use another --web-port, or 0 for any that is free`)
      : error));
    server.listen(port, "127.0.0.1", () => done((server.address() as AddressInfo).port));
  });
}

/** Ends it with all its connections. */
export async function closeNow(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}
