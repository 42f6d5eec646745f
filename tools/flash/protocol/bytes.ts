/** Bytes as binary strings (a char a byte), checksums, base64: without Node. */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

/** CRC-32 (IEEE 802.3), as Espruino's E.CRC32 has it. */
export function crc32(bytes: string): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) crc = TABLE[(crc ^ bytes.charCodeAt(at)) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

export function toBinary(bytes: Uint8Array): string {
  let text = "";
  // Arguments of a call are limited in number.
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

export function fromBinary(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Both Node and browsers have it. */
export const base64 = (bytes: string): string => btoa(bytes);

export const hex8 = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");
