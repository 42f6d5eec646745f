/** Readings as text. Integers in, so that every target prints the same digits. */

/** An integer in units of 10^-`decimals` as a decimal number: (2508, 2) is "25.08", (-5, 1) is "-0.5". */
export const decimal = (value: number, decimals: number): string => {
  let digits = String(value < 0 ? -value : value);
  while (digits.length <= decimals) {
    digits = "0" + digits;
  }
  const point = digits.length - decimals;
  return (value < 0 ? "-" : "") + digits.substring(0, point)
    + (decimals > 0 ? "." + digits.substring(point) : "");
};
