/** Filters that change readings, before they are published. */
import type { Values } from "../lib/drivers/types.ts";
import type { Shape } from "../lib/filters/types.ts";

/**
 * Puts each field through its shape, if it has one. A read gives all fields to their shapes, also those that it could
 * not read.
 * @param count of fields
 * @param report what takes the readings then
 */
export const shaped = <T>(
  shapes: (Shape | undefined)[],
  count: number,
  report: (this: void, values: Values) => T,
): ((this: void, values: Values) => T) => (values) => {
  const result: Values = [];
  let at = 0;
  while (at < count) {
    const shape = shapes[at];
    result[at] = shape === undefined ? values[at] : shape(values[at]);
    at++;
  }
  return report(result);
};
