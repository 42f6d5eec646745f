/**
 * CRC of 8 bits with the polynomial x^8 + x^5 + x^4 + 1 (0x31), most significant bit first, nothing reflected: that of
 * Sensirion (initial value 0xFF: SHT3x-DIS version 5, 4.12), of ASAIR (0xFF: DHT20 version 1.0, 7.4) and of the HTU21D
 * (0x00: HPC199, "CRC-8 checksum calculations").
 */
export function crc8(bytes: ArrayLike<number>, initial: number): number {
  let crc = initial;
  for (let i = 0; i < bytes.length; i++) {
    crc ^= bytes[i]!;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc >= 0x80 ? 0x131 : 0)) & 0x1ff;
  }
  return crc;
}

/** Words of 16 bits, high byte first, each followed by its CRC; `bad` CRCs have a bit wrong. */
export function wordsWithCrc(words: number[], initial: number, bad: boolean): number[] {
  return words.flatMap((word) => {
    const bytes = [word >> 8, word & 0xff];
    return [...bytes, crc8(bytes, initial) ^ (bad ? 0x10 : 0)];
  });
}
