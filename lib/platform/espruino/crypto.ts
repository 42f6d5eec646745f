/** Chance and digests of Espruino (reference: E.hwRand, btoa, crypto.SHA1; `crypto` is not in every build). */

declare const E: {
  hwRand: () => number;
  toUint8Array: (...parts: (string | number)[]) => Uint8Array;
  toString: (bytes: ArrayBuffer | Uint8Array) => string;
};
declare const btoa: (bytes: string | ArrayBuffer) => string;
declare const require: (module: "crypto") => { SHA1: (text: string) => ArrayBuffer };

/**
 * Four bytes of chance, then `bytes` with these laid over them again and again by exclusive or. Chance of the
 * hardware: Math.random is not seeded on ESP32 and ESP8266.
 */
export const veil = (bytes: string): string => {
  const mask = E.hwRand();
  const length = bytes.length;
  // Word by word, a quarter of the calls; four zeros before the bytes become the mask itself.
  const words = new Int32Array(E.toUint8Array(0, 0, 0, 0, bytes, 0, 0, 0).buffer, 0, (length + 7) >>> 2);
  return E.toString(words.map((word) => word ^ mask).buffer).substring(0, length + 4);
};

/** Text without its spaces, and without a difference between large and small letters. */
export const compact = (text: string): string => text.toLowerCase().split(" ").join("");

/** Bytes in base64. */
export const base64 = (bytes: string | ArrayBuffer): string => btoa(bytes);

/** The SHA-1 of some bytes, in base64. */
export const sha1Base64 = (bytes: string): string => base64(require("crypto").SHA1(bytes));
