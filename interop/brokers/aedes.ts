/** Aedes, in this process, on all links. */
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type AddressInfo, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import { Aedes } from "aedes";
import { createWebSocketStream, WebSocketServer } from "ws";
import { authority } from "../certificate.ts";
import type { Target } from "../target.ts";
import { DENIED, PASSWORD, USER, type RunningBroker } from "./types.ts";

const upgrades = (server: HttpServer, serve: (stream: Duplex) => void): HttpServer => {
  const sockets = new WebSocketServer({ server, path: "/mqtt", handleProtocols: (all) => all.has("mqtt") && "mqtt" });
  sockets.on("connection", (socket) => serve(createWebSocketStream(socket)));
  return server;
};

/** Starts it. Those who never say CONNECT are ended with it, too. */
export const startAedes = async (): Promise<RunningBroker> => {
  const aedes = await Aedes.createBroker();
  aedes.authenticate = (_client, username, password, done) => {
    const right = username === USER && password?.toString() === PASSWORD;
    done(right ? null : Object.assign(new Error("refused"), { returnCode: 4 as const }), right);
  };
  aedes.authorizeSubscribe = (_client, subscription, done) =>
    done(null, subscription.topic === DENIED ? null : subscription);
  const streams = new Set<Duplex>();
  const serve = (stream: Duplex): void => {
    streams.add(stream);
    stream.on("error", () => {});
    stream.on("close", () => streams.delete(stream));
    aedes.handle(stream);
  };
  const { ca, issue } = authority("motelet interop");
  const identity = issue(["localhost", "127.0.0.1"]);
  const servers: Server[] = [
    createServer(serve), createTlsServer(identity, serve), upgrades(createHttpServer(), serve),
    upgrades(createHttpsServer(identity), serve),
    createTlsServer({ ...identity, ca, requestCert: true, rejectUnauthorized: true }, serve),
  ];
  for (const server of servers) await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const login = { host: "127.0.0.1", username: USER, password: PASSWORD };
  const targets: Target[] = (["mqtt", "mqtts", "ws", "wss", "mqtts"] as const).map((link, at) => ({
    ...login, link, port: (servers[at]!.address() as AddressInfo).port,
    ca, ...(at === 2 || at === 3 ? { path: "/mqtt" } : {}),
  }));
  const [mqtt, mqtts, ws, wss, certified] = targets as [Target, Target, Target, Target, Target];
  const { cert, key } = issue(["client"]);
  return {
    ...mqtt, name: "Aedes", username: USER, password: PASSWORD, denied: DENIED,
    links: { mqtts, ws, wss }, certified: { ...certified, cert, key },
    async stop() {
      for (const stream of streams) stream.destroy();
      await new Promise<void>((done) => aedes.close(() => done()));
      for (const server of servers) await new Promise<void>((done) => server.close(() => done()));
    },
  };
};
