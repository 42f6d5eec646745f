/** `average`: the mean of the last readings. */
import type { FilterMeta, Shape } from "./types.ts";

/** Of the last `size` readings, those that failed left out; of fewer as long as there are fewer. Halves go up. */
export const average = (size: number): Shape => {
  const window: (number | undefined)[] = [];
  let next = 0;
  let sum = 0;
  let count = 0;
  return (value) => {
    const oldest = window[next];
    if (oldest !== undefined) {
      sum -= oldest;
      count--;
    }
    window[next] = value;
    next = (next + 1) % size;
    if (value === undefined) {
      return undefined;
    }
    sum += value;
    count++;
    return Math.floor(sum / count + 0.5);
  };
};

export const meta: FilterMeta = {
  title: "the mean of the last readings",
  kind: "window",
  schema: {
    type: "integer", minimum: 2, maximum: 60, examples: [10],
    description: "The mean of so many readings: less noise, and steps become ramps that long.",
  },
  call: (parameter) => ({ name: "average", args: [parameter as number] }),
  places: (parameter) => parameter as number,
};
