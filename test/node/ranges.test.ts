/**
 * World value in, published value out, across the measuring range of every part: the rows of `test/node/ranges/`, on
 * every engine of this machine, from the built bytes.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadPart } from "../../simulator/machine.ts";
import { runsOn } from "../engines.ts";
import { engines } from "./range/engines.ts";
import { plan } from "./range/pack.ts";
import { loadRows } from "./range/row.ts";
import { walk } from "./range/walk.ts";

/** How close to its ends a row has to come, as a share of the signal's range: beyond the end is out of range. */
const END_SHARE = 0.02;

const plans = await plan("all");

for (const [driver, { ranges }] of await loadRows()) {
  test(`the row of ${driver} reaches both ends of what the part measures`, async () => {
    const part = await loadPart(driver);
    const ends = new Map<string, { min: number; max: number; lowest: number; highest: number }>();
    for (const { sensor = {}, steps } of ranges) {
      for (const { name, min, max } of part.signals(sensor)) {
        const end = ends.get(name) ?? { min, max, lowest: Infinity, highest: -Infinity };
        const values = steps.flatMap(({ world }) => world[name] ?? []);
        ends.set(name, {
          min: Math.min(end.min, min), max: Math.max(end.max, max),
          lowest: Math.min(end.lowest, ...values), highest: Math.max(end.highest, ...values),
        });
      }
    }
    for (const [name, { min, max, lowest, highest }] of ends) {
      const near = (max - min) * END_SHARE;
      assert.ok(lowest <= min + near && highest >= max - near,
        `${name} is tried from ${lowest} to ${highest}, the part measures ${min} to ${max}`);
      const isNegative = ranges.some(({ steps }) =>
        steps.some(({ world, error }) => error === undefined && world[name]! < 0));
      assert.ok(min >= 0 || isNegative, `no reading of ${name} below 0`);
    }
    for (const { steps } of ranges) {
      assert.not(steps.some(({ error }, i) => error !== undefined && steps[i - 1]?.error !== undefined),
        "a reading has to come between two errors, or nobody can tell them apart");
    }
  });
}

for (const engine of engines()) {
  for (const each of plans.filter(({ leftOut }) => runsOn(engine.name, leftOut))) {
    // Each node runs when the first of its sensors asks.
    let walked: Promise<Map<string, string[]>> | undefined;
    for (const { id, driver, range } of each.sensors) {
      const how = range.sensor ? ` with ${JSON.stringify(range.sensor)}` : "";
      test(`${engine.name}: ${driver}${how} publishes what the world has`, async () => {
        assert.equal((await (walked ??= walk(engine, each))).get(id), []);
      });
    }
  }
}

test.run();
