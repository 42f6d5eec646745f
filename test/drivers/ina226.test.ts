/** Data sheet SBOS547B. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta } from "../../lib/drivers/ina226.ts";
import type { Driver } from "../../lib/drivers/types.ts";
import { driverAlone } from "./bundle.ts";
import { now, waitsMs } from "./clock.ts";
import { assertEveryNackIsReported, fake, hexWord, use, type Fake } from "./fake.ts";

interface Options { shunt?: number; bus?: number; busyMs?: number; lost?: boolean; nackAt?: number; ids?: string[] }

const makePart = (options: Options = {}): Fake => {
  const { shunt = 0, bus = 0, busyMs = 1, lost = false, nackAt = 0, ids = ["5449", "2260"] } = options;
  let config = "4127";
  let readyMs = 0;
  return fake(0x40, (written, count) => {
    if (count === 2) {
      if (written === "00") return config;
      if (written === "01") return hexWord(shunt);
      if (written === "02") return hexWord(bus);
      if (written === "06") return now() < readyMs ? "0000" : "0008";
      assert.match(written, /^f[ef]$/);
      return ids[written === "fe" ? 0 : 1]!;
    }
    assert.match(written, /^00....$/);
    config = lost ? "4127" : written.slice(2);
    readyMs = now() + busyMs;
    return "";
  }, nackAt);
};

const driverOf = (part: Fake, options: Record<string, unknown> = {}): Driver =>
  create(part.transfer, 0x40, ...meta.constants(options) as [number, number, number, number]);

test("20 mV at 2 mohm and 11.98 V are 10 A and 119.8 W, the example of table 7-1", () => {
  // Shunt voltage register 8000 (1F40h), bus voltage 9584 (2570h).
  const options = { shuntOhms: 0.002 };
  const unit = 10 ** meta.fields(options)[1]!.decimals;
  const { sampled } = use(driverOf(makePart({ shunt: 0x1f40, bus: 0x2570 }), options));
  assert.equal(sampled, [["", [11980, 10 * unit, 119800]]]);
});

test("a current the other way round is negative, and so is its power (7.6.3: 8300 is -80 mV)", () => {
  assert.equal(use(driverOf(makePart({ shunt: 0x8300, bus: 9600 }))).sampled, [["", [12000, -80000, -9600]]]);
});

test("full scales are \"range\": the ends of the registers", () => {
  assert.is(use(driverOf(makePart({ shunt: 32766, bus: 32766 }))).sampled[0]![0], "");
  for (const beyond of [{ shunt: 32767 }, { shunt: -32768 }, { bus: 32767 }]) {
    assert.equal(use(driverOf(makePart(beyond))).sampled, [["range", []]]);
  }
});

test("configuration and time follow the options (7.6.2, 6.5)", () => {
  assert.is(meta.constants({})[0], 0x4123);
  const rows = [
    [1, 0, 3], [4, 1, 10], [16, 2, 39], [64, 3, 155], [128, 4, 310], [256, 5, 620], [512, 6, 1240], [1024, 7, 2479],
  ] as const;
  for (const [averages, code, ms] of rows) {
    assert.is((meta.constants({ averages })[0] as number) >> 9 & 7, code);
    assert.is(meta.conversionMs({ averages }), ms);
  }
});

test("the decimals show a count", () => {
  assert.is(meta.fields({ shuntOhms: 0.1 })[1]!.decimals, 5);
  assert.is(meta.fields({ shuntOhms: 0.01 })[1]!.decimals, 4);
});

test("a sample is one triggered conversion: write, wait, ready, both voltages, configuration", () => {
  const part = makePart();
  const driver = driverOf(part);
  assert.equal(part.log, []);
  use(driver);
  assert.equal(part.log, ["fe 2", "ff 2", "004123", "06 2", "01 2", "02 2", "00 2"]);
  assert.equal(waitsMs, [3]);
});

test("a part that is late is asked again; one that never ends is \"timeout\"; one that lost its power is \"reset\"", () => {
  assert.is(use(driverOf(makePart({ busyMs: 9 }))).sampled[0]![0], "");
  const stuck = makePart({ busyMs: Infinity });
  assert.equal(use(driverOf(stuck)).sampled, [["timeout", []]]);
  assert.ok(stuck.log.length < 20);
  assert.equal(use(driverOf(makePart({ lost: true }))).sampled, [["reset", []]]);
});

test("another part is \"id\"; a later revision of the die is not", () => {
  assert.equal(use(driverOf(makePart({ ids: ["5449", "2261"] }))).opened, [""]);
  for (const ids of [["5449", "2270"], ["ffff", "ffff"], ["5448", "2260"]]) {
    assert.equal(use(driverOf(makePart({ ids }))).opened, ["id"]);
  }
});

test("whatever transfer is not acknowledged, it is \"nack\" and no value", () => {
  assertEveryNackIsReported((nackAt) => {
    const part = makePart({ nackAt });
    return { driver: driverOf(part), log: part.log };
  });
});

test("meta stays out of the bundle", async () => {
  assert.not.match((await driverAlone("ina226")).code, /deviceClass|amperes|ohms/);
});

test.run();
