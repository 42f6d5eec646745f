/** Times of filters. For the host: only `meta` of a filter uses it, and the bundler drops both. */

/**
 * The time to compare with, ms: where readings come at intervals, a time is a whole number of them, rounded up; half an
 * interval less, so that a reading that comes a little early does not wait for the next one.
 * @param intervalMs 0: readings come when something happens
 */
export const times = (ms: number, intervalMs: number): number =>
  intervalMs > 0 ? Math.floor(Math.ceil(ms / intervalMs) * intervalMs - intervalMs / 2) : ms;
