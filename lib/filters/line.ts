/**
 * A straight line in integers: what `calibrate` and `scale` do on the board. Exact where the products stay below 2^53;
 * halves are rounded up.
 */

/** (value * `times` + `plus`) / `by`, rounded down: half of `by` is in `plus` already. */
export const line = (value: number | undefined, times: number, plus: number, by: number): number | undefined =>
  value === undefined ? undefined : Math.floor((value * times + plus) / by);
