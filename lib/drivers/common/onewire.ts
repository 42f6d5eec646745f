/** What 1-Wire parts share. */

/** CRC-8 of 1-Wire, x^8 + x^5 + x^4 + 1 (CRC Generation; Maxim AN27): 0 over bytes that end in their own CRC. */
export const crc8 = (bytes: string): number => {
  let crc = 0;
  let i = 0;
  while (i < bytes.length) {
    crc ^= bytes.charCodeAt(i);
    let bits = 8;
    while (bits > 0) {
      crc = (crc >>> 1) ^ (crc % 2 * 0x8c);
      bits--;
    }
    i++;
  }
  return crc;
};
