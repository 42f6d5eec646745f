/** Words with their CRCs, as Sensirion's parts send them, as hex digits. */
export const withCrc = (...words: number[]): string => words.map((word) => {
  let crc = 0xff;
  for (const byte of [word >> 8, word & 255]) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x31) & 0xff : crc << 1;
  }
  return ((word << 8) | crc).toString(16).padStart(6, "0");
}).join("");

/** Words of which the last CRC is wrong. */
export const withBadCrc = (...words: number[]): string => {
  const good = withCrc(...words);
  return good.slice(0, -1) + (good.endsWith("0") ? "1" : "0");
};
