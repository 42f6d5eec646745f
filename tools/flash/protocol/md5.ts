/** MD5 (RFC 1321), which the loaders of Espressif's chips compute of what they have written: without Node. */

/** Amounts of the rotations, by round (RFC 1321, 3.4). */
const SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]] as const;
const SINES = Uint32Array.from({ length: 64 }, (_, step) => Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32));

/** The function of a round, and which word it takes. */
const ROUNDS: ((b: number, c: number, d: number) => number)[] = [
  (b, c, d) => (b & c) | (~b & d), (b, c, d) => (b & d) | (c & ~d), (b, c, d) => b ^ c ^ d, (b, c, d) => c ^ (b | ~d),
];
const WORDS: ((step: number) => number)[] = [(i) => i, (i) => 5 * i + 1, (i) => 3 * i + 5, (i) => 7 * i];

/** Ends in a bit that is set, zeros, and the length in bits, at a multiple of 64 bytes. */
function padded(bytes: Uint8Array): DataView {
  const view = new DataView(new ArrayBuffer((((bytes.length + 8) >> 6) + 1) << 6));
  new Uint8Array(view.buffer).set(bytes);
  view.setUint8(bytes.length, 0x80);
  view.setUint32(view.byteLength - 8, bytes.length << 3, true);
  view.setUint32(view.byteLength - 4, Math.floor(bytes.length / 2 ** 29), true);
  return view;
}

/** In hexadecimal. */
export function md5(bytes: Uint8Array): string {
  const view = padded(bytes);
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let at = 0; at < view.byteLength; at += 64) {
    let [a, b, c, d] = state as unknown as [number, number, number, number];
    for (let step = 0; step < 64; step++) {
      const round = step >> 4;
      const word = view.getUint32(at + (WORDS[round]!(step) & 15) * 4, true);
      const sum = (a + ROUNDS[round]!(b, c, d) + SINES[step]! + word) | 0;
      const shift = SHIFTS[round]![step & 3]!;
      [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
    }
    [a, b, c, d].forEach((value, i) => {
      state[i]! += value;
    });
  }
  const out = new DataView(new ArrayBuffer(16));
  state.forEach((value, i) => out.setUint32(i * 4, value, true));
  return [...new Uint8Array(out.buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
