/**
 * Numbers of a board file as integers. For the host: only `meta` of a filter uses it, and the bundler drops both.
 */

/** The most digits after the point that a factor or an offset may have. */
export const DIGITS = 6;

/** `value` in units of 10^-`decimals`; undefined where it lies between two of them. */
export const inUnits = (value: number, decimals: number): number | undefined => {
  const by = Math.pow(10, decimals);
  const units = Math.floor(value * by + 0.5);
  return units / by === value ? units : undefined;
};

/** How many digits after the point a number has; undefined for more than `DIGITS`. */
export const digitsOf = (value: number): number | undefined => {
  let digits = 0;
  while (digits <= DIGITS) {
    if (inUnits(value, digits) !== undefined) {
      return digits;
    }
    digits++;
  }
  return undefined;
};

const commonDivisor = (a: number, b: number): number => {
  let x = Math.abs(a);
  let y = Math.abs(b);
  while (y > 0) {
    const rest = x % y;
    x = y;
    y = rest;
  }
  return x;
};

/** What `line` gets for `times` / `by` and `plus` / `by` in lowest terms: half of the divisor is in the sum. */
export const lineArgs = (times: number, plus: number, by: number): number[] => {
  const divisor = commonDivisor(commonDivisor(times, plus), by);
  return [times / divisor, plus / divisor + Math.floor(by / divisor / 2), by / divisor];
};

/** What `line` gets for value * factor + offset, from a field with `before` decimals to one with `behind`. */
export const lineOf = (factor: number, offset: number, before: number, behind: number): number[] => {
  const factorDigits = digitsOf(factor)!;
  const offsetDigits = digitsOf(offset)!;
  // Over one denominator, in units of the field behind.
  return lineArgs(
    inUnits(factor, factorDigits)! * Math.pow(10, offsetDigits + behind),
    inUnits(offset, offsetDigits)! * Math.pow(10, factorDigits + before + behind),
    Math.pow(10, factorDigits + offsetDigits + before),
  );
};
