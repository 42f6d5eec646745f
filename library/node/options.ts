/** The options of `connect`, checked and completed. */
import { randomBytes } from "node:crypto";
import { connect as connectPacket } from "../../lib/mqtt/packet.ts";
import type { ConnectOptions, Payload, QoS, WhenFull } from "../mqtt.d.ts";
import { binaryBytes, stringBytes, topicBytes } from "./text.ts";

export interface Settings {
  host: string;
  port: number;
  clientId: string;
  cleanSession: boolean;
  /** CONNECT, as bytes. */
  packet: string;
  halfKeepAliveMs: number;
  inflight: { messages: number; bytes: number };
  offline: { messages: number; bytes: number; whenFull: WhenFull };
  largestIncoming: number;
  sendBuffer: number;
}

const KEYS = [
  "url", "host", "port", "username", "password", "clientId", "keepAlive", "cleanSession", "will", "inflight", "offline",
  "largestIncoming", "sendBuffer",
];
const DEFAULT_PORT = 1883;
const DEFAULT_KEEP_ALIVE_S = 60;
/** How often to look whether the broker is there where keep-alive is off. */
const IDLE_PING_MS = 60_000;
/** A remaining length has at most 4 bytes (2.2.3). */
const LARGEST_LENGTH = 268_435_455;
const MIB = 1_048_576;

const knownKeys = (object: object, keys: string[], what: string): void => {
  for (const key of Object.keys(object)) {
    if (!keys.includes(key)) {
      throw new TypeError(`${what} has no ${JSON.stringify(key)}; there are ${keys.join(", ")}`);
    }
  }
};

const whole = (value: number | undefined, standard: number, low: number, high: number, what: string): number => {
  const number = value ?? standard;
  if (!Number.isInteger(number) || number < low || number > high) {
    throw new RangeError(`${what} is ${String(number)}: a whole number from ${low} to ${high} is needed`);
  }
  return number;
};

/** 0, 1 or 2; 0 where nothing is said. Throws otherwise. */
export const qosOf = (qos: QoS | undefined, what = "qos"): QoS => whole(qos, 0, 0, 2, what) as QoS;

interface Address {
  host: string;
  port: number;
  username?: string | undefined;
  password?: Payload | undefined;
}

const fromUrl = (text: string): Address => {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new TypeError(`url ${JSON.stringify(text)} is no URL: write mqtt://host:1883`);
  }
  if (["mqtts:", "ws:", "wss:"].includes(url.protocol)) {
    throw new TypeError(`url: ${url.protocol}// is not supported yet by this build: use mqtt://`);
  }
  if (url.protocol !== "mqtt:" || url.hostname === "" || url.search !== "" || !["", "/"].includes(url.pathname)) {
    throw new TypeError("url: write mqtt://host:1883 or mqtt://user:password@host:1883, and nothing more");
  }
  const part = (value: string): string | undefined => (value === "" ? undefined : decodeURIComponent(value));
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    username: part(url.username),
    password: part(url.password),
  };
};

const addressOf = (options: ConnectOptions): Address => {
  if (options.url === undefined && options.host === undefined) {
    throw new TypeError('connect needs a url ("mqtt://host:1883") or a host');
  }
  if (options.url !== undefined && options.host !== undefined) {
    throw new TypeError("connect takes a url or a host, not both");
  }
  const { host, port, username, password } = options.url === undefined
    ? { host: options.host!, port: DEFAULT_PORT, username: undefined, password: undefined }
    : fromUrl(options.url);
  return {
    host: stringBytes(host, "host"),
    port: whole(options.port, port, 1, 65_535, "port"),
    username: options.username ?? username,
    password: options.password ?? password,
  };
};

const willOf = (will: NonNullable<ConnectOptions["will"]>): Parameters<typeof connectPacket>[0]["will"] => {
  knownKeys(will, ["topic", "payload", "qos", "retain"], "will");
  return {
    topic: topicBytes(will.topic, "will.topic"),
    payload: binaryBytes(will.payload, "will.payload"),
    qos: qosOf(will.qos, "will.qos"),
    retain: will.retain === true,
  };
};

const offlineOf = (offline: NonNullable<ConnectOptions["offline"]>): Settings["offline"] => {
  knownKeys(offline, ["messages", "bytes", "whenFull"], "offline");
  const whenFull = offline.whenFull ?? "reject";
  if (!["reject", "oldest", "latest"].includes(whenFull)) {
    throw new TypeError('offline.whenFull is "reject", "oldest" or "latest"');
  }
  return {
    messages: whole(offline.messages, 1000, 1, 1e9, "offline.messages"),
    bytes: whole(offline.bytes, MIB, 1, Number.MAX_SAFE_INTEGER, "offline.bytes"),
    whenFull,
  };
};

/**
 * Checks what `connect` was given.
 * @throws TypeError, RangeError: which option is wrong, and what would be right
 */
export const settingsOf = (given: ConnectOptions | string): Settings => {
  const options: ConnectOptions = typeof given === "string" ? { url: given } : given;
  knownKeys(options, KEYS, "connect");
  const { host, port, username, password } = addressOf(options);
  const cleanSession = options.cleanSession ?? true;
  if (!cleanSession && (options.clientId ?? "") === "") {
    throw new TypeError("cleanSession: false needs a clientId that stays the same: the broker keeps the session under it "
      + "[MQTT-3.1.3-7]");
  }
  if (password !== undefined && username === undefined) {
    throw new TypeError("password needs a username [MQTT-3.1.2-22]");
  }
  const clientId = options.clientId ?? `motelet-${randomBytes(6).toString("hex")}`;
  const keepAlive = whole(options.keepAlive, DEFAULT_KEEP_ALIVE_S, 0, 65_535, "keepAlive (seconds)");
  const inflight = options.inflight ?? {};
  knownKeys(inflight, ["messages", "bytes"], "inflight");
  return {
    host,
    port,
    clientId,
    cleanSession,
    packet: connectPacket({
      clientId: stringBytes(clientId, "clientId"),
      cleanSession,
      keepAlive,
      username: username === undefined ? undefined : stringBytes(username, "username"),
      password: password === undefined ? undefined : binaryBytes(password, "password"),
      will: options.will && willOf(options.will),
    }),
    halfKeepAliveMs: keepAlive > 0 ? keepAlive * 500 : IDLE_PING_MS,
    inflight: {
      // Ids are two bytes; the search for a free one is the limit long before.
      messages: whole(inflight.messages, 16, 1, 10_000, "inflight.messages"),
      bytes: whole(inflight.bytes, 262_144, 16, LARGEST_LENGTH, "inflight.bytes"),
    },
    offline: offlineOf(options.offline ?? {}),
    largestIncoming: whole(options.largestIncoming, MIB, 128, LARGEST_LENGTH, "largestIncoming"),
    sendBuffer: whole(options.sendBuffer, MIB, 0, Number.MAX_SAFE_INTEGER, "sendBuffer"),
  };
};
