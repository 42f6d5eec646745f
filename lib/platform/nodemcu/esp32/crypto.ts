/** Chance and digests of the ESP32. Firmware modules: crypto, encoder; bit with Lua 5.1. */
import { crypto, encoder, math, string, table } from "../api.ts";

const byte = (): number => math.random(0, 255);

/**
 * Four bytes of chance, then `bytes` with these laid over them again and again by exclusive or. The firmware's crypto
 * has no mask here, nor has Lua chance of the hardware; `join` of wifi.ts has seeded its own.
 */
export const veil = (bytes: string): string => {
  const mask = [byte(), byte(), byte(), byte()];
  const parts = [string.char(mask[0]!, mask[1]!, mask[2]!, mask[3]!)];
  for (let i = 0; i < bytes.length; i++) {
    parts.push(string.char(string.byte(bytes, i + 1) ^ mask[i & 3]!));
  }
  return table.concat(parts);
};

/** Text without its spaces, and without a difference between large and small letters. */
export const compact = (text: string): string => string.gsub(text.toLowerCase(), " ", "");

/** Bytes in base64. */
export const base64 = encoder.toBase64;

/** The SHA-1 of some bytes, in base64. */
export const sha1Base64 = (bytes: string): string => {
  const hash = crypto.new_hash("SHA1");
  hash.update(bytes);
  return base64(hash.finalize());
};
