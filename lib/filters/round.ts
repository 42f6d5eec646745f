/** `round`: fewer digits after the point. */
import type { FilterMeta } from "./types.ts";

/** In units that are `by` times as large; halves up. */
export const round = (value: number | undefined, by: number): number | undefined =>
  value === undefined ? undefined : Math.floor(value / by + 0.5);

export const meta: FilterMeta = {
  title: "leaves fewer digits after the point",
  kind: "value",
  schema: {
    type: "integer", minimum: 0, maximum: 5, examples: [1],
    description: "Rounds to so many digits after the point, halves up, and publishes no more of them.",
  },
  problems: (parameter, field) => (parameter as number) < field.decimals ? []
    : [["", `${field.name} has ${field.decimals} digits after the point here`,
      field.decimals > 0 ? `use ${field.decimals - 1} or less, or remove it` : "remove it"]],
  field: (parameter, field) => Object.assign({}, field, { decimals: parameter as number }),
  call: (_, field, behind) => ({ name: "round", args: [10 ** (field.decimals - behind.decimals)] }),
};
