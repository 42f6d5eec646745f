/** `scale`: turns a field into another quantity or unit, by a line. */
import type { SensorClass } from "../drivers/classes.ts";
import { DIGITS, digitsOf, lineOf } from "./exact.ts";
import { line } from "./line.ts";
import type { FilterMeta, FilterProblem } from "./types.ts";

/** By a line: see `line`. */
export const scale = line;

interface Parameter { factor?: number; offset?: number; unit?: string; decimals?: number; deviceClass?: SensorClass }

const all = (parameter: unknown): Parameter =>
  typeof parameter === "number" ? { factor: parameter } : parameter as Parameter;

export const meta: FilterMeta = {
  title: "turns it into another unit",
  kind: "value",
  converts: true,
  schema: {
    type: ["number", "object"],
    minimum: -1000,
    maximum: 1000,
    description: "Multiplies, and says what unit the product has. A number is the factor alone.",
    examples: [{ factor: 1.8, offset: 32, unit: "°F" }, 0.1],
    additionalProperties: false,
    required: ["factor"],
    properties: {
      factor: { type: "number", minimum: -1000, maximum: 1000, description: "Is multiplied with.", examples: [1.8] },
      offset: {
        type: "number", minimum: -1e6, maximum: 1e6, description: "Is added to the product.", default: 0, examples: [32],
      },
      unit: { type: "string", maxLength: 32, description: "Unit of the result; as before when absent.", examples: ["°F"] },
      decimals: {
        type: "integer", minimum: 0, maximum: 6, description: "Digits of the result after the point; as before when absent.",
        examples: [1],
      },
      deviceClass: {
        type: "string", maxLength: 64, description: "Home Assistant's class of the result; as before when absent, if it allows the unit.",
        examples: ["temperature"],
      },
    },
  },
  problems: (parameter) => {
    const given = all(parameter);
    const at = typeof parameter === "number" ? "" : "/factor";
    const found: FilterProblem[] = [];
    const more = `this has more than ${DIGITS} digits after the point`;
    if (given.factor === 0) {
      found.push([at, "times 0 is always 0", "for example 1.8"]);
    } else if (given.factor === 1 && (given.offset ?? 0) === 0 && given.unit === undefined
      && given.decimals === undefined && given.deviceClass === undefined) {
      found.push([at, "this changes nothing", "give it another factor, or remove it"]);
    }
    if (digitsOf(given.factor!) === undefined) found.push([at, more, "round it"]);
    if (digitsOf(given.offset ?? 0) === undefined) found.push(["/offset", more, "round it"]);
    return found;
  },
  field: (parameter, field) => {
    const given = all(parameter);
    const behind = Object.assign({}, field);
    behind.decimals = given.decimals ?? field.decimals;
    behind.unit = given.unit ?? field.unit;
    if (given.deviceClass !== undefined) behind.deviceClass = given.deviceClass;
    return behind;
  },
  call: (parameter, field, behind) => {
    const given = all(parameter);
    return { name: "scale", args: lineOf(given.factor!, given.offset ?? 0, field.decimals, behind.decimals) };
  },
};
