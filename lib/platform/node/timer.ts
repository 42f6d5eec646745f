/** Timers of Node. */

export type Timer = ReturnType<typeof setTimeout> | undefined;

/** No timer. */
export const noTimer: Timer = undefined;

/** Calls `fn` once, after so many milliseconds. */
export const after = (fn: (this: void) => void, ms: number): Timer => setTimeout(fn, ms);

/** Stops a timer, if it has not fired yet. */
export const cancel = (timer: Timer): void => clearTimeout(timer);

/** Milliseconds on a clock that runs since some time before boot. Whole numbers. */
export const now = (): number => Date.now();
