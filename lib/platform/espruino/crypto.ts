/** Chance and digests of Espruino (reference: E.hwRand, btoa, crypto.SHA1; `crypto` is not in every build). */

declare const E: {
  hwRand: () => number;
  toUint8Array: (bytes: string) => Uint8Array;
  toString: (first: Uint8Array, second: Uint8Array) => string;
};
declare const btoa: (bytes: string | ArrayBuffer) => string;
declare const require: (module: "crypto") => { SHA1: (text: string) => ArrayBuffer };

/**
 * Four bytes of chance, then `bytes` with these laid over them again and again by exclusive or. Chance of the
 * hardware: Math.random is not seeded on ESP32 and ESP8266.
 */
export const veil = (bytes: string): string => {
  const mask = new Uint8Array(new Int32Array([E.hwRand()]).buffer);
  return E.toString(mask, E.toUint8Array(bytes).map((byte, i) => byte ^ mask[i & 3]!));
};

/** Bytes in base64. */
export const base64 = btoa;

/** The SHA-1 of some bytes, in base64. */
export const sha1Base64 = (bytes: string): string => base64(require("crypto").SHA1(bytes));
