/**
 * Reads a direction of an MQTT 3.1.1 connection for the log: what packet, of how many bytes, about what. It
 * shares nothing with lib/mqtt, so that one misreading of the standard does not pass on both sides. Never
 * throws: from the first malformed byte on it reports what is wrong once and then keeps quiet.
 */

export interface PacketSummary {
  /** "CONNECT", "PUBLISH", ... or "malformed". */
  packet: string;
  /** Bytes of the whole packet. */
  bytes: number;
  topic?: string;
  qos?: number;
  retain?: boolean;
  dup?: boolean;
  id?: number;
  /** CONNACK: return code and session present. SUBACK: none. */
  code?: number;
  sessionPresent?: boolean;
  clientId?: string;
  keepAliveSeconds?: number;
  cleanSession?: boolean;
  /** What is malformed. */
  problem?: string;
}

/** Table 2.1 of the standard. */
const NAMES = [
  "reserved", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK",
  "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "reserved",
];

/** The head of a packet that is kept to be read: the longest topic and the fields before it. */
const HEAD_BYTES = 65_600;

/** Gets each packet, and its bytes: of a very long one, the head. */
export type OnPacket = (packet: PacketSummary, bytes: Uint8Array) => void;

/** The log of one direction of a connection: give it the bytes as they come. */
export function packetReader(onPacket: OnPacket): (bytes: Uint8Array) => void {
  let head = Buffer.alloc(0);
  let skip = 0;
  let broken = false;
  const fail = (problem: string, bytes: number, seen: Uint8Array): void => {
    broken = true;
    onPacket({ packet: "malformed", bytes, problem }, seen);
  };
  return (bytes) => {
    let rest: Uint8Array = bytes;
    while (rest.length > 0 && !broken) {
      if (skip > 0) {
        const gone = Math.min(skip, rest.length);
        skip -= gone;
        rest = rest.subarray(gone);
        continue;
      }
      head = Buffer.concat([head, rest]);
      rest = new Uint8Array(0);
      const size = packetSize(head);
      if (size === undefined) return;
      if (size.total < 0) return fail("remaining length has more than 4 bytes", head.length, head);
      if (head.length < Math.min(size.total, HEAD_BYTES)) return;
      const packet = head.subarray(0, Math.min(size.total, head.length));
      rest = head.subarray(packet.length);
      skip = size.total - packet.length;
      head = Buffer.alloc(0);
      const summary = summarise(packet, size.header, size.total);
      if (typeof summary === "string") return fail(summary, size.total, packet);
      onPacket(summary, packet);
    }
  };
}

/**
 * Bytes of the fixed header and of the whole packet; undefined while it is not known, total -1 when
 * malformed.
 */
function packetSize(head: Buffer): { header: number; total: number } | undefined {
  let remaining = 0;
  for (let i = 1; i <= 4; i++) {
    if (i >= head.length) return undefined;
    const byte = head[i]!;
    remaining += (byte & 127) * 128 ** (i - 1);
    if (byte < 128) return { header: i + 1, total: i + 1 + remaining };
  }
  return { header: 5, total: -1 };
}

function summarise(packet: Buffer, header: number, bytes: number): PacketSummary | string {
  const type = packet[0]! >> 4;
  const flags = packet[0]! & 15;
  const name = NAMES[type]!;
  const body = packet.subarray(header);
  const text = (at: number): string | undefined =>
    at + 2 <= body.length && at + 2 + body.readUInt16BE(at) <= body.length
      ? body.toString("utf8", at + 2, at + 2 + body.readUInt16BE(at))
      : undefined;
  const short = `${name} of ${bytes} bytes ends too early`;
  if (name === "reserved") return `packet type ${type} is reserved`;
  if (name === "PUBLISH") {
    const topic = text(0);
    const qos = (flags >> 1) & 3;
    if (topic === undefined) return short;
    if (qos === 3) return "PUBLISH has QoS 3";
    const at = 2 + body.readUInt16BE(0);
    if (qos > 0 && body.length < at + 2) return short;
    const more = qos > 0 ? { id: body.readUInt16BE(at) } : {};
    return { packet: name, bytes, topic, qos, retain: (flags & 1) === 1, dup: (flags & 8) !== 0, ...more };
  }
  if (name === "CONNECT") {
    const clientId = text(10);
    if (clientId === undefined) return short;
    return {
      packet: name, bytes, clientId, keepAliveSeconds: body.readUInt16BE(8), cleanSession: (body[7]! & 2) !== 0,
    };
  }
  if (name === "CONNACK") {
    if (body.length < 2) return short;
    return { packet: name, bytes, code: body[1]!, sessionPresent: (body[0]! & 1) === 1 };
  }
  if (name.startsWith("PING") || name === "DISCONNECT") return { packet: name, bytes };
  if (body.length < 2) return short;
  const topic = name === "SUBSCRIBE" || name === "UNSUBSCRIBE" ? text(2) : undefined;
  return { packet: name, bytes, id: body.readUInt16BE(0), ...(topic === undefined ? {} : { topic }) };
}
