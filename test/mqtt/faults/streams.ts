/** Streams of bytes as a broker might send them, whole and broken. */
import { below, pick, type Rng } from "./rng.ts";
import { encode, text, u16 } from "./wire.ts";

const byte = String.fromCharCode;
const bytes = (rng: Rng, length: number): string => {
  let made = "";
  while (made.length < length) made += byte(below(rng, 256));
  return made;
};

/** First bytes that a client may get, and some that it may not. */
const FIRSTS = [0x20, 0x30, 0x31, 0x32, 0x34, 0x36, 0x3a, 0x3c, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0];
const BAD_FIRSTS = [0x00, 0x10, 0x21, 0x41, 0x60, 0x63, 0x82, 0x91, 0xa2, 0xc0, 0xe0, 0xf0];

/** An id among few, so that they meet. */
const id = (rng: Rng): string => u16(1 + below(rng, 40));

const publish = (rng: Rng): string => {
  const qos = below(rng, 3);
  const flags = qos * 2 + (rng() < 0.1 ? 1 : 0) + (qos > 0 && rng() < 0.3 ? 8 : 0);
  // Some are larger than what the client takes.
  const payload = bytes(rng, rng() < 0.1 ? 40 + below(rng, 300) : below(rng, 12));
  return encode(3, flags, text(pick(rng, ["a", "b", "a/b/c"])) + (qos > 0 ? id(rng) : "") + payload);
};

/** A packet that a broker may send to a client that is connected. */
export const validPacket = (rng: Rng): string => {
  const chance = rng();
  if (chance < 0.5) return publish(rng);
  if (chance < 0.9) {
    const type = pick(rng, [4, 5, 6, 6, 6, 7, 11]);
    return encode(type, type === 6 ? 2 : 0, id(rng));
  }
  return chance < 0.95 ? encode(13, 0, "") : encode(9, 0, id(rng) + pick(rng, ["\0", "\x01", "\x80", "\0\x02"]));
};

/** A header of any kind over bytes of any kind, the length often one that is wrong. */
const strangePacket = (rng: Rng): string => {
  if (rng() < 0.3) return "\x20\x02\0\0";
  const body = bytes(rng, below(rng, 8));
  const length = pick(rng, [
    byte(body.length), byte(below(rng, 128)), byte(128 + body.length, 0), byte(0x80 + below(rng, 128), below(rng, 3)),
    "\x80\x80\x80\x01", "\xff\xff\xff\x7f", "\x80\x80\x80\x80\x01", "\xff\xff\xff\xff",
  ]);
  return byte(rng() < 0.7 ? pick(rng, FIRSTS) : pick(rng, BAD_FIRSTS)) + length + body;
};

/** Changes a stream in one place. */
const change = (rng: Rng, stream: string): string => {
  const at = below(rng, stream.length + 1);
  const to = at + below(rng, 6);
  const changed = byte(rng() < 0.5 ? below(rng, 256) : (stream.charCodeAt(at) ^ 1 << below(rng, 8)) & 255);
  return pick(rng, [
    () => stream.slice(0, at) + changed + stream.slice(at + 1),
    () => stream.slice(0, at) + stream.slice(to),
    () => stream.slice(0, at) + bytes(rng, 1 + below(rng, 4)) + stream.slice(at),
    () => stream.slice(0, to) + stream.slice(at),
    () => stream.slice(0, at),
  ])();
};

/** Some packets one after the other, many of them broken somewhere; and how many they were before that. */
export const drawStream = (rng: Rng, withConnack: boolean): { stream: string; packets: number } => {
  const packets = 1 + below(rng, 16);
  let stream = withConnack ? pick(rng, ["\x20\x02\0\0", "\x20\x02\x01\0", "\x20\x02\0\x05", "\x20\x02\x02\0", ""]) : "";
  for (let i = 0; i < packets; i++) stream += rng() < 0.05 ? strangePacket(rng) : validPacket(rng);
  const chance = rng();
  if (chance < 0.05) return { stream: bytes(rng, below(rng, 60)), packets };
  for (let changes = chance < 0.6 ? 0 : 1 + below(rng, 3); changes > 0; changes--) stream = change(rng, stream);
  return { stream, packets };
};
