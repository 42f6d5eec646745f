/** Data sheet SBOS448G. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta } from "../../lib/drivers/ina219.ts";
import type { Driver } from "../../lib/drivers/types.ts";
import { driverAlone } from "./bundle.ts";
import { now, waitsMs } from "./clock.ts";
import { assertEveryNackIsReported, fake, hexWord, use, type Fake } from "./fake.ts";

interface Options { shunt?: number; bus?: number; busyMs?: number; lost?: boolean; nackAt?: number }

const makePart = ({ shunt = 0, bus = 0, busyMs = 1, lost = false, nackAt = 0 }: Options = {}): Fake => {
  let config = "399f";
  let readyMs = 0;
  return fake(0x40, (written, count) => {
    if (count === 2) {
      if (written === "00") return config;
      if (written === "01") return hexWord(shunt);
      assert.is(written, "02");
      return hexWord((bus << 3) | (now() < readyMs ? 0 : 2));
    }
    assert.match(written, /^00/);
    config = written === "008000" || lost ? "399f" : written.slice(2);
    readyMs = now() + busyMs;
    return "";
  }, nackAt);
};

type Constants = [number, number, number, number, number, number];
const driverOf = (part: Fake, options: Record<string, unknown> = {}): Driver =>
  create(part.transfer, 0x40, ...meta.constants(options) as Constants);

test("20 mV at 2 mohm and 11.98 V are 10 A and 119.8 W, the example of figure 27", () => {
  // 8.5.3: shunt voltage register 2000, bus voltage 2995 counts of 4 mV.
  const options = { shuntOhms: 0.002 };
  const unit = 10 ** meta.fields(options)[1]!.decimals;
  assert.equal(use(driverOf(makePart({ shunt: 2000, bus: 2995 }), options)).sampled, [["", [11980, 10 * unit, 119800]]]);
});

test("a current the other way round is negative, and so is its power (table 6: F060 is -40 mV)", () => {
  assert.equal(use(driverOf(makePart({ shunt: 0xf060, bus: 3000 }))).sampled, [["", [12000, -4000, -4800]]]);
});

test("the flags below the bus voltage are no part of it", () => {
  assert.equal(use(driverOf(makePart({ bus: 1 }))).sampled, [["", [4, 0, 0]]]);
});

test("full scales are \"range\", by PGA and BRNG", () => {
  const rows = [
    [{}, 32000, 8000], [{ maxAmps: 1.6 }, 16000, 8000], [{ maxAmps: 0.5 }, 8000, 8000], [{ maxAmps: 0.4 }, 4000, 8000],
    [{ busVolts: 16 }, 32000, 4000],
  ] as const;
  for (const [options, shunt, bus] of rows) {
    assert.is(use(driverOf(makePart({ shunt: shunt - 1, bus: bus - 1 }), options)).sampled[0]![0], "");
    assert.is(use(driverOf(makePart({ shunt: 1 - shunt, bus: 0 }), options)).sampled[0]![0], "");
    for (const beyond of [{ shunt }, { shunt: -shunt }, { bus }]) {
      assert.equal(use(driverOf(makePart(beyond), options)).sampled, [["range", []]]);
    }
  }
});

test("configuration and time follow the options (8.6.2.1, table 5)", () => {
  assert.is(meta.constants({})[0], 0x399b, "32 V, 320 mV, 12 bits, triggered");
  assert.is(meta.constants({ maxAmps: 0.4, busVolts: 16 })[0], 0x019b);
  const rows = [
    [1, 3, 2], [2, 9, 3], [4, 10, 5], [8, 11, 10], [16, 12, 19], [32, 13, 38], [64, 14, 76], [128, 15, 151],
  ] as const;
  for (const [averages, code, ms] of rows) {
    assert.is((meta.constants({ averages })[0] as number) & 0x07f8, code * 0x88);
    assert.is(meta.conversionMs({ averages }), ms);
  }
});

test("a current that the resistor makes too large a voltage of is refused", () => {
  assert.equal(meta.problems!({ maxAmps: 3.2 }), []);
  assert.match(meta.problems!({ maxAmps: 10 })[0]!.join(": "), /\/maxAmps: 10 A through 0.1 ohm are 1 V: .* 0.32 V/);
});

test("the decimals show a count, whatever the resistor", () => {
  for (const [ohms, decimals] of [[0.1, 4], [0.01, 3], [0.001, 2], [1, 5], [100, 6]] as const) {
    assert.is(meta.fields({ shuntOhms: ohms })[1]!.decimals, decimals);
  }
});

test("a sample is one triggered conversion: write, wait, ready, both voltages, configuration", () => {
  const part = makePart();
  const driver = driverOf(part);
  assert.equal(part.log, []);
  use(driver);
  assert.equal(part.log, ["008000", "00 2", "00399b", "02 2", "01 2", "02 2", "00 2"]);
  assert.equal(waitsMs, [2]);
});

test("a part that is late is asked again; one that never ends is \"timeout\"; one that lost its power is \"reset\"", () => {
  assert.is(use(driverOf(makePart({ busyMs: 9 }))).sampled[0]![0], "");
  const stuck = makePart({ busyMs: Infinity });
  assert.equal(use(driverOf(stuck)).sampled, [["timeout", []]]);
  assert.ok(stuck.log.length < 20);
  assert.equal(use(driverOf(makePart({ lost: true }))).sampled, [["reset", []]]);
});

test("what a reset leaves otherwise is another part: \"id\"", () => {
  assert.equal(use(driverOf(fake(0x40, (_, count) => (count > 0 ? "4127" : "")))).opened, ["id"]);
});

test("whatever transfer is not acknowledged, it is \"nack\" and no value", () => {
  assertEveryNackIsReported((nackAt) => {
    const part = makePart({ nackAt });
    return { driver: driverOf(part), log: part.log };
  });
});

test("meta stays out of the bundle", async () => {
  assert.not.match((await driverAlone("ina219")).code, /deviceClass|amperes|ohms/);
});

test.run();
