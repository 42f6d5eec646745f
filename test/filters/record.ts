/**
 * Records the traces of test/filters/traces anew: `node --import ./bin/typescript.js test/filters/record.ts`. Each is
 * what a node without filters published, whose virtual parts measured the world that is written here. Parts quantise
 * and convert as their data sheets say; noise, spikes and failed reads are those of real installations, drawn from a
 * seed.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRng } from "../../simulator/rng.ts";
import type { Simulation } from "../../simulator/simulator.ts";
import { createRecorder } from "../../tools/trace/record.ts";
import { buildGreenhouse, withNode } from "../node/board.ts";

const FOLDER = join(import.meta.dirname, "traces");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A function of time that is noise of about this standard deviation, a new one each second. */
const noise = (seed: string, deviation: number): ((ms: number) => number) => {
  const rng = createRng(1).fork(seed);
  return (ms) => {
    const second = rng.fork(String(Math.floor(ms / 1000)));
    let sum = 0;
    for (let i = 0; i < 12; i++) sum += second.next();
    return (sum - 6) * deviation;
  };
};

/** True now and then, for a second, at this rate. */
const spikes = (seed: string, rate: number): ((ms: number) => boolean) => {
  const rng = createRng(2).fork(seed);
  return (ms) => rng.fork(String(Math.floor(ms / 1000))).next() < rate;
};

/** Ramps up from 0 to 1 at `from` and down again at `to`, in `slope`. */
const pulse = (ms: number, from: number, to: number, slope: number): number =>
  Math.max(0, Math.min(1, (ms - from) / slope, (to - ms) / slope));

/** A greenhouse for a day from six in the morning: sun, clouds, a window that opens above 27 degrees; then rain. */
const greenhouse = (node: Simulation): void => {
  const day = (ms: number): number => Math.max(0, Math.sin((Math.PI * ms) / (14 * HOUR)));
  const cloud = (ms: number): number => 1
    - 0.6 * pulse(ms, 4 * HOUR, 5 * HOUR, 10 * MINUTE)
    - 0.4 * pulse(ms, 7.2 * HOUR, 7.6 * HOUR, 3 * MINUTE);
  const night = (ms: number): number => pulse(ms, 15 * HOUR, 26 * HOUR, 8 * HOUR);
  const inside = (ms: number): number => 12.5 + 19 * day(ms) * cloud(ms) - 1.5 * night(ms);
  const window = (ms: number): number =>
    (inside(ms) > 27 ? 2.2 * pulse(ms % (25 * MINUTE), 0, 11 * MINUTE, 4 * MINUTE) : 0);
  const [warm, wet, press] = [noise("temperature", 0.04), noise("humidity", 0.35), noise("pressure", 0.06)];
  node.world.set("air.temperature", (ms) => inside(ms) - window(ms) + warm(ms));
  node.world.set("air.humidity", (ms) => 92 - 1.9 * (inside(ms) - 12.5) + 3 * window(ms) + wet(ms));
  node.world.set("air.pressure", (ms) => 1016.4 - 7.5 * pulse(ms, 9 * HOUR, 30 * HOUR, 9 * HOUR) + press(ms));
};

/** A freezer for six hours: the compressor's cycles, two times an open door; a plug of a probe that has come loose. */
const freezer = (node: Simulation): void => {
  const cycle = (ms: number): number => {
    const phase = (ms % (38 * MINUTE)) / (38 * MINUTE);
    return phase < 0.6 ? -19.5 + 3.2 * (phase / 0.6) : -16.3 - 3.2 * ((phase - 0.6) / 0.4);
  };
  const door = (ms: number): number => 9 * pulse(ms, 2 * HOUR, 2 * HOUR + 7 * MINUTE, 2 * MINUTE)
    + 6 * pulse(ms, 4.5 * HOUR, 4.5 * HOUR + 20 * MINUTE, 3 * MINUTE);
  const [in1, out1] = [noise("inlet", 0.05), noise("outlet", 0.03)];
  node.world.set("air.inlet", (ms) => cycle(ms) + door(ms) + in1(ms));
  node.world.set("air.outlet", (ms) => 21.5 + 2 * Math.sin((2 * Math.PI * ms) / (5 * HOUR)) + out1(ms));
};

/** Soil for an hour: a noisy voltage, spikes of a pump, watered after 20 minutes. */
const soil = (node: Simulation): void => {
  const [jitter, pump, size] = [noise("soil", 0.8), spikes("pump", 0.06), noise("size", 22)];
  const watered = (ms: number): number => 1 - Math.exp(-Math.max(0, ms - 20 * MINUTE) / (4 * MINUTE));
  const moisture = (ms: number): number => 31 - ms / HOUR * 2 + 27 * watered(ms);
  node.world.set("air.moisture", (ms) => moisture(ms) + jitter(ms) + (pump(ms) ? size(ms) : 0));
};

interface Recording {
  name: string;
  what: string;
  sensor: Record<string, unknown>;
  hours: number;
  world: (node: Simulation) => void;
  /** Faults: [from, to, name], in hours. */
  faults?: [number, number, string][];
}

const RECORDINGS: Recording[] = [
  {
    name: "greenhouse", what: "a BME280 in a greenhouse for a day, every minute", hours: 24, world: greenhouse,
    sensor: { driver: "bme280", bus: "i2c1", address: "0x76", interval: "60s" },
    faults: [[3.2, 3.25, "absent"], [11.4, 11.9, "absent"]],
  },
  {
    name: "freezer", hours: 6, world: freezer,
    what: "two DS18B20 at a freezer for six hours, every 30 s; the inlet's plug is loose",
    sensor: {
      driver: "ds18b20", bus: "onewire1", interval: "30s",
      probes: { inlet: "28ff641e8d3c0cda", outlet: "28ff4a60911503fe" },
    },
    faults: [[0.71, 0.72, "crc:inlet"], [3.1, 3.35, "absent:inlet"], [3.6, 3.61, "absent:inlet"], [5.2, 5.21, "absent"]],
  },
  {
    name: "soil", what: "a capacitive moisture sensor at an analog pin for an hour, every 10 s", hours: 1, world: soil,
    sensor: {
      driver: "analog", pin: "D34", interval: "10s", field: "moisture", unit: "%", decimals: 1,
      scale: [[0.83, 0], [0.36, 100]],
    },
  },
];

const record = async ({ name, what, sensor, hours, world, faults = [] }: Recording): Promise<void> => {
  const built = await buildGreenhouse({
    buses: { onewire1: { pin: "D4" } }, sensors: [{ id: "air", publish: { qos: 1 }, ...sensor }],
  });
  const recorder = createRecorder(built.manifest);
  await withNode(built, { seed: 5, onEvent: (event) => recorder.take(event) }, async (node) => {
    world(node);
    const turns = faults.flatMap(([from, to, fault]) => [{ at: from, fault, on: true }, { at: to, fault, on: false }]);
    for (const { at, fault, on } of turns.sort((a, b) => a.at - b.at)) {
      await node.run(at * HOUR - node.now());
      node.machine.setFault("air", fault, on);
    }
    await node.run(hours * HOUR - node.now());
  });
  const intervalMs = Number(/^\d+/.exec(String(sensor["interval"]))![0]) * 1000;
  const text = recorder.text([
    `${what}; a node without filters in the simulator.`,
    "Made by test/filters/record.ts, which says of what world. A line without values is a read that failed.",
  ]);
  writeFileSync(join(FOLDER, `${name}.csv`), withFailures(text, intervalMs));
  console.log(`${name}.csv: ${recorder.rows} readings`);
};

/** Lines for the reads of which no message told. Times become those of the schedule. */
const withFailures = (text: string, intervalMs: number): string => {
  const lines = text.trimEnd().split("\n");
  const from = lines.findIndex((line) => line.startsWith("time,")) + 1;
  const empty = lines[from - 1]!.replace(/[^,]+/g, "");
  const start = Number(lines[from]!.split(",")[0]) * 1000;
  const result = lines.slice(0, from);
  let next = 0;
  for (const line of lines.slice(from)) {
    const [time, ...cells] = line.split(",");
    const at = Math.floor((Number(time) * 1000 - start) / intervalMs + 0.1);
    for (; next < at; next++) result.push(`${next * intervalMs / 1000}${empty}`);
    result.push([at * intervalMs / 1000, ...cells].join(","));
    next = at + 1;
  }
  return `${result.join("\n").replaceAll("air.", "")}\n`;
};

for (const each of RECORDINGS) await record(each);
