/**
 * Seeded chance. Each consumer has a stream of its own (`fork`), so that one more draw here changes nothing
 * there.
 */
import type { Rng } from "./types.ts";

export interface SeededRng extends Rng {
  /** A stream of its own for a consumer: depends on the seed and the name alone, not on what was drawn before. */
  fork(name: string): SeededRng;
}

/** A generator from a seed: a number or a text. Equal seeds give equal streams on every host. */
export function createRng(seed: number | string): SeededRng {
  const words = hash(String(seed));
  let [a, b, c, d] = words;
  // sfc32 (PractRand): 128 bits of state, 32 bits a step.
  const step = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) step();
  return {
    next: () => step() / 2 ** 32,
    below: (below) => Math.floor((step() / 2 ** 32) * below),
    fork: (name) => createRng(`${seed}/${name}`),
  };
}

/** Four words of 32 bits from a text (FNV-1a with four offsets, finished by MurmurHash3's mixer). */
function hash(text: string): [number, number, number, number] {
  const word = (offset: number): number => {
    let h = 0x811c9dc5 ^ offset;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) | 0;
  };
  return [word(0x9e3779b9), word(0x243f6a88), word(0xb7e15162), word(0x71374491)];
}
