/**
 * Every filter on a recorded trace, on every engine: what comes out is what a plain reference in floating point gives,
 * written from docs/filters.md and not from the filter.
 */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { DriverMeta } from "../../lib/drivers/types.ts";
import type { Filters, Sensor } from "../../tools/board/types.ts";
import { programText, type Read, type Told } from "../../tools/filter/program.ts";
import { parseTrace } from "../../tools/trace/trace.ts";
import { ENGINES } from "./engines.ts";

type Values = (number | undefined)[];

const read = new Map<string, { intervalMs: number; values: Values }>();

/** A column of a trace, in the unit of its field. */
const column = (file: string, name: string): { intervalMs: number; values: Values } => {
  const key = `${file} ${name}`;
  if (!read.has(key)) read.set(key, readColumn(file, name));
  return read.get(key)!;
};

const readColumn = (file: string, name: string): { intervalMs: number; values: Values } => {
  const { trace, problems } = parseTrace(readFileSync(new URL(`traces/${file}.csv`, import.meta.url), "utf8"), file);
  if (!trace) throw new Error(JSON.stringify(problems));
  const at = trace.columns.indexOf(name);
  return {
    intervalMs: trace.rows[1]!.ms - trace.rows[0]!.ms,
    values: trace.rows.map(({ cells }) => (typeof cells[at] === "number" ? cells[at] : undefined)),
  };
};

const meta = (decimals: number): DriverMeta => ({
  title: "", bus: "adc", options: {}, fields: () => [{ name: "x", unit: "", decimals }],
  conversionMs: () => 0, constants: () => [],
});

interface Case {
  trace: [file: string, column: string];
  decimals: number;
  chain: Filters[string];
  /** What is published of each reading; undefined for nothing. */
  expected: (values: Values, intervalMs: number) => Values;
  /** How far it may be off, in units of the last digit: what the reference rounds otherwise. */
  off?: number;
  /** Messages at least and at most, as a share of the readings. */
  share?: [number, number];
}

const each = (fn: (value: number) => number) => (values: Values): Values =>
  values.map((value) => (value === undefined ? undefined : fn(value)));
/** Of each value and those before it in a window, holes left out. */
const inWindow = (size: number, fn: (values: number[]) => number) => (values: Values): Values =>
  values.map((value, i) => {
    const window = values.slice(Math.max(0, i + 1 - size), i + 1);
    return value === undefined ? undefined : fn(window.filter((item) => item !== undefined));
  });
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const lowerMiddle = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;

/** Published where `passes` says so; `published` is the last one. */
const gated = (passes: (value: number, last: number, readings: number) => boolean) => (values: Values): Values => {
  let last: number | undefined;
  let readings = 0;
  return values.map((value) => {
    readings++;
    if (value === undefined || (last !== undefined && !passes(value, last, readings))) return undefined;
    last = value;
    readings = 0;
    return value;
  });
};

const ema = (weight: number, forget: number) => (values: Values): Values => {
  let state: number | undefined;
  let missed = 0;
  return values.map((value) => {
    missed = value === undefined ? missed + 1 : 0;
    if (value === undefined) {
      if (missed >= forget) state = undefined;
      return undefined;
    }
    return (state = state === undefined ? value : state + weight * (value - state));
  });
};

const POINTS: [number, number][] = [[-20, -21.5], [-10, -10.25], [0, 0.5], [30, 30]];
const alongPoints = (x: number): number => {
  const i = x > 0 ? 2 : x > -10 ? 1 : 0;
  const [[x0, y0], [x1, y1]] = [POINTS[i]!, POINTS[i + 1]!];
  return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
};

const DAY: [string, string] = ["greenhouse", "temperature"];
const SOIL: [string, string] = ["soil", "moisture"];
const COLD: [string, string] = ["freezer", "inlet"];

const CASES: Record<string, Case> = {
  "calibrate, offset and scale": {
    trace: DAY, decimals: 2, chain: [{ calibrate: { scale: 1.015, offset: -0.4 } }], off: 1,
    expected: each((x) => x * 1.015 - 0.4),
  },
  "calibrate, two points": {
    trace: COLD, decimals: 4, chain: [{ calibrate: { points: [[-19.5, -20], [0.25, 0]] } }], off: 1,
    expected: each((x) => -20 + (x + 19.5) * 20 / 19.75),
  },
  "calibrate, many points": {
    trace: COLD, decimals: 4, chain: [{ calibrate: { points: POINTS } }], off: 1, expected: each(alongPoints),
  },
  scale: {
    trace: DAY, decimals: 2, chain: [{ scale: { factor: 1.8, offset: 32, unit: "°F", decimals: 1 } }], off: 1,
    expected: each((x) => x * 1.8 + 32),
  },
  round: {
    trace: DAY, decimals: 2, chain: [{ round: 1 }], expected: each((x) => Math.floor(x * 10 + 0.5 + 1e-9) / 10),
  },
  clamp: {
    trace: SOIL, decimals: 1, chain: [{ clamp: { min: 28, max: 60 } }],
    expected: each((x) => Math.min(60, Math.max(28, x))),
  },
  median: { trace: SOIL, decimals: 1, chain: [{ median: 5 }], expected: inWindow(5, lowerMiddle) },
  "median over a gap": { trace: COLD, decimals: 4, chain: [{ median: 15 }], expected: inWindow(15, lowerMiddle) },
  average: { trace: DAY, decimals: 2, chain: [{ average: 10 }], off: 1, expected: inWindow(10, mean) },
  "average over a gap": { trace: COLD, decimals: 4, chain: [{ average: 60 }], off: 1, expected: inWindow(60, mean) },
  ema: { trace: COLD, decimals: 4, chain: [{ ema: 0.1 }], off: 1, expected: ema(0.1, 10) },
  delta: {
    trace: DAY, decimals: 2, chain: [{ delta: 0.5 }], share: [0.02, 0.2],
    expected: gated((value, last) => Math.abs(value - last) > 0.4999999),
  },
  "delta, a share": {
    trace: ["greenhouse", "humidity"], decimals: 2, chain: [{ delta: "2.5%" }], share: [0.01, 0.2],
    expected: gated((value, last) => Math.abs(value - last) >= Math.abs(last) * 0.025 - 1e-9),
  },
  throttle: {
    trace: COLD, decimals: 4, chain: [{ throttle: "2m" }], share: [0.2, 0.26],
    expected: gated((_, __, readings) => readings >= 4),
  },
  "throttle, of no whole number of readings": {
    trace: COLD, decimals: 4, chain: [{ throttle: "100s" }], share: [0.2, 0.26],
    expected: gated((_, __, readings) => readings >= 4),
  },
  heartbeat: {
    trace: DAY, decimals: 2, chain: [{ delta: 0.5 }, { heartbeat: "20m" }], share: [0.05, 0.2],
    expected: gated((value, last, readings) => Math.abs(value - last) > 0.4999999 || readings >= 20),
  },
  "all together": {
    trace: SOIL, decimals: 1, share: [0.05, 0.6],
    chain: [
      { median: 5 }, { calibrate: { offset: 1.5 } }, { delta: 1 }, { throttle: "30s" }, { heartbeat: "5m" },
      { round: 0 },
    ],
    expected: (values) => {
      const shown = each((x) => x + 1.5)(inWindow(5, lowerMiddle)(values));
      const passes = gated((value, last, readings) =>
        (Math.abs(value - last) > 0.9999999 && readings >= 3) || readings >= 30);
      return each((x) => Math.floor(x + 0.5 + 1e-9))(passes(shown));
    },
  },
};

const AS = ["json", "value"] as const;
const names = Object.keys(CASES);

/** Two sensors a case, in one program: as JSON and as a value. */
const sensors: Sensor[] = names.flatMap((name, i) => AS.map((as) => ({
  id: `${as}${i}`, driver: name, intervalMs: column(...CASES[name]!.trace).intervalMs,
  publish: { qos: 0, retain: false, as }, options: {}, filters: { x: CASES[name]!.chain },
})));
const program = programText("n", sensors, Object.fromEntries(names.map((name) => [name, meta(CASES[name]!.decimals)])));

/** The part of a trace that slow engines see: with a gap of failed reads. */
const PARTS: Record<string, [number, number]> = { greenhouse: [150, 300], freezer: [340, 450], soil: [90, 270] };

/** The readings of a sensor's trace, or a part of them. */
const valuesOf = (sensor: number, isWhole: boolean): Values => {
  const { trace } = CASES[names[Math.floor(sensor / AS.length)]!]!;
  const { values } = column(...trace);
  return isWhole ? values : values.slice(...PARTS[trace[0]]!);
};

/** Reads of a sensor; they are some milliseconds early or late. */
const readsOf = (sensor: number, isWhole: boolean): Read[] => {
  const { decimals } = CASES[names[Math.floor(sensor / AS.length)]!]!;
  return valuesOf(sensor, isWhole).map((value, i) => ({
    sensor, ms: i * sensors[sensor]!.intervalMs + (i * 7919) % 401,
    values: [value === undefined ? undefined : Math.round(value * 10 ** decimals)],
  }));
};

/** What a sensor published, by read. */
const published = (told: Told[], reads: Read[], sensor: number): Values => {
  const { id, publish } = sensors[sensor]!;
  const first = reads.findIndex((each) => each.sensor === sensor);
  const got: Values = reads.filter((each) => each.sensor === sensor).map(() => undefined);
  for (const { read: at, topic, payload } of told) {
    if (reads[at]!.sensor !== sensor) continue;
    assert.is(topic, publish.as === "json" ? `n/${id}` : `n/${id}/x`);
    const text = publish.as === "json" ? /^\{"x":(-?[\d.]+)\}$/.exec(payload)![1]! : payload;
    got[at - first] = Number(text);
  }
  return got;
};

for (const engine of ENGINES) {
  const run = engine.missing === undefined ? test : test.skip;
  const isWhole = engine.name === "v8";
  const reads = sensors.flatMap((_, sensor) => readsOf(sensor, isWhole));
  let told: Told[] = [];
  run(`the filters run on the engine ${engine.name}`, async () => {
    told = await engine.run(program, reads);
    assert.ok(told.length > reads.length / 4);
  });
  sensors.forEach(({ driver: name, publish: { as }, intervalMs }, sensor) => {
    const { trace, decimals, chain, expected, off = 0, share } = CASES[name]!;
    run(`${name}: ${trace[0]}.csv, as ${as} (engine ${engine.name})`, () => {
      const values = valuesOf(sensor, isWhole);
      const got = published(told, reads, sensor);
      const wanted = expected(values, intervalMs);
      const digit = 10 ** -(chain.some((step) => "round" in step || "scale" in step) ? decimals - 1 : decimals);
      got.forEach((value, i) => {
        const place = `reading ${i} of ${values[i]}: ${value} and not ${wanted[i]}`;
        assert.is(value === undefined, wanted[i] === undefined, place);
        if (value !== undefined) assert.ok(Math.abs(value - wanted[i]!) <= Math.max(off, 1e-6) * digit, place);
      });
      const part = got.filter((value) => value !== undefined).length / values.length;
      if (share && isWhole) assert.ok(part >= share[0] && part <= share[1], `${part} of the readings were published`);
    });
  });
}

test.run();
