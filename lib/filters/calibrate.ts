/** `calibrate`: corrects what a sensor measures, by a line or along measured points. */
import type { Field } from "../drivers/types.ts";
import { DIGITS, digitsOf, inUnits, lineArgs, lineOf } from "./exact.ts";
import { line } from "./line.ts";
import type { FilterMeta, FilterProblem } from "./types.ts";

/** By a line: see `line`. */
export const calibrate = line;

/**
 * Along straight lines through `points`: raw, true, raw, true, ..., by rising raw value. The first and the last line go
 * on beyond their ends.
 */
export const along = (value: number | undefined, points: number[]): number | undefined => {
  if (value === undefined) {
    return undefined;
  }
  let i = 2;
  while (i < points.length - 2 && value > points[i]!) {
    i += 2;
  }
  const raw = points[i - 2]!;
  const truth = points[i - 1]!;
  return truth + Math.floor((value - raw) * (points[i + 1]! - truth) / (points[i]! - raw) + 0.5);
};

interface Parameter { offset?: number; scale?: number; points?: [number, number][] }

const pointProblems = (points: [number, number][], field: Field): FilterProblem[] => {
  const found: FilterProblem[] = [];
  points.forEach((point, i) => {
    point.forEach((value, side) => {
      if (inUnits(value, field.decimals) === undefined) {
        found.push([`/points/${i}/${side}`, `${value} has more digits than ${field.name}, which has ${field.decimals} `
          + "after the point", "round it"]);
      } else if (i > 0 && value <= points[i - 1]![side]!) {
        found.push([`/points/${i}/${side}`, `the ${side === 0 ? "raw" : "true"} values have to rise: ${value} comes after `
          + `${points[i - 1]![side]!}`, "sort the points by what the sensor shows, and leave out those that contradict others"]);
      }
    });
  });
  return found;
};

export const meta: FilterMeta = {
  title: "corrects what the sensor measures",
  kind: "value",
  converts: true,
  schema: {
    type: "object",
    description: "Corrects the sensor: raw value * `scale` + `offset`, or along measured `points`.",
    examples: [{ offset: -0.4 }, { points: [[0.3, 0], [24.1, 25], [99.2, 100]] }],
    additionalProperties: false,
    minProperties: 1,
    properties: {
      offset: {
        type: "number", minimum: -1e6, maximum: 1e6, description: "Is added, in the unit of the field.", examples: [-0.4],
      },
      scale: {
        type: "number", exclusiveMinimum: 0, maximum: 1000, description: "Is multiplied with, before the offset is added.",
        examples: [1.02],
      },
      points: {
        type: "array",
        minItems: 1,
        maxItems: 16,
        description: "What the sensor shows and what is true, [raw, true], in the unit of the field; both rise. One "
          + "point is an offset, two are a line; with more there are lines between them, which go on beyond the ends.",
        examples: [[[0.3, 0], [99.2, 100]]],
        items: {
          type: "array", minItems: 2, maxItems: 2, description: "[raw, true]", examples: [[0.3, 0]],
          items: { type: "number", minimum: -1e6, maximum: 1e6 },
        },
      },
    },
  },
  problems: (parameter, field) => {
    const given = parameter as Parameter;
    const offset = given.offset ?? 0;
    const scale = given.scale ?? 1;
    const found = pointProblems(given.points ?? [], field);
    if (given.points !== undefined && (given.offset !== undefined || given.scale !== undefined)) {
      found.push(["", "\"points\" say all that \"offset\" and \"scale\" can say", "keep either"]);
    } else if (given.points === undefined && offset === 0 && scale === 1) {
      found.push(["", "this changes nothing", "give it an offset, a scale or points, or remove it"]);
    }
    if (digitsOf(offset) === undefined) found.push(["/offset", `this has more than ${DIGITS} digits after the point`, "round it"]);
    if (digitsOf(scale) === undefined) found.push(["/scale", `this has more than ${DIGITS} digits after the point`, "round it"]);
    return found;
  },
  call: (parameter, field) => {
    const given = parameter as Parameter;
    if (given.points === undefined) {
      return { name: "calibrate", args: lineOf(given.scale ?? 1, given.offset ?? 0, field.decimals, field.decimals) };
    }
    const flat = given.points.flat().map((value) => inUnits(value, field.decimals)!);
    if (given.points.length > 2) return { name: "along", args: [flat] };
    const raw = flat[0]!;
    const truth = flat[1]!;
    const by = given.points.length > 1 ? flat[2]! - raw : 1;
    const times = given.points.length > 1 ? flat[3]! - truth : 1;
    return { name: "calibrate", args: lineArgs(times, truth * by - raw * times, by) };
  },
  places: (parameter) => {
    const count = (parameter as Parameter).points?.length ?? 0;
    return count > 2 ? 2 * count : 0;
  },
};
