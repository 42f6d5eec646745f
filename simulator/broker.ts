/** The embedded broker (Aedes) on an ephemeral loopback port, and an observer of any other broker. */
import { createServer, type AddressInfo, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { Aedes, type Client, type PublishPacket } from "aedes";
import type { Report } from "./events.ts";
import { packetReader } from "./mqtt-log.ts";
import type { Endpoint } from "./network.ts";
import { streamPair } from "./pair.ts";
import type { Clock } from "./types.ts";

/** Table 3.1 of MQTT 3.1.1. */
export const CONNACK_REASONS: Record<number, string> = {
  1: "unacceptable protocol version",
  2: "client id rejected",
  3: "server unavailable",
  4: "bad user name or password",
  5: "not authorised",
};

export interface Message {
  /** Simulated ms. */
  t: number;
  topic: string;
  payload: string;
  qos: 0 | 1 | 2;
  retain: boolean;
  clientId?: string;
}

export interface EmbeddedBroker {
  host: string;
  port: number;
  /** For the simulated network: a connection inside the process. */
  endpoint: Endpoint;
  /** Everything that clients published, wills included, in order. */
  messages: Message[];
  /** Code 1 to 5: every CONNECT is answered with it and closed. 0 switches it off. */
  refuse(code: number): void;
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  clock: Clock;
  report: Report;
  /** Called with the messages whenever there is one more. */
  trim?(this: void, messages: Message[]): void;
  /** 0 picks a free one. */
  port?: number;
  /** The only credentials that are let in; anybody without. */
  credentials?: { username: string; password: string };
}

/** Starts it. Throws an Error for people when the port is taken. */
export async function embeddedBroker(options: EmbeddedOptions): Promise<EmbeddedBroker> {
  const { clock, report, credentials } = options;
  const aedes = await Aedes.createBroker();
  const messages: Message[] = [];
  const clean = new WeakSet<object>();
  const streams = new Set<Duplex>();
  let refusal = 0;

  aedes.authenticate = (client, username, password, done) => {
    const right = credentials === undefined
      || (username === credentials.username && password?.toString() === credentials.password);
    if (right) return done(null, true);
    report({ type: "broker", state: "refused", clientId: client.id, code: 4, reason: CONNACK_REASONS[4]! });
    done(Object.assign(new Error("bad user name or password"), { returnCode: 4 as const }), false);
  };
  aedes.on("clientReady", (client) => report({ type: "broker", state: "connected", clientId: client.id }));
  aedes.on("clientDisconnect", (client: Client) => {
    const { conn } = client as unknown as { conn: object };
    report({ type: "broker", state: "disconnected", clientId: client.id, clean: clean.has(conn) });
  });
  aedes.on("publish", (packet: PublishPacket, client) => {
    if (packet.topic.startsWith("$SYS/")) return;
    const message = {
      topic: packet.topic, payload: Buffer.from(packet.payload).toString("latin1"), qos: packet.qos,
      retain: packet.retain, ...(client ? { clientId: client.id } : {}),
    };
    messages.push({ t: clock.now(), ...message });
    options.trim?.(messages);
    report({ type: "message", ...message });
  });

  const serve = (stream: Duplex): void => {
    stream.on("error", () => {});
    streams.add(stream);
    stream.on("close", () => streams.delete(stream));
    if (refusal > 0) {
      refuseConnection(stream, refusal, (clientId, code) =>
        report({ type: "broker", state: "refused", clientId, code, reason: CONNACK_REASONS[code]! }));
      return;
    }
    superviseKeepAlive(stream, clock);
    stream.on("data", packetReader((packet) => {
      if (packet.packet === "DISCONNECT") clean.add(stream);
    }));
    // Aedes reads by the "readable" event; the listeners above must not make the stream flow before it does.
    stream.pause();
    parseInTurn(aedes.handle(stream));
  };
  const server = createServer(serve);
  try {
    await listen(server, options.port ?? 0);
  } catch (error) {
    await new Promise<void>((done) => aedes.close(() => done()));
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  report({ type: "broker", state: "listening", host: "127.0.0.1", port });
  return {
    host: "127.0.0.1",
    port,
    messages,
    endpoint: {
      open() {
        const [node, broker] = streamPair();
        node.on("error", () => {});
        // A connection that breaks at one end breaks at the other.
        node.on("close", () => broker.destroy());
        broker.on("close", () => node.destroy());
        serve(broker);
        return node;
      },
    },
    refuse(code) {
      if (code !== 0 && CONNACK_REASONS[code] === undefined) throw new Error(`CONNACK has no return code ${code}: 0 to 5`);
      refusal = code;
    },
    async close() {
      // Aedes ends the clients that it knows, and waits for the CONNECT of others.
      for (const stream of streams) stream.destroy();
      await new Promise<void>((done) => aedes.close(() => done()));
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", (error: NodeJS.ErrnoException) => fail(error.code === "EADDRINUSE"
      ? new Error(`port ${port} on 127.0.0.1 is taken by another program: use another one, or 0 for any that is free`)
      : error));
    server.listen(port, "127.0.0.1", () => done());
  });
}

/** Answers CONNECT with a return code that Aedes would not give, and closes (MQTT-3.2.2-5). */
function refuseConnection(stream: Duplex, code: number, onRefused: (clientId: string, code: number) => void): void {
  const read = packetReader(({ packet, clientId }) => {
    if (packet === "CONNECT") onRefused(clientId ?? "", code);
    stream.end(packet === "CONNECT" ? Buffer.from([0x20, 2, 0, code]) : undefined);
  });
  stream.on("data", read);
}

/**
 * Aedes reads on when it has handled a packet, in the middle of parsing what it read before. From a socket nothing
 * comes then; from a pair of streams it does, and its parser would give the same packet again: it has to wait for its
 * turn.
 */
function parseInTurn(client: Client): void {
  const { _parser: parser } = client as unknown as { _parser: { parse(bytes: Buffer): unknown } };
  const parse = parser.parse.bind(parser);
  const waiting: Buffer[] = [];
  let isParsing = false;
  parser.parse = (bytes) => {
    waiting.push(bytes);
    if (isParsing) return;
    isParsing = true;
    for (let next = waiting.shift(); next; next = waiting.shift()) parse(next);
    isParsing = false;
  };
}

/**
 * Closes a connection that was silent for 1.5 times its keep-alive of simulated time (MQTT-3.1.2-24): Aedes
 * counts in the host's time.
 */
function superviseKeepAlive(stream: Duplex, clock: Clock): void {
  let limitMs = 0;
  let timer: number | undefined;
  let heard = clock.now();
  const look = (): void => {
    const left = heard + limitMs - clock.now();
    if (left <= 0) stream.destroy();
    else timer = clock.after(left, look);
  };
  stream.on("data", packetReader(({ packet, keepAliveSeconds }) => {
    if (packet !== "CONNECT" || !keepAliveSeconds) return;
    limitMs = keepAliveSeconds * 1500;
    timer = clock.after(limitMs, look);
  }));
  stream.on("data", () => {
    heard = clock.now();
  });
  stream.once("close", () => {
    if (timer !== undefined) clock.cancel(timer);
  });
}
