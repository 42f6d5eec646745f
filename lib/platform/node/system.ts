/** The process itself, on Node. */

/** How many exceptions were caught, and what the last one said. */
export let faults = 0;
export let fault: unknown;

/** Counts an exception of a handler, and keeps it for diagnostics. */
export const caught = (e: unknown): void => {
  faults++;
  fault = e;
};

/** Calls `fn` before the process ends by itself. */
export const onShutdown = (fn: (this: void) => void): void => void process.once("beforeExit", fn);
