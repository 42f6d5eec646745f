/** The process itself, on Node. */

/** How many exceptions `guard` has caught, and what the last one said. */
export let faults = 0;
export let fault: unknown;

/** Calls `fn`; an exception in it is counted and kept for diagnostics, and goes no further. */
export const guard = <A, B, C>(fn: (this: void, a: A, b: B, c: C) => void, a: A, b: B, c: C): void => {
  try {
    fn(a, b, c);
  } catch (e) {
    faults++;
    fault = e;
  }
};
