import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta, pulsesTo } from "../../lib/drivers/pulse.ts";
import type { DriverOptions, Total, Values } from "../../lib/drivers/types.ts";
import { driverAlone } from "./bundle.ts";
import { run } from "./clock.ts";

/** Samples at times in ms, each with the pulses that were counted until then since the chip started. */
const use = (
  options: DriverOptions, before: number, samples: [number, number][],
): { read: Values[]; total: number } => {
  let total = before;
  let pulses = 0;
  const kept: Total = { get: () => total, set: (value) => total = value };
  const read: Values[] = [];
  run(() => {
    const driver = create(() => pulses, ...(meta.constants(options) as [number, number]), kept);
    for (const [ms, count] of samples) {
      setTimeout(() => {
        pulses = count;
        driver.sample((error, values) => {
          assert.is(error, "");
          read.push(values);
        });
      }, ms);
    }
  });
  return { read, total };
};

test("pulses become units to the nearest", () => {
  const rows = [[0, 1, 0], [450, 1 / 450, 1], [674, 1 / 450, 1], [675, 1 / 450, 2], [3, 0.5, 2]] as const;
  for (const [pulses, factor, units] of rows) {
    assert.is(pulsesTo(pulses, factor), units);
  }
});

test("the total goes on from what was kept, the rate is that since the last reading, and the first one has none", () => {
  const { read, total } = use({ perUnit: 10, decimals: 1, ratePer: "min", rateDecimals: 2 }, 1234,
    [[1000, 0], [31_000, 60], [91_000, 60], [121_000, 65]]);
  assert.equal(read, [[1234, undefined], [1294, 1200], [1294, 0], [1299, 100]]);
  assert.is(total, 1299);
});

test("a kilowatt-hour of 1000 pulses, one each 1.2 s, is 3 kW", () => {
  const { read } = use({ perUnit: 1000, decimals: 3, ratePer: "h", rateDecimals: 1 }, 0, [[0, 0], [60_000, 50]]);
  assert.equal(read, [[0, undefined], [50, 30]]);
});

test("two readings at one moment have no rate, rather than an endless one", () => {
  assert.equal(use({}, 0, [[1000, 5], [1000, 6]]).read, [[5, undefined], [6, undefined]]);
});

test("the total is a total_increasing where its device class allows it; the platform is told edge, pull-up, debouncing", () => {
  assert.equal(meta.fields({ unit: "L", deviceClass: "water", rateUnit: "L/min", rateClass: "volume_flow_rate" }), [
    { name: "total", unit: "L", decimals: 0, stateClass: "total_increasing", deviceClass: "water" },
    { name: "rate", unit: "L/min", decimals: 2, stateClass: "measurement", deviceClass: "volume_flow_rate" },
  ]);
  assert.is(meta.fields({ deviceClass: "temperature" })[0]!.stateClass, undefined);
  assert.equal(meta.setup!({}), [true, false, 0]);
  assert.equal(meta.setup!({ pull: "none", edge: "rising", debounce: 10 }), [false, true, 10]);
  assert.ok(meta.total);
});

test("meta stays out of the bundle", async () => {
  const alone = await driverAlone("pulse");
  assert.not.match(alone.code, /deviceClass|title/);
  assert.ok(alone.bytes <= 300, `${alone.bytes} bytes`);
});

test.run();
