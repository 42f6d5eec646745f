/** The options of `connect`, checked and completed. */
import { randomBytes } from "node:crypto";
import { connect as connectPacket } from "../../lib/mqtt/packet.ts";
import type { ConnectOptions, QoS } from "../mqtt.d.ts";
import { addressOf, type Address } from "./address.ts";
import { knownKeys, whole } from "./check.ts";
import type { Bounds } from "./queue.ts";
import { binaryBytes, stringBytes, topicBytes } from "./text.ts";

export interface Settings {
  address: Address;
  clientId: string;
  cleanSession: boolean;
  /** CONNECT, as bytes. */
  packet: string;
  halfKeepAliveMs: number;
  inflight: { messages: number; bytes: number };
  offline: Bounds;
  largestIncoming: number;
  sendBuffer: number;
}

const KEYS = [
  "url", "host", "port", "tls", "username", "password", "clientId", "keepAlive", "cleanSession", "will", "inflight", "offline",
  "largestIncoming", "sendBuffer",
];
const DEFAULT_KEEP_ALIVE_S = 60;
/** How often to look whether the broker is there where keep-alive is off. */
const IDLE_PING_MS = 60_000;
/** A remaining length has at most 4 bytes (2.2.3). */
const LARGEST_LENGTH = 268_435_455;
const MIB = 1_048_576;

/** 0, 1 or 2; 0 where nothing is said. Throws otherwise. */
export const qosOf = (qos: QoS | undefined, what = "qos"): QoS => whole(qos, 0, 0, 2, what) as QoS;

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
  knownKeys(offline, ["messages", "bytes", "whenFull", "maxAgeMs"], "offline");
  const whenFull = offline.whenFull ?? "reject";
  if (!["reject", "oldest", "latest"].includes(whenFull)) {
    throw new TypeError('offline.whenFull is "reject", "oldest" or "latest"');
  }
  return {
    messages: whole(offline.messages, 1000, 1, 1e9, "offline.messages"),
    bytes: whole(offline.bytes, MIB, 1, Number.MAX_SAFE_INTEGER, "offline.bytes"),
    whenFull,
    // The longest that a timer of Node can wait.
    maxAgeMs: offline.maxAgeMs === undefined ? undefined : whole(offline.maxAgeMs, 0, 1, 2_147_483_647, "offline.maxAgeMs"),
  };
};

/**
 * Checks what `connect` was given.
 * @throws TypeError, RangeError: which option is wrong, and what would be right
 */
export const settingsOf = (given: ConnectOptions | string): Settings => {
  const options: ConnectOptions = typeof given === "string" ? { url: given } : given;
  knownKeys(options, KEYS, "connect");
  const address = addressOf(options);
  const { username, password } = address;
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
    address,
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
