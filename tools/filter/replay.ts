/** A trace through the filters of a board: the built code runs, and what it told is put beside the readings. */
import type { DriverMeta, Field } from "../../lib/drivers/types.ts";
import { isGate, publishedFields, readingIntervalMs, type Step, stepsOf } from "../board/filters.ts";
import { wordsOf } from "../board/rules/sensors.ts";
import type { Board, Filters, Sensor } from "../board/types.ts";
import type { Trace, TraceRow } from "../trace/trace.ts";
import { compileForLua, runLua } from "./lua.ts";
import { compileEspruino, programText, type Read, type Told } from "./program.ts";
import { runV8 } from "./v8.ts";

type Values = (number | undefined)[];
type Cell = TraceRow["cells"][number];

/** One read of a sensor, and what became of it; values by field, in the unit that is published. */
export interface Reading {
  ms: number;
  /** What the sensor gave, in the driver's unit. */
  raw: Values;
  /** Corrected and converted, but not smoothed. */
  read: Values;
  /** As all filters that change values leave it. */
  shaped: Values;
  /** What a message has of it. */
  published: Values;
}

export interface Messages {
  count: number;
  /** Of topics and payloads. */
  bytes: number;
}

/** What became of the readings of one sensor. */
export interface Replayed {
  sensor: Sensor;
  topics: string[];
  fields: Field[];
  /** Time between two reads, ms; 0 of one that tells by itself. */
  intervalMs: number;
  /** Which of the fields the trace has. */
  present: boolean[];
  readings: Reading[];
  /** Rows of the trace that the sensor would not have read, as they are closer than its interval. */
  skipped: number;
  /** Without any filter, and with all of them. */
  before: Messages;
  after: Messages;
}

/** For each sensor and field: the column of the trace that has its readings. */
export type Columns = (number | undefined)[][];

/** The reads of a sensor: at each of its intervals the nearest row, if one is near; all where it tells by itself. */
function readsOf(rows: readonly TraceRow[], intervalMs: number): TraceRow[] {
  if (intervalMs === 0) return [...rows];
  const taken: TraceRow[] = [];
  let at = 0;
  for (const row of rows) {
    const slot = Math.round((row.ms - rows[0]!.ms) / intervalMs);
    const distance = (each: TraceRow): number => Math.abs(each.ms - rows[0]!.ms - slot * intervalMs);
    if (taken.length === 0 || slot > at) taken.push(row);
    else if (distance(row) < distance(taken.at(-1)!)) taken[taken.length - 1] = row;
    at = slot;
  }
  return taken;
}

/** How much of a sensor's filters a run has. */
const PARTS = ["none", "converting", "shaping", "all"] as const;
type Part = (typeof PARTS)[number];

const HAS: Record<Part, (step: Step) => boolean> = {
  none: () => false,
  converting: ({ meta }) => meta.converts === true,
  shaping: (step) => !isGate(step),
  all: () => true,
};

/** Those filters of a sensor that a part has. */
function filtersOf(filters: Filters | undefined, fields: Field[], part: Part): Filters {
  const kept = fields.map((field): [string, Filters[string]] => {
    const steps = stepsOf(filters?.[field.name], field).filter(HAS[part]);
    return [field.name, steps.map(({ name, given }) => ({ [name]: given }))];
  });
  return Object.fromEntries(kept.filter(([, chain]) => chain.length > 0));
}

/** Runs a program on the engine of the board. */
async function run(board: Board, program: string, reads: Read[]): Promise<Told[]> {
  if (board.target === "espruino") return runV8(await compileEspruino(program), reads);
  return runLua(compileForLua(program, board.hardware.chip, board.nodemcu!.lua), reads, board.nodemcu!.lua);
}

/** What the code of a board was run on. */
export const engineNameOf = (board: Board): string =>
  board.target === "espruino" ? "V8" : `Lua ${board.nodemcu!.lua}`;

/** Runs a trace through the filters of all sensors that it has readings of. */
export async function replay(
  board: Board, metas: Record<string, DriverMeta>, trace: Trace, columns: Columns,
): Promise<Replayed[]> {
  const sensors: Sensor[] = [];
  const reads: Read[] = [];
  const results: Replayed[] = [];
  for (const [i, sensor] of board.sensors.entries()) {
    const own = columns[i]!;
    if (own.every((column) => column === undefined)) continue;
    const meta = metas[sensor.driver]!;
    const fields = meta.fields(sensor.options);
    const cellOf = ({ cells }: TraceRow, f: number): Cell => own[f] === undefined ? undefined : cells[own[f]];
    const rows = trace.rows.filter((row) => own.some((_, f) => cellOf(row, f) !== undefined));
    const intervalMs = readingIntervalMs(meta, sensor);
    const taken = readsOf(rows, intervalMs).map((row) => (
      { ms: row.ms, values: fields.map(({ decimals }, f) => unitsOf(cellOf(row, f), decimals)) }));
    for (const part of PARTS) {
      const at = sensors.push({ ...sensor, filters: filtersOf(sensor.filters, fields, part) }) - 1;
      for (const { ms, values } of taken) reads.push({ sensor: at, ms, values });
    }
    const none = fields.map(() => undefined);
    const base = `${board.name}/${sensor.id}`;
    results.push({
      sensor, intervalMs, fields: publishedFields(meta, sensor), present: own.map((column) => column !== undefined),
      topics: sensor.publish.as === "json" ? [base] : fields.map(({ name }) => `${base}/${name}`),
      readings: taken.map(({ ms, values }) => (
        { ms, raw: values.map((value, f) => inUnit(value, fields[f]!)), read: none, shaped: none, published: none })),
      skipped: rows.length - taken.length, before: { count: 0, bytes: 0 }, after: { count: 0, bytes: 0 },
    });
  }
  collect(await run(board, programText(board.name, sensors, metas), reads), reads, results);
  return results;
}

/** A reading in units of 10^-decimals, as drivers give it. */
const unitsOf = (cell: Cell, decimals: number): number | undefined =>
  typeof cell === "number" ? Math.round(cell * 10 ** decimals) : undefined;

const inUnit = (value: number | undefined, { decimals }: Field): number | undefined =>
  value === undefined ? undefined : value / 10 ** decimals;

/** Puts what was told where it belongs. */
function collect(told: Told[], reads: Read[], results: Replayed[]): void {
  const firsts = new Map<number, number>();
  reads.forEach(({ sensor }, i) => {
    if (!firsts.has(sensor)) firsts.set(sensor, i);
  });
  for (const { read, topic, payload } of told) {
    const { sensor } = reads[read]!;
    const result = results[Math.floor(sensor / PARTS.length)]!;
    const part = PARTS[sensor % PARTS.length]!;
    const reading = result.readings[read - firsts.get(sensor)!]!;
    const bytes = topic.length + payload.length;
    if (part === "none") add(result.before, bytes);
    if (part === "all") add(result.after, bytes);
    const key = part === "converting" ? "read" : part === "shaping" ? "shaped" : part === "all" ? "published" : undefined;
    if (key !== undefined) reading[key] = merged(reading[key], valuesOf(result, topic, payload));
  }
}

function add(messages: Messages, bytes: number): void {
  messages.count++;
  messages.bytes += bytes;
}

const merged = (values: Values, more: Values): Values => values.map((value, i) => more[i] ?? value);

/** The values of a message, by field; words as their places. */
function valuesOf({ sensor, fields, topics }: Replayed, topic: string, payload: string): Values {
  const text = Buffer.from(payload, "latin1").toString("utf8");
  const number = (field: Field, value: string | number | undefined): number | undefined => {
    const words = wordsOf(field);
    return value === undefined ? undefined : words ? words.indexOf(String(value)) : Number(value);
  };
  if (sensor.publish.as === "value") {
    return fields.map((field, i) => topics[i] === topic ? number(field, text) : undefined);
  }
  const object = JSON.parse(text) as Record<string, string | number>;
  return fields.map((field) => number(field, object[field.name]));
}
