/** Filters one by one: what they make of single readings, at their limits, and of readings that failed. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { average } from "../../lib/filters/average.ts";
import { along, calibrate } from "../../lib/filters/calibrate.ts";
import { clamp } from "../../lib/filters/clamp.ts";
import { delta, deltaShare } from "../../lib/filters/delta.ts";
import { ema } from "../../lib/filters/ema.ts";
import { digitsOf, inUnits, lineOf } from "../../lib/filters/exact.ts";
import { heartbeat } from "../../lib/filters/heartbeat.ts";
import { line } from "../../lib/filters/line.ts";
import { median, middle } from "../../lib/filters/median.ts";
import { round } from "../../lib/filters/round.ts";
import { scale } from "../../lib/filters/scale.ts";
import { throttle } from "../../lib/filters/throttle.ts";
import { times } from "../../lib/filters/times.ts";
import type { Shape } from "../../lib/filters/types.ts";
import { filterMetas, stepsOf } from "../../tools/board/filters.ts";
import { random } from "../drivers/clock.ts";

const TEMPERATURE = { name: "temperature", unit: "°C", decimals: 2 };

/** What a filter of a board file makes of values with 2 decimals; gates aside. */
const shapeOf = (filter: Record<string, unknown>): Shape => {
  const [step] = stepsOf([filter], TEMPERATURE);
  const { name, args } = step!.meta.call(step!.parameter, step!.field, step!.behind, 30_000);
  const functions = { along, average, calibrate, clamp, ema, median, round, scale } as unknown as
    Record<string, (...given: unknown[]) => unknown>;
  const made = functions[name]!;
  return step!.meta.kind === "window" ? made(...args) as Shape
    : (value) => made(value, ...args) as number | undefined;
};

type Values = (number | undefined)[];

const through = (shape: Shape, values: Values): Values => values.map((value) => shape(value));

test("a failed read stays one, through every filter that changes values", () => {
  for (const [name, { schema, kind }] of filterMetas) {
    if (kind === "change" || kind === "time") continue;
    for (const example of (schema as { examples: unknown[] }).examples) {
      const shape = shapeOf({ [name]: example });
      const failed = through(shape, [undefined, 2000, undefined]).map((value) => value === undefined);
      assert.equal(failed, [true, false, true], name);
    }
  }
});

test("a line is exact, and halves go up, below 0, too", () => {
  assert.equal([-3, -2, -1, 0, 1, 2, 3].map((value) => line(value, 1, 1, 2)), [-1, -1, 0, 0, 1, 1, 2]);
  // 0.1 + 0.2 of the text, not of binary fractions.
  assert.equal(lineOf(0.1, 0.2, 2, 2), [1, 205, 10]);
  assert.is(line(1000, 1, 205, 10), 120);
  assert.equal(lineOf(1.8, 32, 2, 1), [9, 16025, 50]);
  assert.is(line(2150, 9, 16025, 50), 707);
  assert.is(line(-4000, 9, 16025, 50), -400);
});

test("decimal numbers are taken as they are written, up to 6 digits", () => {
  const values = [0, -12, 0.1, 1.005, 0.000001, -1.234567, 999.999999];
  assert.equal(values.map((value) => digitsOf(value)), [0, 0, 1, 3, 6, 6, 6]);
  assert.is(digitsOf(0.1234567), undefined);
  assert.is(inUnits(1.005, 3), 1005);
  assert.is(inUnits(-0.29, 2), -29);
  assert.is(inUnits(0.125, 2), undefined);
});

test("calibrate adds an offset and multiplies, in the unit of the field", () => {
  assert.equal(through(shapeOf({ calibrate: { offset: -0.4 } }), [2500, 0, -1000]), [2460, -40, -1040]);
  assert.equal(through(shapeOf({ calibrate: { scale: 1.02 } }), [2500, -2500, 49]), [2550, -2550, 50]);
  assert.equal(through(shapeOf({ calibrate: { scale: 0.5, offset: 10 } }), [2500, -2501]), [2250, -250]);
  // An offset of half a step.
  assert.equal(through(shapeOf({ calibrate: { offset: 0.005 } }), [10, -10]), [11, -9]);
});

test("calibrate along points goes through them, on lines between them and beyond them", () => {
  assert.equal(through(shapeOf({ calibrate: { points: [[20, 21.5]] } }), [2000, -500]), [2150, -350]);
  const two = shapeOf({ calibrate: { points: [[0.3, 0], [99.2, 100]] } });
  assert.equal(through(two, [30, 9920, 4975, 0, 10909]), [0, 10000, 5000, -30, 11000]);
  const three = shapeOf({ calibrate: { points: [[-10, -12], [0, 0], [10, 8]] } });
  assert.equal(through(three, [-1000, -500, 0, 500, 1000]), [-1200, -600, 0, 400, 800]);
  assert.equal(through(three, [-2000, 2000]), [-2400, 1600]);
  assert.equal(through(three, [-1, 1, 3, 6]), [-1, 1, 2, 5]);
});

test("scale gives another unit and other digits", () => {
  assert.equal(through(shapeOf({ scale: { factor: 1.8, offset: 32 } }), [2150, -4000, 0]), [7070, -4000, 3200]);
  assert.equal(through(shapeOf({ scale: { factor: 1.8, offset: 32, decimals: 0 } }), [2150, -4000, 2]), [71, -40, 32]);
  assert.equal(through(shapeOf({ scale: { factor: 0.001, decimals: 5 } }), [101325]), [101325]);
  assert.equal(through(shapeOf({ scale: -1 }), [5, -5]), [-5, 5]);
});

test("round leaves fewer digits, halves up, below 0, too", () => {
  assert.equal(through(shapeOf({ round: 1 }), [2144, 2145, 2155, -2145, -2146, 0]), [214, 215, 216, -214, -215, 0]);
  assert.equal(through(shapeOf({ round: 0 }), [2149, 2150, -50, -51]), [21, 22, 0, -1]);
});

test("clamp gives the nearer limit, and either may be left out", () => {
  const both = shapeOf({ clamp: { min: -5, max: 50 } });
  assert.equal(through(both, [-501, -500, -499, 4999, 5000, 5001]), [-500, -500, -499, 4999, 5000, 5000]);
  assert.equal(through(shapeOf({ clamp: { min: 0 } }), [-1, 0, 2 ** 40]), [0, 0, 2 ** 40]);
  assert.equal(through(shapeOf({ clamp: { max: 0 } }), [-(2 ** 40), 0, 1]), [-(2 ** 40), 0, 0]);
});

test("a median leaves spikes out and passes a step on after half of its readings", () => {
  assert.equal(through(median(3), [10, 10, 99, 10, -99, 10]), [10, 10, 10, 10, 10, 10]);
  assert.equal(through(median(5), [1, 1, 1, 1, 1, 9, 9, 9, 9, 9]), [1, 1, 1, 1, 1, 1, 1, 9, 9, 9]);
  assert.equal(through(median(3), [-7, -7, -9, -9]), [-7, -7, -7, -9]);
});

test("a median of fewer readings is of what there is: of two the lower one", () => {
  assert.equal(through(median(5), [30, 10, 20, 40, 50, 60]), [30, 10, 20, 20, 30, 40]);
});

test("a failed read has its place in a window, and is no value of it", () => {
  assert.equal(through(median(3), [1, undefined, 5, 9, 9]), [1, undefined, 1, 5, 9]);
  assert.equal(through(average(3), [1, undefined, 5, 9, 9]), [1, undefined, 3, 7, 8]);
  // After as many failed reads as the window is long nothing old is left.
  for (const shape of [median(3), average(3)]) {
    assert.equal(through(shape, [1, 1, 1, undefined, undefined, undefined, 100]).at(-1), 100);
  }
});

test("the middle one is that of a sorted list, whatever the readings", () => {
  const next = random(7);
  for (let round = 0; round < 2000; round++) {
    const size = 3 + next(13);
    const values = Array.from({ length: size }, () => (next(5) === 0 ? undefined : next(7) - 3));
    const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
    assert.is(middle(values, size), sorted[Math.floor((sorted.length - 1) / 2)], JSON.stringify(values));
  }
});

test("an average is the mean of its window, rounded, halves up", () => {
  assert.equal(through(average(2), [1, 2, 3, -4, -5]), [1, 2, 3, 0, -4]);
  assert.equal(through(average(4), [10, 20, 30, 40, 50]), [10, 15, 20, 25, 35]);
});

test("an ema starts at the first reading, goes its share of the way, and arrives", () => {
  assert.equal(through(ema(500, 2), [0, 100, 100, 100]), [0, 50, 75, 88]);
  assert.equal(through(ema(200, 5), [-100, 0, 0]), [-100, -80, -64]);
  for (const weight of [10, 37, 200, 990]) {
    for (const goal of [1, -1, 100_000, -100_000]) {
      const shape = ema(weight, 100);
      shape(0);
      let value: number | undefined = 0;
      for (let i = 0; i < 3000; i++) value = shape(goal);
      assert.is(value, goal, `weight ${weight}`);
    }
  }
});

test("an ema goes on after a failed read, and begins anew after as many as its memory is long", () => {
  const [step] = stepsOf([{ ema: 0.2 }], TEMPERATURE);
  assert.equal(step!.meta.call(0.2, TEMPERATURE, TEMPERATURE, 30_000).args, [200, 5]);
  assert.equal(through(ema(200, 5), [0, ...Array<undefined>(4).fill(undefined), 100]).at(-1), 20);
  assert.equal(through(ema(200, 5), [0, ...Array<undefined>(5).fill(undefined), 100]).at(-1), 100);
  // The count starts again with a reading.
  assert.equal(through(ema(200, 2), [0, undefined, 0, undefined, 100]).at(-1), 20);
});

test("delta compares with the last one that was published, both ways", () => {
  assert.equal([[110, 100], [109, 100], [90, 100], [91, 100], [-110, -100], [-5, 5], [0, 0]].map(([value, last]) =>
    delta(value!, last!, 10)), [true, false, true, false, true, true, false]);
  const [step] = stepsOf([{ delta: 0.125 }], TEMPERATURE);
  // 0.12 is less than 0.125.
  assert.equal(step!.meta.call(0.125, TEMPERATURE, TEMPERATURE, 0).args, [13]);
  assert.equal(step!.meta.call(0.29, TEMPERATURE, TEMPERATURE, 0).args, [29]);
  assert.equal(step!.meta.call(0.07, TEMPERATURE, TEMPERATURE, 0).args, [7]);
});

test("a share is of the last value; at 0 each change is one", () => {
  const pairs = [[105, 100], [104, 100], [95, 100], [-105, -100], [-104, -100], [1, 0], [0, 0], [0, 1]];
  assert.equal(pairs.map(([value, last]) => deltaShare(value!, last!, 50)),
    [true, false, true, true, false, true, false, true]);
  const [step] = stepsOf([{ delta: "2.5%" }], TEMPERATURE);
  assert.equal(step!.meta.call("2.5%", TEMPERATURE, TEMPERATURE, 0), { name: "deltaShare", args: [25] });
});

test("a time is over when it has passed, and when nobody can tell", () => {
  for (const isOver of [throttle, heartbeat]) {
    assert.equal([0, 999, 1000, 1001, -1, -1e12].map((ms) => isOver(ms, 1000)), [false, false, true, true, true, true]);
  }
});

test("times are whole intervals, rounded up, and a reading that is a little early is in time", () => {
  assert.is(times(60_000, 30_000), 45_000);
  assert.is(times(45_000, 30_000), 45_000);
  assert.is(times(61_000, 30_000), 75_000);
  assert.is(times(600_000, 30_000), 585_000);
  // What happens when it happens is not early.
  assert.is(times(45_000, 0), 45_000);
});

test.run();
