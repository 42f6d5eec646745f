/** Checks that options of several kinds share. */

/** Throws a TypeError for a key that there is not. */
export const knownKeys = (object: object, keys: string[], what: string): void => {
  for (const key of Object.keys(object)) {
    if (!keys.includes(key)) {
      throw new TypeError(`${what} has no ${JSON.stringify(key)}; there are ${keys.join(", ")}`);
    }
  }
};

/** A whole number within bounds, or the standard one. Throws a RangeError otherwise. */
export const whole = (value: number | undefined, standard: number, low: number, high: number, what: string): number => {
  const number = value ?? standard;
  if (!Number.isInteger(number) || number < low || number > high) {
    throw new RangeError(`${what} is ${String(number)}: a whole number from ${low} to ${high} is needed`);
  }
  return number;
};
