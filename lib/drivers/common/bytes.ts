/** Words of 16 bits in what a part answers, high byte first. */

export const word = (bytes: string, at: number): number => bytes.charCodeAt(at) * 256 + bytes.charCodeAt(at + 1);

/** In two's complement. */
export const signedWord = (bytes: string, at: number): number => {
  const value = word(bytes, at);
  return value < 32768 ? value : value - 65536;
};
