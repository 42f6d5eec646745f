/** `ema`: exponential moving average, a low-pass filter that needs the memory of one value. */
import type { FilterMeta, Shape } from "./types.ts";

/** The mean is kept in parts of a unit, so that it arrives where the readings are. */
const PARTS = 1000;

/**
 * Moves by `weight` thousandths of the distance to each reading.
 * @param forget after so many readings in a row that failed it begins anew: what it knew is too old
 */
export const ema = (weight: number, forget: number): Shape => {
  let mean: number | undefined;
  let missed = 0;
  return (value) => {
    if (value === undefined) {
      missed++;
      if (missed >= forget) {
        mean = undefined;
      }
      return undefined;
    }
    missed = 0;
    mean = mean === undefined ? value * PARTS : mean + Math.floor((value * PARTS - mean) * weight / 1000 + 0.5);
    return Math.floor(mean / PARTS + 0.5);
  };
};

export const meta: FilterMeta = {
  title: "exponential moving average",
  kind: "window",
  schema: {
    type: "number", minimum: 0.01, maximum: 0.99, examples: [0.2],
    description: "Weight of the newest reading: the mean moves by this share of the distance to it. It needs less memory "
      + "than `average`; a weight of 2 / (n + 1) smooths like an average of n.",
  },
  problems: (parameter) => Math.round((parameter as number) * 1000) / 1000 === parameter ? []
    : [["", `${parameter as number} has more than 3 digits after the point`, "round it"]],
  call: (parameter) => {
    const weight = Math.round((parameter as number) * 1000);
    return { name: "ema", args: [weight, Math.ceil(1000 / weight)] };
  },
  places: () => 2,
};
