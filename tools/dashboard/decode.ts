/**
 * An MQTT 3.1.1 packet byte by byte, for people: what each part of it is. Runs in the page, too. Bytes that are missing
 * at the end, or make no sense, end the list. It shares nothing with lib/mqtt.
 */

export interface Part {
  name: string;
  /** Its bytes, the last one not included. */
  from: number;
  to: number;
  text: string;
}

/** Table 2.1 */
export const TYPES = [
  "reserved", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK",
  "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "reserved",
];

/** Table 3.1 */
export const RETURN_CODES = [
  "accepted", "unacceptable protocol version", "client id rejected", "server unavailable", "bad user name or password",
  "not authorised",
];

export const PASSWORD = "password";

/** Reads the bytes from left to right; `missing` once there are not enough. */
function createReader(bytes: Uint8Array) {
  const parts: Part[] = [];
  const text = new TextDecoder();
  let at = 0;
  let isMissing = false;
  const take = (count: number): number | undefined => {
    if (isMissing || at + count > bytes.length) {
      isMissing = true;
      return undefined;
    }
    at += count;
    return at - count;
  };
  return {
    parts,
    get at() { return at; },
    get left() { return isMissing ? 0 : bytes.length - at; },
    byte(name: string, show: (value: number) => string): number {
      const from = take(1);
      if (from === undefined) return 0;
      parts.push({ name, from, to: at, text: show(bytes[from]!) });
      return bytes[from]!;
    },
    word(name: string, show: (value: number) => string = String): void {
      const from = take(2);
      if (from !== undefined) parts.push({ name, from, to: at, text: show(bytes[from]! * 256 + bytes[from + 1]!) });
    },
    /** With its length in front of it. */
    string(name: string): void {
      const from = take(2);
      if (from === undefined) return;
      const length = bytes[from]! * 256 + bytes[from + 1]!;
      if (take(length) === undefined) return;
      parts.push({ name, from, to: at, text: `${text.decode(bytes.subarray(from + 2, at))} (${length} bytes)` });
    },
    rest(name: string): void {
      const from = at;
      if (isMissing) return;
      at = bytes.length;
      if (at > from) parts.push({ name, from, to: at, text: shown(bytes.subarray(from)) });
    },
  };
}

type Reader = ReturnType<typeof createReader>;

/** Text, or what it is where it is none. */
export function shown(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!/[\x00-\x08\x0e-\x1f]/.test(text)) return text;
  } catch {
    // It is no text.
  }
  return `${bytes.length} bytes that are no text`;
}

const qosText = (qos: number): string =>
  `QoS ${qos} (${["at most once", "at least once", "exactly once", "not allowed"][qos & 3]})`;

function publish(reader: Reader, flags: number): void {
  reader.string("topic");
  if ((flags & 6) !== 0) reader.word("packet id");
  reader.rest("payload");
}

function connect(reader: Reader): void {
  reader.string("protocol");
  reader.byte("protocol level", (level) => (level === 4 ? "4 (MQTT 3.1.1)" : String(level)));
  let flags = 0;
  reader.byte("connect flags", (value) => {
    flags = value;
    return [
      (value & 2) !== 0 ? "clean session" : "the session goes on",
      ...((value & 4) !== 0 ? [`will of ${qosText((value >> 3) & 3)}${(value & 32) !== 0 ? ", retained" : ""}`] : []),
      ...((value & 128) !== 0 ? ["user name"] : []), ...((value & 64) !== 0 ? ["password"] : []),
    ].join(", ");
  });
  reader.word("keep-alive", (seconds) => `${seconds} s`);
  reader.string("client id");
  if ((flags & 4) !== 0) {
    reader.string("will topic");
    reader.string("will payload");
  }
  if ((flags & 128) !== 0) reader.string("user name");
  if ((flags & 64) !== 0) reader.string(PASSWORD);
}

function subscribe(reader: Reader, withQos: boolean): void {
  reader.word("packet id");
  while (reader.left > 0) {
    reader.string("filter");
    if (withQos) reader.byte("asked for", qosText);
  }
}

/** The parts of a packet in order. */
export function decode(bytes: Uint8Array): Part[] {
  const reader = createReader(bytes);
  const first = reader.byte("fixed header", (value) => {
    const type = TYPES[value >> 4]!;
    if (type !== "PUBLISH") return type;
    return [type, ...((value & 8) !== 0 ? ["DUP"] : []), qosText((value >> 1) & 3), ...((value & 1) !== 0 ? ["retain"] : [])]
      .join(", ");
  });
  const lengthAt = reader.at;
  let length = 0;
  for (let i = 0, byte = 128; i < 4 && byte > 127; i++) {
    byte = reader.byte("remaining length", String);
    length += (byte & 127) * 128 ** i;
  }
  // Of its bytes one part.
  const lengthParts = reader.parts.splice(1);
  if (lengthParts.length === 0) return reader.parts;
  reader.parts.push({ name: "remaining length", from: lengthAt, to: reader.at, text: String(length) });
  const type = TYPES[first >> 4]!;
  if (type === "PUBLISH") publish(reader, first);
  else if (type === "CONNECT") connect(reader);
  else if (type === "CONNACK") {
    reader.byte("acknowledge flags", (value) => ((value & 1) !== 0 ? "session present" : "no session present"));
    reader.byte("return code", (code) => `${code} (${RETURN_CODES[code] ?? "reserved"})`);
  } else if (type === "SUBSCRIBE" || type === "UNSUBSCRIBE") subscribe(reader, type === "SUBSCRIBE");
  else if (type === "SUBACK") {
    reader.word("packet id");
    while (reader.left > 0) reader.byte("return code", (code) => (code === 128 ? "128 (refused)" : qosText(code)));
  } else if (length >= 2) reader.word("packet id");
  return reader.parts;
}

/** A copy in which nobody reads the password of a CONNECT; the same bytes where there is none. */
export function withoutPassword(bytes: Uint8Array): Uint8Array {
  if (bytes[0]! >> 4 !== 1) return bytes;
  const password = decode(bytes).find(({ name }) => name === PASSWORD);
  if (password === undefined) return bytes;
  const copy = bytes.slice();
  copy.fill(0x2a, password.from + 2, password.to);
  return copy;
}
