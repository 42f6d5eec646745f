/** Timers of Node. */

export type Timer = ReturnType<typeof setTimeout>;

/** Calls `fn` once, `ms` milliseconds from now. */
export const after = (ms: number, fn: (this: void) => void): Timer => setTimeout(fn, ms);

/** Stops a timer, if there is one. */
export const cancel = (timer: Timer | undefined): void => {
  if (timer !== undefined) {
    clearTimeout(timer);
  }
};

/** Milliseconds on a clock that runs since some time before boot. Whole numbers. */
export const now = (): number => Date.now();
