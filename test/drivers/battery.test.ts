import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta } from "../../lib/drivers/battery.ts";
import type { DriverOptions, Values } from "../../lib/drivers/types.ts";
import { driverAlone } from "./bundle.ts";

const ESP32 = { chip: "ESP32", target: "espruino", referenceVolts: 3.3 };
const DIVIDER = { upperOhms: 100_000, lowerOhms: 220_000 };

const sample = (options: DriverOptions, reading: number): [string, Values] => {
  const results: [string, Values][] = [];
  const driver = create(() => reading, ...(meta.constants(options, ESP32) as [number, number, number[]]));
  driver.open((error) => assert.is(error, ""));
  driver.sample((...result) => results.push(result));
  assert.is(results.length, 1);
  return results[0]!;
};

/** What the converter reads at a voltage of the battery: U lower / (upper + lower) / reference. */
const ratioOf = (volts: number): number => volts * 220 / 320 / 3.3;

test("the divider is taken out, and the level is on the line from empty to full, never beyond it", () => {
  const rows = [
    [4.2, 4200, 100], [3.75, 3750, 50], [3.3, 3300, 0], [3.0, 3000, 0], [4.5, 4500, 100], [0, 0, 0],
  ] as const;
  for (const [volts, millivolts, percent] of rows) {
    assert.equal(sample(DIVIDER, ratioOf(volts)), ["", [millivolts, percent]], `${volts} V`);
  }
  assert.equal(sample({ ...DIVIDER, empty: 3, full: 4 }, ratioOf(3.25)), ["", [3250, 25]]);
});

test("levels in any order are a table with lines between", () => {
  const levels = [[4.15, 100], [3.3, 0], [3.8, 60], [3.6, 20]];
  for (const [volts, percent] of [[3.45, 10], [3.6, 20], [3.7, 40], [3.975, 80], [4.3, 100]] as const) {
    assert.equal(sample({ ...DIVIDER, levels }, ratioOf(volts))[1][1], percent, `${volts} V`);
  }
});

test("a converter at its end is \"range\", a pin that cannot be read \"absent\"", () => {
  assert.equal(sample(DIVIDER, 4095 / 4096), ["range", []]);
  assert.equal(sample(DIVIDER, NaN), ["absent", []]);
});

test("what the divider cannot show, and levels that make no line, are found", () => {
  const pointers = (options: DriverOptions): string[] => meta.problems!(options, ESP32).map(([pointer]) => pointer);
  assert.equal(pointers(DIVIDER), []);
  assert.equal(pointers({ upperOhms: 0, lowerOhms: 100 }), ["/upperOhms"]);
  assert.equal(pointers({ ...DIVIDER, full: 3.3 }), ["/full"]);
  assert.equal(pointers({ ...DIVIDER, full: 3 }), ["/full"]);
  assert.equal(pointers({ ...DIVIDER, levels: [[3, 0], [3, 100]] }), ["/levels"]);
});

test("meta stays out of the bundle", async () => {
  const alone = await driverAlone("battery");
  assert.not.match(alone.code, /lowerOhms|title/);
  assert.ok(alone.bytes <= 300, `${alone.bytes} bytes`);
});

test.run();
