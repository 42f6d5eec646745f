/** Commands and words with CRC, as Sensirion's parts have them: CRC-8, polynomial 0x31, initial value 0xFF. */
import { i2cBoard, type Board } from "./i2c-board.ts";

/** Computed by division of polynomials, bit by bit: not as the parts compute it. */
export const crcOf = (word: number): number => {
  // 24 bits: the word, whose first 8 bits the initial value inverts, and 8 zeros.
  let bits = (word ^ 0xff00) * 256;
  for (let at = 23; at >= 8; at--) {
    if (bits & (1 << at)) bits ^= 0x131 << (at - 8);
  }
  return bits;
};

const bytesOf = (word: number): number[] => [word >> 8, word & 0xff];

export interface CommandBoard extends Board {
  /** Sends a command with words; whether it was acknowledged. */
  send: (code: number, ...words: number[]) => boolean;
  /** Reads words; undefined without acknowledgement, and when a CRC is wrong. */
  words: (count: number) => number[] | undefined;
  /** Sends, waits, reads. */
  get: (code: number, waitMs: number, count: number) => number[] | undefined;
}

export const commandBoard = async (driver: string, address: number, seed = 1): Promise<CommandBoard> => {
  const on = await i2cBoard(driver, address, seed);
  const send = (code: number, ...words: number[]): boolean =>
    on.write(...bytesOf(code), ...words.flatMap((word) => [...bytesOf(word), crcOf(word)]));
  const words = (count: number): number[] | undefined => {
    const bytes = on.read(count * 3);
    if (!bytes) return undefined;
    const values = Array.from({ length: count }, (_, i) => (bytes[3 * i]! << 8) | bytes[3 * i + 1]!);
    return values.every((value, i) => crcOf(value) === bytes[3 * i + 2]) ? values : undefined;
  };
  return {
    ...on, send, words,
    get(code, waitMs, count) {
      if (!send(code)) return undefined;
      on.clock.advance(waitMs);
      return words(count);
    },
  };
};
