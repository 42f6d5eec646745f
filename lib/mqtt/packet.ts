/**
 * The pure codec of MQTT 3.1.1: bytes in, bytes out, no state. Bytes are binary strings (char codes 0 to 255).
 * What a build can compute (CONNECT, topics) is computed on the host with these functions and becomes a constant.
 */

/** Bytes from numbers. */
export const char = String.fromCharCode;

/** First bytes of packets (2.2.1, with the flags of 2.2.2); PUBLISH without its flags. */
export const PUBLISH = 0x30;
export const PUBACK = 0x40;
export const PUBREC = 0x50;
export const PUBREL = 0x62;
export const PUBCOMP = 0x70;
export const SUBSCRIBE = 0x82;
export const SUBACK = 0x90;
export const UNSUBSCRIBE = 0xa2;
export const UNSUBACK = 0xb0;

/** Acknowledgements up to their packet id; SUBACK for one filter. */
export const PUBACK_HEAD = "\x40\x02";
export const PUBREC_HEAD = "\x50\x02";
export const PUBREL_HEAD = "\x62\x02";
export const PUBCOMP_HEAD = "\x70\x02";
export const SUBACK_HEAD = "\x90\x03";
export const UNSUBACK_HEAD = "\xb0\x02";
export const PINGREQ_PACKET = "\xc0\0";
export const DISCONNECT_PACKET = "\xe0\0";

/** Two bytes, most significant first (1.5.2). */
export const uint16 = (value: number): string => char(value >>> 8, value & 255);

/** The number that the two bytes at `at` give. */
export const uint16At = (bytes: string, at: number): number => bytes.charCodeAt(at) * 256 + bytes.charCodeAt(at + 1);

/** A string or binary field: two bytes of length, then the bytes (1.5.3). At most 65535 bytes. */
export const field = (bytes: string): string => uint16(bytes.length) + bytes;

/** What the fourth and last byte of a remaining length counts (2.2.3) is 2,097,152; a fifth would count 268,435,456. */
export const LARGEST_SCALE = 3e6;

/** Fixed header (2.2): first byte, then the remaining length in 1 to 4 bytes, of which all but the last have bit 7. */
export const header = (first: number, length: number): string =>
  length < 128 ? char(first, length) : char(first) + header(128 | (length & 127), length >>> 7);

/** A whole packet from its first byte and its body. */
export const packet = (first: number, body: string): string => header(first, body.length) + body;

/** What CONNECT carries. All strings are bytes already (UTF-8 where the standard wants text). */
export interface ConnectFields {
  clientId: string;
  cleanSession: boolean;
  /** Seconds, 0 to 65535; 0 switches keep-alive off. */
  keepAlive: number;
  username?: string | undefined;
  password?: string | undefined;
  will?: { topic: string; payload: string; qos: number; retain: boolean } | undefined;
}

/**
 * CONNECT (3.1). Without a will its QoS and retain are 0 [MQTT-3.1.2-13, -15]; a password needs a user name
 * [MQTT-3.1.2-22].
 */
export const connect = (fields: ConnectFields): string => {
  let flags = fields.cleanSession ? 2 : 0;
  let payload = field(fields.clientId);
  const will = fields.will;
  if (will !== undefined) {
    flags += 4 + will.qos * 8 + (will.retain ? 32 : 0);
    payload += field(will.topic) + field(will.payload);
  }
  if (fields.username !== undefined) {
    flags += 128;
    payload += field(fields.username);
    if (fields.password !== undefined) {
      flags += 64;
      payload += field(fields.password);
    }
  }
  return packet(16, "\0\x04MQTT\x04" + char(flags) + uint16(fields.keepAlive) + payload);
};
