/** Timers of Espruino (reference: setTimeout, clearTimeout, getTime). */

declare const setTimeout: (fn: (this: void) => void, ms: number) => Timer;
declare const clearTimeout: (timer: Timer) => void;
declare const getTime: () => number;

export type Timer = number;

/** Calls `fn` once, `ms` milliseconds from now. */
export const after = (ms: number, fn: (this: void) => void): Timer => setTimeout(fn, ms);

/** Stops a timer, if there is one. */
export const cancel = (timer: Timer | undefined): void => {
  if (timer !== undefined) {
    clearTimeout(timer);
  }
};

/** Milliseconds on a clock that runs since some time before boot. Whole numbers; it can jump when the time of day is set. */
export const now = (): number => Math.floor(getTime() * 1000);
