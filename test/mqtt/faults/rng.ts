/** Chance from a seed. */

/** Gives numbers from 0 to below 1, the same ones for the same seed (mulberry32). */
export type Rng = () => number;

export const rngOf = (seed: number): Rng => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

/** A whole number from 0 to below `limit`. */
export const below = (rng: Rng, limit: number): number => Math.floor(rng() * limit);

/** One of several. */
export const pick = <T>(rng: Rng, from: readonly T[]): T => from[below(rng, from.length)]!;
