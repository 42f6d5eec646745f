/**
 * CRC of 8 bits with the polynomial x^8 + x^5 + x^4 + 1 (0x31), highest bit first: 0 over bytes that end in their own
 * CRC. Sensirion and ASAIR begin with 0xff (SHT3x-DIS version 6, 4.12: BE EF has the CRC 92), TE with 0 (HPC199, "CRC-8
 * checksum calculations": 68 3A has 7C).
 */
export const crc8 = (bytes: string, initial: number): number => {
  let crc = initial;
  let i = 0;
  while (i < bytes.length) {
    crc ^= bytes.charCodeAt(i);
    let bits = 8;
    while (bits > 0) {
      crc = crc < 128 ? crc * 2 : (crc * 2) ^ 0x131;
      bits--;
    }
    i++;
  }
  return crc;
};
