import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta, signed24 } from "../../lib/drivers/hx711.ts";
import type { DriverOptions, Values } from "../../lib/drivers/types.ts";
import type { ShiftIn } from "../../lib/platform/types.ts";
import { driverAlone } from "./bundle.ts";
import { now, run } from "./clock.ts";

test("data sheet, output data format: 800000h is the least value, 7FFFFFh the largest", () => {
  assert.equal([0x800000, 0x7fffff, 0xffffff, 0].map(signed24), [-8388608, 8388607, -1, 0]);
});

interface Chip extends ShiftIn { pulses: number[] }

/** A converter that has a value every `periodMs`, and does with a clock what figure 2 says. */
const chip = (values: number[], more: { periodMs?: number; stuck?: boolean } = {}): Chip => {
  const { periodMs = 100, stuck = false } = more;
  let readyMs = periodMs;
  const pulses: number[] = [];
  return {
    pulses,
    data: () => !stuck && now() < readyMs,
    pulse: (count) => {
      pulses.push(count);
      if (count < 24) {
        readyMs = now() + periodMs;
        return 0;
      }
      return (values.length > 1 ? values.shift()! : values[0]!) & 0xffffff;
    },
  };
};

const use = (port: ShiftIn, options: DriverOptions = {}): { opened: string[]; sampled: [string, Values][] } => {
  const outcome = { opened: [] as string[], sampled: [] as [string, Values][] };
  const [pulses, zero, factor] = meta.constants(options) as [number, number, number];
  const driver = create(port, pulses, zero, factor);
  run(() => driver.open((error) => {
    outcome.opened.push(error);
    if (error === "") driver.sample((...sample) => outcome.sampled.push(sample));
  }));
  return outcome;
};

test("a sample is the second value after it was asked for: what was ready before is old", () => {
  const port = chip([1, 2, -1234]);
  assert.equal(use(port), { opened: [""], sampled: [["", [-1234]]] });
  assert.equal(port.pulses, [24, 1, 24, 1, 24, 1]);
});

test("the pulses after the value choose input and gain (table 3): 25, 26, 27 in all", () => {
  for (const [gain, pulses] of [[128, 1], [32, 2], [64, 3]]) {
    const port = chip([5]);
    use(port, { gain });
    assert.equal(port.pulses, [24, pulses, 24, pulses, 24, pulses], `gain ${gain}`);
  }
});

test("zero and steps of a unit make the weight, below zero, too, and for a cell that is upside down", () => {
  const rows: [DriverOptions, number, number][] = [
    [{ zero: 8430, perUnit: 420.5 }, 8430 + 4205, 10],
    [{ zero: 8430, perUnit: 420.5, decimals: 2 }, 8430 - 421, -100],
    [{ zero: -120, perUnit: -21.3 }, -120 - 2130, 100],
    [{ zero: -120, perUnit: -21.3, decimals: 1 }, -120 + 213, -100],
  ];
  for (const [options, raw, value] of rows) assert.equal(use(chip([raw]), options).sampled, [["", [value]]]);
});

test("a bridge that gives more than the input takes is \"range\"", () => {
  for (const raw of [-8388608, 8388607]) assert.equal(use(chip([0, 0, raw])).sampled, [["range", []]]);
  assert.equal(use(chip([0, 0, 8388606])).sampled, [["", [8388606]]]);
});

test("a value that never comes is \"timeout\" after half a second, longer than settling takes", () => {
  assert.equal(use(chip([0], { periodMs: Infinity })), { opened: ["timeout"], sampled: [] });
  assert.ok(now() >= 400 && now() <= 600, `${now()} ms`);
  assert.equal(use(chip([7], { periodMs: 400 })).sampled, [["", [7]]]);
});

test("a data line that is low after a value is \"stuck\"", () => {
  assert.equal(use(chip([0], { stuck: true })), { opened: ["stuck"], sampled: [] });
});

test("0 steps in a unit are a mistake of the board file; units of weight have the class of it", () => {
  assert.is(meta.problems!({ perUnit: 0 }).length, 1);
  assert.equal(meta.problems!({ perUnit: -3 }), []);
  assert.equal(meta.fields({}).map(({ name, deviceClass }) => [name, deviceClass]), [["weight", "weight"]]);
  assert.is(meta.fields({ unit: "kPa", field: "pressure" })[0]!.deviceClass, undefined);
});

test("meta stays out of the bundle", async () => {
  const alone = await driverAlone("hx711");
  assert.not.match(alone.code, /perUnit|title/);
  assert.ok(alone.bytes <= 420, `${alone.bytes} bytes`);
});

test.run();
