/** Writes what becomes of a sensor's readings into an entry: its filters, and how they become messages. */
import type { DriverMeta, Field } from "../../lib/drivers/types.ts";
import { isGate, publishedFields, readingIntervalMs, type Step, stepsOf } from "../board/filters.ts";
import { wordsOf } from "../board/rules/sensors.ts";
import type { Sensor } from "../board/types.ts";
import { type Imports, literal, mode, topicLiteral, utf8, value } from "./entry.ts";

/** What reports the readings of a sensor, and the statements that have to stand before it. */
export interface Reporting {
  setup: string[];
  report: string;
}

const literalOf = (argument: number | number[]): string => JSON.stringify(argument).replaceAll(",", ", ");

/** Writes calls of filters; what has to be made once is put into `setup`. */
class Writer {
  readonly setup: string[] = [];
  private readonly imports: Imports;
  private readonly intervalMs: number;
  private readonly prefix: string;

  constructor(imports: Imports, intervalMs: number, index: number) {
    this.imports = imports;
    this.intervalMs = intervalMs;
    this.prefix = `filter${index}`;
  }

  /** A constant of the entry. */
  private constant(step: Step, code: string): string {
    const name = `${this.prefix}_${this.setup.length}`;
    this.setup.push(`const ${name} = ${code}; // ${step.field.name}`);
    return name;
  }

  private use(step: Step): { name: string; args: (number | number[])[] } {
    const { name, args } = step.meta.call(step.parameter, step.field, step.behind, this.intervalMs);
    return { name: this.imports.use(`lib/filters/${step.name}`, name), args };
  }

  /** A filter that changes the value of the expression `value`. */
  shape(value: string, step: Step): string {
    const { name, args } = this.use(step);
    if (step.meta.kind === "window") {
      return `${this.constant(step, `${name}(${args.map(literalOf).join(", ")})`)}(${value})`;
    }
    // A list is made once.
    const given = args.map((each) => (Array.isArray(each) ? this.constant(step, literalOf(each)) : literalOf(each)));
    return `${name}(${[value, ...given].join(", ")})`;
  }

  /** Whether a value is to be published, as an expression of `value`, `last` and `sinceMs`. */
  gate(before: string | undefined, step: Step): string {
    const { name, args } = this.use(step);
    const call = `${name}(${[...(step.meta.kind === "change" ? ["value", "last"] : ["sinceMs"]), ...args.map(literalOf)].join(", ")})`;
    if (before === undefined) return call;
    return step.meta.opens ? `${before} || ${call}` : `${/ \|\| /.test(before) ? `(${before})` : before} && ${call}`;
  }
}

/** A list with an entry for each field; undefined where none has one. */
type List = string | undefined;

const listOf = (entries: (string | undefined)[]): List =>
  entries.every((entry) => entry === undefined) ? undefined
    : `[\n${entries.map((entry) => `      ${entry ?? "undefined"},\n`).join("")}    ]`;

/**
 * The filters of a sensor, by field: shapes, then gates, then shapes behind a `change` gate, which compares what was
 * before them. A `time` gate does not look at the value: shapes behind it go before it.
 */
const filtersOf = (writer: Writer, sensor: Sensor, fields: Field[]): { first: List; gates: List; second: List } => {
  const chains = fields.map((field) => stepsOf(sensor.filters?.[field.name], field));
  const shapesOf = (part: (steps: Step[]) => Step[]): List => listOf(chains.map((steps) => {
    const chosen = part(steps).filter((step) => !isGate(step));
    return chosen.length === 0 ? undefined
      : `(value) => ${chosen.reduce((before, step) => writer.shape(before, step), "value")}`;
  }));
  const change = (steps: Step[]): number => {
    const at = steps.findIndex(({ meta }) => meta.kind === "change");
    return at < 0 ? steps.length : at;
  };
  const first = shapesOf((steps) => steps.slice(0, change(steps)));
  const second = shapesOf((steps) => steps.slice(change(steps)));
  const gates = listOf(chains.map((steps) => {
    let code: string | undefined;
    for (const step of steps.filter(isGate)) code = writer.gate(code, step);
    return code && `(value, last, sinceMs) => ${code}`;
  }));
  return { first, gates, second };
};

/**
 * What takes the values of a sensor, as an expression.
 * @param name of the board
 * @param index of the sensor
 * @param deliver the function that takes the messages
 */
export const reportCode = (
  imports: Imports, name: string, sensor: Sensor, meta: DriverMeta, index: number, deliver: string,
): Reporting => {
  const fields = meta.fields(sensor.options);
  const { qos, retain, as } = sensor.publish;
  const base = `${name}/${sensor.id}`;
  const forms = formsOf(imports, publishedFields(meta, sensor), as);
  const writer = new Writer(imports, readingIntervalMs(meta, sensor), index);
  const { first, gates, second } = filtersOf(writer, sensor, fields);
  const shaped = (list: List, report: string): string => list === undefined ? report
    : `${imports.use("firmware/shaped", "shaped")}(${list}, ${fields.length}, ${report})`;
  let report: string;
  if (as === "json") {
    const keys = `[${fields.map((f) => literal(`${JSON.stringify(utf8(f.name))}:`)).join(", ")}]`;
    const json = `${imports.use("firmware/reading", "asJson")}(${topicLiteral(base)}, ${mode(qos, retain)}, ${keys}, ${forms}, ${deliver})`;
    const all = shaped(second, json);
    report = gates === undefined ? all : `${imports.use("firmware/held", "together")}(${gates}, ${fields.length}, ${all})`;
  } else {
    const topics = `[${fields.map((f) => topicLiteral(`${base}/${f.name}`)).join(", ")}]`;
    const tail = `${topics}, ${mode(qos, retain)}, ${forms}, ${deliver})`;
    report = gates === undefined ? `${imports.use("firmware/reading", "asValues")}(${tail}`
      : `${imports.use("firmware/held", "apart")}(${gates}, ${second ?? "[]"}, ${tail}`;
  }
  return { setup: writer.setup, report: shaped(first, report) };
};

/** How the values of the fields are written: digits, or words. */
const formsOf = (imports: Imports, fields: Field[], as: "json" | "value"): string => {
  const quoted = (word: string): string => as === "json" ? JSON.stringify(word) : word;
  if (fields.some((f) => wordsOf(f) !== undefined)) imports.effect("firmware/words");
  return `[${fields.map((f) => wordsOf(f) === undefined ? f.decimals : value(wordsOf(f)!.map(quoted))).join(", ")}]`;
};
