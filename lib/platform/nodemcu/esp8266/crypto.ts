/** Chance and digests of the ESP8266. Firmware modules: crypto, encoder, node. */
import { crypto, encoder, node, string } from "../api.ts";

const byte = (): number => node.random(0, 255);

/** Four bytes of chance, then `bytes` with these laid over them again and again by exclusive or. */
export const veil = (bytes: string): string => {
  const mask = string.char(byte(), byte(), byte(), byte());
  return mask + crypto.mask(bytes, mask);
};

/** Text without its spaces, and without a difference between large and small letters. */
export const compact = (text: string): string => string.gsub(text.toLowerCase(), " ", "");

/** Bytes in base64. */
export const base64 = encoder.toBase64;

/** The SHA-1 of some bytes, in base64. */
export const sha1Base64 = (bytes: string): string => base64(crypto.sha1(bytes));
