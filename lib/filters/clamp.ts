/** `clamp`: holds a value within limits. */
import { inUnits } from "./exact.ts";
import type { FilterMeta, FilterProblem } from "./types.ts";

/** The value, or the limit that it exceeds. */
export const clamp = (value: number | undefined, low: number, high: number): number | undefined =>
  value === undefined || value > low && value < high ? value : value > low ? high : low;

/** A limit that no value reaches. */
const NONE = 1e15;

interface Parameter { min?: number; max?: number }

export const meta: FilterMeta = {
  title: "holds it within limits",
  kind: "value",
  schema: {
    type: "object",
    description: "A value beyond a limit becomes the limit. One of the two may be left out.",
    examples: [{ min: 0, max: 100 }],
    additionalProperties: false,
    minProperties: 1,
    properties: {
      min: { type: "number", minimum: -1e9, maximum: 1e9, description: "The least value.", examples: [0] },
      max: { type: "number", minimum: -1e9, maximum: 1e9, description: "The largest value.", examples: [100] },
    },
  },
  problems: (parameter, field) => {
    const given = parameter as Parameter;
    const found: FilterProblem[] = [];
    for (const key of ["min", "max"] as const) {
      const value = given[key];
      if (value !== undefined && inUnits(value, field.decimals) === undefined) {
        found.push([`/${key}`, `${value} has more digits than ${field.name}, which has ${field.decimals} after the point`,
          "round it"]);
      }
    }
    if (given.min !== undefined && given.max !== undefined && given.min >= given.max) {
      found.push(["/max", `${given.max} is not more than the least value, ${given.min}: all readings would be the same`,
        "exchange the two"]);
    }
    return found;
  },
  call: (parameter, field) => {
    const given = parameter as Parameter;
    return {
      name: "clamp",
      args: [
        given.min === undefined ? -NONE : inUnits(given.min, field.decimals)!,
        given.max === undefined ? NONE : inUnits(given.max, field.decimals)!,
      ],
    };
  },
};
