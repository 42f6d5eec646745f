/** `delta`: holds a value back until it differs from the one that was published last. */
import type { FilterMeta, FilterProblem } from "./types.ts";

/** True when it differs by `least` or more. */
export const delta = (value: number, last: number, least: number): boolean =>
  value - last >= least || last - value >= least;

/** True when it differs by `thousandths` of the last value or more. */
export const deltaShare = (value: number, last: number, thousandths: number): boolean =>
  value !== last && Math.abs(value - last) * 1000 >= Math.abs(last) * thousandths;

export const meta: FilterMeta = {
  title: "publishes changes alone",
  kind: "change",
  schema: {
    type: ["number", "string"], exclusiveMinimum: 0, maximum: 1e6, pattern: "^[0-9]{1,3}(\\.[0-9])?%$",
    patternErrorMessage: "write a number such as 0.1, or a share such as \"5%\"", examples: [0.1, "5%"],
    description: "Holds a reading back until it differs by this much from what was published last: in the unit of the "
      + "field, or a share of that value.",
  },
  problems: (parameter, field): FilterProblem[] => {
    const step = 10 ** -field.decimals;
    if (typeof parameter === "string") {
      const percent = Number(parameter.slice(0, -1));
      return percent > 0 && percent <= 100 ? [] : [["", `${parameter} is no share of a value`, "use more than 0% and at most 100%"]];
    }
    return (parameter as number) >= step ? []
      : [["", `${parameter as number} is less than the smallest step of ${field.name} here, ${step.toFixed(field.decimals)}: `
        + "each change would pass", `use ${step.toFixed(field.decimals)} or more`]];
  },
  call: (parameter, field) => typeof parameter === "string"
    ? { name: "deltaShare", args: [Math.round(Number(parameter.slice(0, -1)) * 10)] }
    // Half a step more than some steps is one step more; the small number is for what a decimal is not exactly.
    : { name: "delta", args: [Math.ceil((parameter as number) * 10 ** field.decimals - 1e-6)] },
};
