/** RM-MPU-6000A-00 and PS-MPU-6000A-00. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { mpuValues } from "../../lib/drivers/common/mpu6050.ts";
import { create, meta } from "../../lib/drivers/mpu6050.ts";
import { driverAlone } from "./bundle.ts";
import { bytes, now, waitsMs } from "./clock.ts";
import { assertEveryNackIsReported, fake, hexWord, use, type Fake } from "./fake.ts";

interface Options { id?: string; counts?: number[]; status?: string; readyMs?: number; lost?: boolean; nackAt?: number }

const LEVEL = [0, -8192, 16384, -521, 0, -131, 262];

const makePart = (options: Options = {}): Fake => {
  const { id = "68", counts = LEVEL, status = "01", readyMs = 0, lost = false, nackAt = 0 } = options;
  let power = "40";
  return fake(0x68, (written, count) => {
    if (count === 15) {
      assert.is(written, "3a");
      return (now() >= readyMs ? status : "00") + counts.map(hexWord).join("");
    }
    if (count === 1) return written === "75" ? id : power;
    if (written.startsWith("6b")) power = written === "6b80" || lost ? "40" : written.slice(2);
    return "";
  }, nackAt);
};
const driverOf = (part: Fake, options: Record<string, unknown> = {}) =>
  create(part.transfer, 0x68, ...meta.constants(options) as [number[], number, number, boolean]);

test("16384 counts are 1 g, 131 are 1 degree a second, -521 are 35 degC (RM 4.17 to 4.19)", () => {
  const { sampled } = use(driverOf(makePart()));
  const [error, values] = sampled[0]!;
  assert.is(error, "");
  // -0.5 g and 1 g in mm/s^2; -1 and 2 degrees a second: the scale is 250 / 32768, the sheet's 131 is rounded.
  assert.equal(values, [0, -4903, 9807, 0, -100, 200, 3500]);
});

test("the temperature of 0 counts is 36.53 degC, and it can be negative", () => {
  assert.is(mpuValues(bytes("0000".repeat(7)), 0, 1, 1)[6], 3653);
  assert.is(mpuValues(bytes(`000000000000${hexWord(-22440)}000000000000`), 0, 1, 1)[6], -2947);
});

test("full scales have their codes and their steps", () => {
  [2, 4, 8, 16].forEach((range, i) => {
    const [settings, scale] = meta.constants({ range }) as [number[], number];
    assert.equal([settings[7], scale], [i << 3, 9806.65 / (16384 >> i)]);
  });
  [250, 500, 1000, 2000].forEach((rotation, i) => {
    const [settings, , scale] = meta.constants({ rotation }) as [number[], number, number];
    assert.is(settings[5], i << 3);
    assert.ok(Math.abs(scale - rotation * 100 / 32768) < 1e-9);
  });
});

test("it resets, waits, wakes and sets up; a sample reads status and data at once", () => {
  const part = makePart();
  const driver = driverOf(part);
  assert.equal(part.log, []);
  use(driver);
  assert.equal(part.log, ["75 1", "6b80", "6b01", "1909", "1a03", "1b00", "1c00", "6b 1", "3a 15"]);
  assert.equal(waitsMs, [100, 45, 0]);
});

test("motion sets up threshold, latch and interrupt, and is the last value", () => {
  const part = makePart({ status: "41" });
  const options = { motion: 40 };
  assert.is(use(driverOf(part, options)).sampled[0]![1][7], 1);
  assert.equal(part.log.slice(6, 11), ["1c01", "1f14", "2001", "3720", "3840"]);
  assert.is(use(driverOf(makePart(), options)).sampled[0]![1][7], 0);
  assert.equal(meta.fields(options).at(-1), { name: "motion", unit: "", decimals: 0, binary: true, deviceClass: "motion" });
  assert.is(meta.fields({}).length, 7);
});

test("an interrupt without a motion is refused", () => {
  assert.is(meta.problems!({ interrupt: true })[0]![0], "/interrupt");
  assert.equal(meta.problems!({ interrupt: true, motion: 40 }), []);
});

test("a direction beyond its full scale has no value and is \"range\"", () => {
  for (const end of [32767, -32768]) {
    const [error, values] = use(driverOf(makePart({ counts: [end, ...LEVEL.slice(1)] }))).sampled[0]!;
    assert.is(error, "range");
    assert.equal(values.slice(0, 3), [undefined, -4903, 9807]);
  }
});

test("late, stuck, without power, another part", () => {
  assert.is(use(driverOf(makePart({ readyMs: 180 }))).sampled[0]![0], "");
  assert.equal(use(driverOf(makePart({ readyMs: Infinity }))).sampled, [["timeout", []]]);
  assert.equal(use(driverOf(makePart({ lost: true }))).sampled, [["reset", []]]);
  for (const id of ["70", "ff"]) assert.equal(use(driverOf(makePart({ id }))), { opened: ["id"], sampled: [] });
});

test("whatever transfer is not acknowledged, it is \"nack\" and no value", () => {
  assertEveryNackIsReported((nackAt) => {
    const part = makePart({ nackAt });
    return { driver: driverOf(part, { motion: 40 }), log: part.log };
  });
});

test("meta stays out of the bundle", async () => {
  assert.not.match((await driverAlone("mpu6050")).code, /deviceClass|Detect/);
});

test.run();
