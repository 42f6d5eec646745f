/** Time for tests of drivers: `#platform/timer` of Node asks globals for it, which wait here for `run`. */

interface Waiting { at: number; fn: () => void; handle: number }

/** Milliseconds that have passed. */
let nowMs = 0;
let waiting: Waiting[] = [];
/** What the driver waited, in order. */
export let waitsMs: number[] = [];

export const now = (): number => nowMs;

/** Starts anew, and takes the global timers and clock until `run` has ended. */
export const run = (fn: () => void): void => {
  const { setTimeout: real, clearTimeout: clear } = globalThis;
  const clock = Date.now;
  let handles = 0;
  nowMs = 0;
  waiting = [];
  waitsMs = [];
  globalThis.setTimeout = ((then: () => void, ms: number) => {
    waitsMs.push(ms);
    waiting.push({ at: nowMs + ms, fn: then, handle: ++handles });
    return handles;
  }) as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((handle: number) => {
    waiting = waiting.filter((each) => each.handle !== handle);
  }) as unknown as typeof clearTimeout;
  Date.now = () => nowMs;
  try {
    fn();
    while (waiting.length > 0) {
      waiting.sort((a, b) => a.at - b.at);
      const next = waiting.shift()!;
      nowMs = next.at;
      next.fn();
    }
  } finally {
    Object.assign(globalThis, { setTimeout: real, clearTimeout: clear });
    Date.now = clock;
  }
};

/** Bytes as a binary string: numbers, or hex digits with blanks between as they please. */
export const bytes = (what: number[] | string): string =>
  typeof what === "string"
    ? bytes((what.match(/[0-9a-f]{2}/gi) ?? []).map((hex) => parseInt(hex, 16)))
    : String.fromCharCode(...what);

/** A generator of 32-bit numbers (xorshift), the same each time. */
export const random = (seed: number): ((below: number) => number) => {
  let x = seed;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
};
