/** Aedes on every kind of listener, in this process. */
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type AddressInfo, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import { Aedes, type PublishPacket } from "aedes";
import { createWebSocketStream, WebSocketServer } from "ws";
import { ourAuthority } from "./servers.ts";

export interface Brokers {
  /** Ports by the scheme of a URL. */
  ports: Record<"mqtt" | "mqtts" | "ws" | "wss", number>;
  /** What was published by clients. */
  messages: { topic: string; payload: Buffer; qos: number }[];
  publish(topic: string, payload: Buffer, qos: 0 | 1 | 2): void;
  close(): Promise<void>;
}

const upgrades = (server: HttpServer, serve: (stream: Duplex) => void): HttpServer => {
  const sockets = new WebSocketServer({ server, path: "/mqtt", handleProtocols: (all) => all.has("mqtt") && "mqtt" });
  sockets.on("connection", (socket) => serve(createWebSocketStream(socket)));
  return server;
};

/** Starts one broker with four listeners on free loopback ports. */
export const startAedes = async (identity = ourAuthority().issue(["localhost", "127.0.0.1"])): Promise<Brokers> => {
  const aedes = await Aedes.createBroker();
  const streams = new Set<Duplex>();
  const messages: Brokers["messages"] = [];
  aedes.on("publish", (packet: PublishPacket, client) => {
    if (client) messages.push({ topic: packet.topic, payload: Buffer.from(packet.payload), qos: packet.qos });
  });
  const serve = (stream: Duplex): void => {
    streams.add(stream);
    stream.on("error", () => {});
    stream.on("close", () => streams.delete(stream));
    aedes.handle(stream);
  };
  const servers: Record<keyof Brokers["ports"], Server> = {
    mqtt: createServer(serve),
    mqtts: createTlsServer(identity, serve),
    ws: upgrades(createHttpServer(), serve),
    wss: upgrades(createHttpsServer(identity), serve),
  };
  const ports = {} as Brokers["ports"];
  for (const [scheme, server] of Object.entries(servers) as [keyof Brokers["ports"], Server][]) {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    ports[scheme] = (server.address() as AddressInfo).port;
  }
  return {
    ports, messages,
    publish: (topic, payload, qos) =>
      aedes.publish({ cmd: "publish", topic, payload, qos, retain: false, dup: false }, () => {}),
    async close() {
      for (const stream of streams) stream.destroy();
      await new Promise<void>((done) => aedes.close(() => done()));
      for (const server of Object.values(servers)) await new Promise<void>((done) => server.close(() => done()));
    },
  };
};

/** Resolves when `test` is true; fails after 10 s. */
export const until = async (test: () => boolean, what: string): Promise<void> => {
  for (let waited = 0; !test(); waited += 5) {
    if (waited > 10_000) throw new Error(`it did not happen: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
};
