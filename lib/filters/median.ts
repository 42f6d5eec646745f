/** `median`: the middle one of the last readings, which single wild ones do not move. */
import type { FilterMeta, Shape } from "./types.ts";

/**
 * The middle one by size of the values in `window`; of an even number the lower of the two in the middle. Counting
 * needs no memory, and is as fast as sorting where there are few.
 */
export const middle = (window: (number | undefined)[], size: number): number | undefined => {
  let found: number | undefined;
  let i = 0;
  while (found === undefined && i < size) {
    const value = window[i];
    if (value !== undefined) {
      let below = 0;
      let equal = 0;
      let above = 0;
      let j = 0;
      while (j < size) {
        const other = window[j];
        if (other !== undefined) {
          if (other < value) {
            below++;
          } else if (other > value) {
            above++;
          } else {
            equal++;
          }
        }
        j++;
      }
      if (below < equal + above && below + equal >= above) {
        found = value;
      }
    }
    i++;
  }
  return found;
};

/** Of the last `size` readings, those that failed left out; of fewer as long as there are fewer. */
export const median = (size: number): Shape => {
  const window: (number | undefined)[] = [];
  let next = 0;
  return (value) => {
    window[next] = value;
    next = (next + 1) % size;
    return value === undefined ? undefined : middle(window, size);
  };
};

export const meta: FilterMeta = {
  title: "the middle one of the last readings",
  kind: "window",
  schema: {
    type: "integer", minimum: 3, maximum: 15, examples: [5],
    description: "The middle one by size of so many readings, an odd number: a spike is left out, a step is passed on "
      + "after half of them.",
  },
  problems: (parameter) => (parameter as number) % 2 === 1 ? []
    : [["", `${parameter as number} readings have no middle one`, `use ${(parameter as number) - 1} or ${(parameter as number) + 1}`]],
  call: (parameter) => ({ name: "median", args: [parameter as number] }),
  places: (parameter) => parameter as number,
};
