/** Which column of a trace is which quantity of a board. */
import type { Field } from "../../lib/drivers/types.ts";
import { wordsOf } from "../board/rules/sensors.ts";
import type { Problem } from "../board/types.ts";
import { didYouMean, list, quote } from "../board/words.ts";
import type { Trace, WordsOf } from "./trace.ts";

/** A sensor and the quantities that it gives. */
export interface Measured {
  id: string;
  fields: Field[];
}

interface Place {
  sensor: number;
  field: number;
}

/** The quantities that a column may be: "air.temperature" is one, "temperature" those of all sensors. */
function placesOf(column: string, sensors: readonly Measured[]): Place[] {
  return sensors.flatMap(({ id, fields }, sensor) => fields.flatMap(({ name }, field) =>
    column === name || column === `${id}.${name}` ? [{ sensor, field }] : []));
}

/** The words of a column whose quantity is one. */
export const wordsIn = (sensors: readonly Measured[]): WordsOf => (column) => {
  const [place] = placesOf(column, sensors);
  return place && wordsOf(sensors[place.sensor]!.fields[place.field]!);
};

/**
 * For each sensor and field its column, if the trace has one. A column that is none of them is a warning, unless no
 * other is: that is another trace than was meant.
 */
export function matchColumns(
  trace: Trace, sensors: readonly Measured[],
): { columns: (number | undefined)[][]; problems: Problem[] } {
  const columns: (number | undefined)[][] = sensors.map(({ fields }) => fields.map(() => undefined));
  const problems: Problem[] = [];
  const known = sensors.flatMap(({ id, fields }) => fields.map(({ name }) => `${id}.${name}`));
  const add = (column: number, severity: Problem["severity"], message: string, suggestion: string | undefined): void => {
    problems.push({
      file: trace.file, path: "", severity, message, line: trace.head.line, column: trace.head.places[column]!,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  };
  const strangers: number[] = [];
  trace.columns.forEach((name, column) => {
    const places = placesOf(name, sensors);
    const [place] = places;
    if (places.length > 1) {
      const names = places.map(({ sensor, field }) => `${sensors[sensor]!.id}.${sensors[sensor]!.fields[field]!.name}`);
      add(column, "error", `the column ${quote(name)} may be ${list(names)}`, "write the sensor, too");
    } else if (place === undefined) {
      strangers.push(column);
    } else if (columns[place.sensor]![place.field] !== undefined) {
      const other = trace.columns[columns[place.sensor]![place.field]!]!;
      add(column, "error", `the column ${quote(name)} is the same as ${quote(other)}`, "remove one");
    } else {
      columns[place.sensor]![place.field] = column;
    }
  });
  const isOther = strangers.length === trace.columns.length;
  for (const column of strangers) {
    const name = trace.columns[column]!;
    add(column, isOther ? "error" : "warning",
      `the board measures no ${quote(name)}${isOther ? "" : ": the column is left out"}`, didYouMean(name, known, "it measures"));
  }
  return { columns, problems };
}
