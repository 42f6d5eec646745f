/**
 * Every packet of MQTT 3.1.1 (chapter 3): as an object, as bytes with what each says, and what the client has to do
 * with it, to send it or where it gets it.
 */
import type { Instance } from "./instance.ts";

/** A packet as mqtt-packet has it. */
export interface Packet {
  cmd: string;
  [field: string]: unknown;
}

/** Bytes as hexadecimal numbers, and what they say. */
export type Said = [bytes: string, meaning: string][];

/** A packet that the client sends. */
export interface Sent {
  name: string;
  packet: Packet;
  bytes: Said;
  /** Makes a client that is connected send it; CONNECT: returns it. */
  send: (c: Instance) => string | void;
}

/** A packet that the client gets. */
export interface Got {
  name: string;
  packet: Packet;
  bytes: Said;
  /** What comes of it, see `effects` of packets.test.ts. */
  effects: string[];
}

const field = (text: string): string => String.fromCharCode(text.length >> 8, text.length & 255) + text;
const TOPIC = field("a/b");
const HEADER: Said = [["00 04 4d 51 54 54", "protocol name MQTT"], ["04", "protocol level 4: 3.1.1"]];

export const SENT: Sent[] = [
  {
    name: "CONNECT of a client without a name",
    packet: { cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clean: true, clientId: "", keepalive: 0 },
    bytes: [
      ["10", "CONNECT"], ["0c", "12 bytes follow"], ...HEADER,
      ["02", "clean session: an empty client id demands it [MQTT-3.1.3-7]"], ["00 00", "no keep-alive"],
      ["00 00", "client id"],
    ],
    send: (c) => c.packet.connect({ clientId: "", cleanSession: true, keepAlive: 0 }),
  },
  {
    name: "CONNECT with all there is",
    packet: {
      cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clean: false, clientId: "n1", keepalive: 300,
      username: "me", password: Buffer.from("pw"), will: { topic: "s", payload: Buffer.from("off"), qos: 2, retain: true },
    },
    bytes: [
      ["10", "CONNECT"], ["1e", "30 bytes follow"], ...HEADER,
      ["f4", "user name, password, will retain, will QoS 2, will; no clean session"], ["01 2c", "keep-alive 300 s"],
      ["00 02 6e 31", "client id"], ["00 01 73", "will topic"], ["00 03 6f 66 66", "will message"],
      ["00 02 6d 65", "user name"], ["00 02 70 77", "password"],
    ],
    send: (c) => c.packet.connect({
      clientId: "n1", cleanSession: false, keepAlive: 300, username: "me", password: "pw",
      will: { topic: "s", payload: "off", qos: 2, retain: true },
    }),
  },
  {
    name: "CONNECT with a user name alone, without a will [MQTT-3.1.2-13, MQTT-3.1.2-15, MQTT-3.1.2-22]",
    packet: {
      cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clean: true, clientId: "n", keepalive: 60, username: "me",
    },
    bytes: [
      ["10", "CONNECT"], ["11", "17 bytes follow"], ...HEADER,
      ["82", "user name; no will, so its QoS and retain are 0; clean session"], ["00 3c", "keep-alive 60 s"],
      ["00 01 6e", "client id"], ["00 02 6d 65", "user name"],
    ],
    send: (c) => c.packet.connect({ clientId: "n", cleanSession: true, keepAlive: 60, username: "me" }),
  },
  {
    name: "CONNECT with an empty will message and an empty password",
    packet: {
      cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clean: true, clientId: "n", keepalive: 60,
      username: "me", password: Buffer.alloc(0), will: { topic: "s", payload: Buffer.alloc(0), qos: 0, retain: false },
    },
    bytes: [
      ["10", "CONNECT"], ["18", "24 bytes follow"], ...HEADER, ["c6", "user name, password, will QoS 0, clean session"],
      ["00 3c", "keep-alive 60 s"], ["00 01 6e", "client id"], ["00 01 73", "will topic"], ["00 00", "will message"],
      ["00 02 6d 65", "user name"], ["00 00", "password"],
    ],
    send: (c) => c.packet.connect({
      clientId: "n", cleanSession: true, keepAlive: 60, username: "me", password: "",
      will: { topic: "s", payload: "", qos: 0, retain: false },
    }),
  },
  {
    name: "PUBLISH at QoS 0",
    packet: { cmd: "publish", qos: 0, dup: false, retain: false, topic: "a/b", payload: Buffer.from("hi") },
    bytes: [["30", "PUBLISH, QoS 0"], ["07", "7 bytes follow"], ["00 03 61 2f 62", "topic"], ["68 69", "payload"]],
    send: (c) => void c.publish.publish(TOPIC, "hi", 0),
  },
  {
    name: "PUBLISH at QoS 0, retained, empty",
    packet: { cmd: "publish", qos: 0, dup: false, retain: true, topic: "a/b", payload: Buffer.alloc(0) },
    bytes: [["31", "PUBLISH, QoS 0, retain"], ["05", "5 bytes follow"], ["00 03 61 2f 62", "topic"]],
    send: (c) => void c.publish.publish(TOPIC, "", c.publish.RETAIN),
  },
  {
    name: "PUBLISH with a topic in UTF-8, its length in bytes",
    packet: { cmd: "publish", qos: 0, dup: false, retain: false, topic: "café", payload: Buffer.from("1") },
    bytes: [["30", "PUBLISH, QoS 0"], ["08", "8 bytes follow"], ["00 05 63 61 66 c3 a9", "topic"], ["31", "payload"]],
    send: (c) => void c.publish.publish(field(Buffer.from("café").toString("latin1")), "1", 0),
  },
  {
    name: "PUBLISH of 128 bytes: two bytes of remaining length",
    packet: { cmd: "publish", qos: 0, dup: false, retain: false, topic: "a/b", payload: Buffer.alloc(123, "x") },
    bytes: [
      ["30", "PUBLISH, QoS 0"], ["80 01", "128 bytes follow"], ["00 03 61 2f 62", "topic"],
      ["78 ".repeat(123).trim(), "payload"],
    ],
    send: (c) => void c.publish.publish(TOPIC, "x".repeat(123), 0),
  },
  {
    name: "PUBLISH at QoS 1",
    packet: { cmd: "publish", qos: 1, dup: false, retain: false, topic: "a/b", payload: Buffer.from("hi"), messageId: 1 },
    bytes: [
      ["32", "PUBLISH, QoS 1"], ["09", "9 bytes follow"], ["00 03 61 2f 62", "topic"], ["00 01", "id"], ["68 69", "payload"],
    ],
    send: (c) => void c.qos1.publishKept(TOPIC, "hi", 2),
  },
  {
    name: "PUBLISH at QoS 2, retained",
    packet: { cmd: "publish", qos: 2, dup: false, retain: true, topic: "a/b", payload: Buffer.from("hi"), messageId: 1 },
    bytes: [
      ["35", "PUBLISH, QoS 2, retain"], ["09", "9 bytes follow"], ["00 03 61 2f 62", "topic"], ["00 01", "id"],
      ["68 69", "payload"],
    ],
    send: (c) => void c.qos1.publishKept(TOPIC, "hi", 5),
  },
  {
    name: "PUBACK [MQTT-2.3.1-6]",
    packet: { cmd: "puback", messageId: 4660 },
    bytes: [["40", "PUBACK"], ["02", "2 bytes follow"], ["12 34", "id"]],
    send: (c) => c.link().data("\x32\x07\0\x03a/b\x12\x34"),
  },
  {
    name: "PUBREC",
    packet: { cmd: "pubrec", messageId: 4660 },
    bytes: [["50", "PUBREC"], ["02", "2 bytes follow"], ["12 34", "id"]],
    send: (c) => c.link().data("\x34\x07\0\x03a/b\x12\x34"),
  },
  {
    name: "PUBREL [MQTT-3.6.1-1]",
    packet: { cmd: "pubrel", messageId: 4660 },
    bytes: [["62", "PUBREL, flags 0010"], ["02", "2 bytes follow"], ["12 34", "id"]],
    send: (c) => c.link().data("\x50\x02\x12\x34"),
  },
  {
    name: "PUBCOMP",
    packet: { cmd: "pubcomp", messageId: 4660 },
    bytes: [["70", "PUBCOMP"], ["02", "2 bytes follow"], ["12 34", "id"]],
    send: (c) => c.link().data("\x62\x02\x12\x34"),
  },
  {
    name: "SUBSCRIBE of one filter [MQTT-3.8.1-1, MQTT-3.8.3-3]",
    packet: { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a/b", qos: 1 }] },
    bytes: [["82", "SUBSCRIBE, flags 0010"], ["08", "8 bytes follow"], ["00 01", "id"], ["00 03 61 2f 62", "filter"], ["01", "QoS 1"]],
    send: (c) => c.subscribe.subscribe(TOPIC, 1, () => {}),
  },
  {
    name: "SUBSCRIBE, anew in a session that the broker lost",
    packet: { cmd: "subscribe", messageId: 2, subscriptions: [{ topic: "c", qos: 2 }] },
    bytes: [
      ["82", "SUBSCRIBE, flags 0010"], ["06", "6 bytes follow"], ["00 02", "id"], ["00 01 63", "filter"], ["02", "QoS 2"],
    ],
    send: (c: Instance): void => {
      c.subscribe.subscribe(field("c"), 2, () => {});
      c.link().data("\x90\x03\0\x01\x02");
      c.client.fail(c.reason.LINK_CLOSED);
      c.clock.advance(1000);
      c.accept(false);
    },
  },
  {
    name: "UNSUBSCRIBE [MQTT-3.10.1-1, MQTT-3.10.3-2]",
    packet: { cmd: "unsubscribe", messageId: 1, unsubscriptions: ["a/b"] },
    bytes: [["a2", "UNSUBSCRIBE, flags 0010"], ["07", "7 bytes follow"], ["00 01", "id"], ["00 03 61 2f 62", "filter"]],
    send: (c) => c.unsubscribe.unsubscribe(TOPIC),
  },
  {
    name: "PINGREQ",
    packet: { cmd: "pingreq" },
    bytes: [["c0", "PINGREQ"], ["00", "nothing follows"]],
    send: (c) => c.clock.advance(30000),
  },
  {
    name: "DISCONNECT",
    packet: { cmd: "disconnect" },
    bytes: [["e0", "DISCONNECT"], ["00", "nothing follows"]],
    send: (c) => c.client.stop(),
  },
];

const REFUSALS = ["", "protocol level", "client id", "server unavailable", "user name or password", "not authorised"];

/**
 * The client that gets them has in flight: a PUBLISH of QoS 1 (id 1), one of QoS 2 (id 2), a PUBREL (id 3), a
 * SUBSCRIBE (id 4), an UNSUBSCRIBE (id 5).
 */
export const GOT: Got[] = [
  {
    name: "CONNACK of a new session",
    packet: { cmd: "connack", returnCode: 0, sessionPresent: false },
    bytes: [["20", "CONNACK"], ["02", "2 bytes follow"], ["00", "no session present"], ["00", "accepted"]],
    effects: ["up, new session"],
  },
  {
    name: "CONNACK of a session that was kept [MQTT-3.2.2-4]",
    packet: { cmd: "connack", returnCode: 0, sessionPresent: true },
    bytes: [["20", "CONNACK"], ["02", "2 bytes follow"], ["01", "session present"], ["00", "accepted"]],
    effects: ["up, session present"],
  },
  ...[1, 2, 3, 4, 5].map((code): Got => ({
    name: `CONNACK that refuses: ${REFUSALS[code]}`,
    packet: { cmd: "connack", returnCode: code, sessionPresent: false },
    bytes: [["20", "CONNACK"], ["02", "2 bytes follow"], ["00", "no session present"], [`0${code}`, REFUSALS[code]!]],
    effects: [`down, reason ${code}`],
  })),
  {
    name: "PUBLISH at QoS 0",
    packet: { cmd: "publish", qos: 0, dup: false, retain: false, topic: "a/b", payload: Buffer.from("hi") },
    bytes: [["30", "PUBLISH, QoS 0"], ["07", "7 bytes follow"], ["00 03 61 2f 62", "topic"], ["68 69", "payload"]],
    effects: ["a/b: hi"],
  },
  {
    name: "PUBLISH at QoS 0, retained, empty",
    packet: { cmd: "publish", qos: 0, dup: false, retain: true, topic: "a/b", payload: Buffer.alloc(0) },
    bytes: [["31", "PUBLISH, QoS 0, retain"], ["05", "5 bytes follow"], ["00 03 61 2f 62", "topic"]],
    effects: ["a/b:  (retained)"],
  },
  {
    name: "PUBLISH of 128 bytes: two bytes of remaining length",
    packet: { cmd: "publish", qos: 0, dup: false, retain: false, topic: "a/b", payload: Buffer.alloc(123, "x") },
    bytes: [
      ["30", "PUBLISH, QoS 0"], ["80 01", "128 bytes follow"], ["00 03 61 2f 62", "topic"],
      ["78 ".repeat(123).trim(), "payload"],
    ],
    effects: [`a/b: ${"x".repeat(123)}`],
  },
  {
    name: "PUBLISH at QoS 1, DUP: a new message all the same [MQTT-4.3.2-2]",
    packet: { cmd: "publish", qos: 1, dup: true, retain: false, topic: "a/b", payload: Buffer.from("hi"), messageId: 10 },
    bytes: [
      ["3a", "PUBLISH, DUP, QoS 1"], ["09", "9 bytes follow"], ["00 03 61 2f 62", "topic"], ["00 0a", "id"],
      ["68 69", "payload"],
    ],
    effects: ["a/b: hi", "sends 40 02 00 0a"],
  },
  {
    name: "PUBLISH at QoS 2",
    packet: { cmd: "publish", qos: 2, dup: false, retain: false, topic: "a/b", payload: Buffer.from("hi"), messageId: 10 },
    bytes: [
      ["34", "PUBLISH, QoS 2"], ["09", "9 bytes follow"], ["00 03 61 2f 62", "topic"], ["00 0a", "id"],
      ["68 69", "payload"],
    ],
    effects: ["a/b: hi", "sends 50 02 00 0a"],
  },
  {
    name: "PUBACK",
    packet: { cmd: "puback", messageId: 1 },
    bytes: [["40", "PUBACK"], ["02", "2 bytes follow"], ["00 01", "id"]],
    effects: ["id 1 is done"],
  },
  {
    name: "PUBREC",
    packet: { cmd: "pubrec", messageId: 2 },
    bytes: [["50", "PUBREC"], ["02", "2 bytes follow"], ["00 02", "id"]],
    effects: ["sends 62 02 00 02"],
  },
  {
    name: "PUBREL",
    packet: { cmd: "pubrel", messageId: 10 },
    bytes: [["62", "PUBREL, flags 0010"], ["02", "2 bytes follow"], ["00 0a", "id"]],
    effects: ["sends 70 02 00 0a"],
  },
  {
    name: "PUBCOMP",
    packet: { cmd: "pubcomp", messageId: 3 },
    bytes: [["70", "PUBCOMP"], ["02", "2 bytes follow"], ["00 03", "id"]],
    effects: ["id 3 is done"],
  },
  {
    name: "SUBACK that refuses; each SUBSCRIBE has one filter, so there is one code [MQTT-3.9.3-1, MQTT-3.9.3-2]",
    packet: { cmd: "suback", messageId: 4, granted: [128] },
    bytes: [["90", "SUBACK"], ["03", "3 bytes follow"], ["00 04", "id"], ["80", "refused"]],
    effects: ["id 4 is done: 80"],
  },
  {
    name: "UNSUBACK",
    packet: { cmd: "unsuback", messageId: 5 },
    bytes: [["b0", "UNSUBACK"], ["02", "2 bytes follow"], ["00 05", "id"]],
    effects: ["id 5 is done"],
  },
  {
    name: "PINGRESP",
    packet: { cmd: "pingresp" },
    bytes: [["d0", "PINGRESP"], ["00", "nothing follows"]],
    effects: [],
  },
];
