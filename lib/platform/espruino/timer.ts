/** Timers of Espruino (reference: setTimeout, clearTimeout, getTime). */

declare const setTimeout: (fn: (this: void) => void, ms: number) => Timer;
declare const clearTimeout: (timer: Timer) => void;
declare const getTime: () => number;

export type Timer = number;

/** No timer: ids start at 1, and Espruino ignores an id that it does not know. */
export const noTimer: Timer = 0;

/** Calls `fn` once, after so many milliseconds. */
export const after = setTimeout;

/** Stops a timer, if it has not fired yet. */
export const cancel = (timer: Timer): void => clearTimeout(timer);

/**
 * Milliseconds on a clock that runs since some time before boot. Whole numbers; it can jump when the time of day is
 * set.
 */
export const now = (): number => Math.floor(getTime() * 1000);
