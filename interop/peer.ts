/** A client that a case plays with: ours (`motelet/mqtt`) or the referee (MQTT.js), each through a tap. */
import mqtt from "mqtt";
import { connect as ours, type TlsOptions } from "motelet/mqtt";
import { openTap, type Tap } from "./tap.ts";
import { isSecure, urlOf, type Target } from "./target.ts";

export type Kind = "motelet" | "mqtt.js";
export type QoS = 0 | 1 | 2;

export interface PeerOptions {
  clientId: string;
  clean?: boolean;
  /** Seconds. */
  keepAlive?: number;
  will?: { topic: string; payload: string; qos: QoS; retain: boolean };
  password?: string;
  /** Ours alone has bounds. */
  largestIncoming?: number;
  inflight?: { messages?: number; bytes?: number };
  /** Ours reaches the broker with its TLS as it is, so that the tap sees no packets. */
  sealed?: boolean;
  /** Another listener of the broker than the one that the suite runs against. */
  via?: Target;
  /** Instead of what the target says: the authority that is trusted. */
  ca?: string;
}

export interface Received {
  topic: string;
  payload: Buffer;
  retained: boolean;
}

export interface Peer {
  tap: Tap;
  received: Received[];
  /** For each time it was connected: whether the broker had kept the session. */
  sessions: boolean[];
  /** For each connection that was refused or ended: why. */
  downs: string[];
  /** Resolves when sent (QoS 0) or acknowledged. */
  publish(topic: string, payload: string | Buffer, qos?: QoS, retain?: boolean): Promise<void>;
  /** Resolves to the QoS that was granted, or 128. */
  subscribe(filter: string, qos?: QoS): Promise<number>;
  unsubscribe(filter: string): Promise<void>;
  /** DISCONNECT, and away. */
  end(): Promise<void>;
  /** Away without DISCONNECT, as when the power fails. */
  kill(): Promise<void>;
}

type Made = Omit<Peer, "tap" | "end" | "kill"> & { end: (deadlineMs: number) => Promise<unknown> };

/** What a target says of TLS, under the names of ours. */
const tlsOf = ({ link, ca, cert, key, serverName }: Target): { tls?: TlsOptions } => !isSecure(link) ? {} : {
  tls: {
    ...(ca === undefined ? {} : { ca }), ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(serverName === undefined ? {} : { serverName }),
  },
};

const makeOurs = (target: Target, options: PeerOptions): Made => {
  const { clientId, clean = true, keepAlive = 30, will, largestIncoming, inflight } = options;
  const login = target.username === undefined
    ? {}
    : { username: target.username, password: options.password ?? target.password ?? "" };
  const client = ours({
    url: urlOf(target), ...tlsOf(target), clientId, cleanSession: clean, keepAlive, ...login,
    ...(will ? { will } : {}), ...(largestIncoming === undefined ? {} : { largestIncoming }),
    ...(inflight === undefined ? {} : { inflight, offline: { bytes: 1e8 } }),
  });
  const made: Made = {
    received: [], sessions: [], downs: [],
    publish: (topic, payload, qos = 0, retain = false) => new Promise((done, fail) => {
      client.publish(topic, payload, { qos, retain }, (error) => (error ? fail(error) : done()));
    }),
    subscribe: (filter, qos = 0) => new Promise((done) => {
      client.subscribe(filter, { qos }, undefined, (error, granted) => done(error ? 128 : granted!));
    }),
    unsubscribe: (filter) => new Promise((done) => client.unsubscribe(filter, () => done())),
    end: (deadlineMs) => client.end(deadlineMs),
  };
  client.on("message", ({ topic, payload, retained }) => made.received.push({ topic, payload, retained }));
  client.on("connected", (present) => made.sessions.push(present));
  client.on("disconnected", (reason) => made.downs.push(`${reason.code} ${reason.text}`));
  client.on("error", () => {});
  return made;
};

const makeReferee = (target: Target, options: PeerOptions): Made => {
  const { clientId, clean = true, keepAlive = 30, will } = options;
  const password = options.password ?? target.password;
  const { link, host, port, path, ca, cert, key, serverName } = target;
  const client = mqtt.connect({
    protocol: link, host, port, ...(path === undefined ? {} : { path }),
    ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert, key }),
    ...(serverName === undefined ? {} : { servername: serverName, wsOptions: { servername: serverName } as object }),
    clientId, clean, keepalive: keepAlive, reconnectPeriod: 300, connectTimeout: 5000,
    ...(target.username === undefined ? {} : { username: target.username, password: password ?? "" }),
    ...(will ? { will: { ...will, payload: Buffer.from(will.payload) } } : {}),
  });
  const made: Made = {
    received: [], sessions: [], downs: [],
    publish: async (topic, payload, qos = 0, retain = false) => {
      await client.publishAsync(topic, payload, { qos, retain });
    },
    subscribe: async (filter, qos = 0) => {
      try {
        return (await client.subscribeAsync(filter, { qos }))[0]?.qos ?? 128;
      } catch {
        return 128;
      }
    },
    unsubscribe: async (filter) => void await client.unsubscribeAsync(filter),
    end: (deadlineMs) => client.endAsync(deadlineMs === 0),
  };
  client.on("message", (topic, payload, packet) => made.received.push({ topic, payload, retained: packet.retain }));
  client.on("connect", (packet) => made.sessions.push(packet.sessionPresent));
  client.on("error", (error) => made.downs.push(error.message));
  client.on("close", () => made.downs.push("closed"));
  return made;
};

/** Starts a client; it may not be connected yet. */
export const makePeer = async (kind: Kind, target: Target, options: PeerOptions): Promise<Peer> => {
  const tap = await openTap(options.via ?? target, options.sealed !== true);
  const reached = { ...tap.target, ...(options.ca === undefined ? {} : { ca: options.ca }) };
  const { end, ...made } = (kind === "motelet" ? makeOurs : makeReferee)(reached, options);
  const leave = async (deadlineMs: number): Promise<void> => {
    await end(deadlineMs);
    await tap.close();
  };
  return Object.assign(made, {
    tap,
    end: () => leave(3000),
    async kill() {
      // Nothing that the client says from here on arrives, and it finds nobody to connect to.
      tap.cut();
      await tap.close();
      await end(0);
    },
  });
};
