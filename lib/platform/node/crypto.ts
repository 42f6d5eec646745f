/** Chance and digests of Node. */
import { createHash, randomBytes } from "node:crypto";

/** Four bytes of chance, then `bytes` with these laid over them again and again by exclusive or. */
export const veil = (bytes: string): string => {
  const mask = randomBytes(4);
  const veiled = Buffer.from(bytes, "latin1");
  for (let i = 0; i < veiled.length; i++) {
    veiled[i]! ^= mask[i & 3]!;
  }
  return mask.toString("latin1") + veiled.toString("latin1");
};

/** Text without its spaces, and without a difference between large and small letters. */
export const compact = (text: string): string => text.toLowerCase().replaceAll(" ", "");

/** Bytes in base64. */
export const base64 = (bytes: string): string => Buffer.from(bytes, "latin1").toString("base64");

/** The SHA-1 of some bytes, in base64. */
export const sha1Base64 = (bytes: string): string => createHash("sha1").update(bytes, "latin1").digest("base64");
