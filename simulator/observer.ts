/** Watches a broker that is not ours: what arrives there under a topic is what its subscribers see. */
import mqtt from "mqtt";
import type { Report } from "./events.ts";

/** A broker by URL. */
export interface BrokerAddress {
  /** As given, without the password. */
  shown: string;
  host: string;
  port: number;
  username?: string;
  password?: string;
}

/** Parses `mqtt://[user:password@]host[:port]`; an Error for people otherwise. */
export function parseBrokerUrl(text: string): BrokerAddress {
  const example = "write mqtt://host:port or mqtt://user:password@host:port";
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Error(`"${text.replace(/:[^:@/]*@/, ":...@")}" is not the URL of a broker: ${example}`);
  }
  if (url.protocol !== "mqtt:") throw new Error(`the simulated node speaks plain TCP, not ${url.protocol}//: ${example}`);
  if (url.hostname === "") throw new Error(`the URL of the broker has no host: ${example}`);
  const port = url.port === "" ? 1883 : Number(url.port);
  return {
    shown: `mqtt://${url.hostname}:${port}`, host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port,
    ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
  };
}

/**
 * Subscribes to `filter` and reports each message and each change of the connection. Returns how to leave.
 */
export function observe(address: BrokerAddress, filter: string, report: Report): () => Promise<void> {
  const client = mqtt.connect({
    host: address.host, port: address.port, protocol: "mqtt", reconnectPeriod: 1000, connectTimeout: 5000,
    clientId: `motelet-observer-${process.pid}`, resubscribe: true,
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: Buffer.from(address.password) }),
  });
  let told = "";
  client.on("connect", () => {
    told = "";
    client.subscribe(filter, { qos: 2 });
  });
  client.on("error", (error: Error & { code?: string | number }) => {
    const reason = error.code === "ECONNREFUSED" ? "nothing listens there" : error.message || String(error.code);
    if (told !== reason) report({ type: "broker", state: "unreachable", reason: `${address.shown}: ${reason}` });
    told = reason;
  });
  client.on("message", (topic, payload, packet) => {
    // What was there before is not news of this node.
    if (packet.retain) return;
    report({
      type: "message", topic, payload: Buffer.from(payload).toString("latin1"), qos: packet.qos, retain: packet.retain,
    });
  });
  return () => client.endAsync(true);
}
