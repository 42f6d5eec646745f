/** Interface description Sensirion SCD30, version 1.0. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, floatAt, meta, scd30Values } from "../../lib/drivers/scd30.ts";
import { driverAlone } from "./bundle.ts";
import { bytes, random } from "./clock.ts";
import { assertEveryNackIsReported, fake, use, type Fake } from "./fake.ts";
import { withBadCrc, withCrc } from "./sensirion.ts";

const floatWords = (value: number): [number, number] => {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [view.getUint16(0), view.getUint16(2)];
};
const measured = (...values: number[]): number[] => values.flatMap(floatWords);

test("the example of 1.4.5 is 439.09 ppm, 27.24 degC, 48.81 %", () => {
  // 43DB CB 8C2E 8F, 41D9 70 E7FF F5, 4243 BF 3A1B 74.
  assert.equal(scd30Values(bytes("43dbcb 8c2e8f 41d970 e7fff5 4243bf 3a1b74")), [439, 2724, 4881]);
});

test("numbers are those of IEEE 754, negative ones and small ones, too", () => {
  const below = random(754);
  for (let i = 0; i < 500; i++) {
    const value = Math.fround((below(2_000_001) - 1_000_000) / 1000);
    if (value === 0) continue;
    assert.is(floatAt(bytes(withCrc(...floatWords(value))), 0), value);
  }
});

test("below 0 degC is negative", () => {
  assert.is(scd30Values(bytes(withCrc(...measured(400, -12.34, 50))))[1], -1234);
});

test("what the part cannot measure is no value: 0 ppm before its first one, no number, beyond its range", () => {
  const rows = [[0, 20, 50], [40001, 20, 50], [400, 71, 50], [400, -41, 50], [400, 20, 120]];
  for (const [co2, degrees, humidity] of rows) {
    assert.equal(scd30Values(bytes(withCrc(...measured(co2!, degrees!, humidity!)))), []);
  }
  assert.equal(scd30Values(bytes(withCrc(0x7fc0, 0, ...measured(20, 50)))), [], "NaN");
  assert.is(scd30Values(bytes(withCrc(...measured(400, 20, 100.3))))[2], 10000);
  assert.is(scd30Values(bytes(withCrc(...measured(400, 20, 0))))[2], 0);
});

interface Options { has?: Record<string, number>; notReady?: number; bad?: string; nackAt?: number }

const makePart = ({ has = {}, notReady = 0, bad = "", nackAt = 0 }: Options = {}): Fake => {
  const settings: Record<string, number> = { 4600: 2, 5102: 0, 5403: 0, 5306: 0, ...has };
  let left = notReady;
  let command = "";
  return fake(0x61, (written, count) => {
    if (count === 0) {
      command = written;
      return "";
    }
    const give = command === bad ? withBadCrc : withCrc;
    if (command === "d100") return give(0x0342);
    if (command === "0202") return give(left-- > 0 ? 0 : 1);
    if (command === "0300") return give(...measured(600, 21.5, 45));
    return give(settings[command]!);
  }, nackAt);
};
const driverOf = (part: Fake, options: Record<string, unknown> = {}) =>
  create(part.transfer, 0x61, ...meta.constants(options) as [number, number, number[]]);

test("settings that the part has already are not written: its memory wears out", () => {
  const part = makePart();
  const driver = driverOf(part);
  assert.equal(part.log, []);
  assert.equal(use(driver), { opened: [""], sampled: [["", [600, 2150, 4500]]] });
  assert.equal(part.log.filter((entry) => entry.length > 4), ["0010000081"], "the start alone has an argument");
});

test("settings that it has not are: interval, altitude, offset, self-calibration (1.4.3 to 1.4.8)", () => {
  const part = makePart();
  use(driverOf(part, { period: 30, altitude: 1000, temperatureOffset: 5, selfCalibration: true }));
  const written = part.log.filter((entry) => entry.length > 4).map((entry) => entry.slice(0, 8));
  assert.equal(written, ["4600001e", "510203e8", "540301f4", "53060001", "00100000"]);
  const other = makePart();
  use(driverOf(other, { pressure: 950 }));
  assert.ok(other.log.some((entry) => entry.startsWith("001003b6")));
});

test("pressure and altitude together are refused", () => {
  assert.is(meta.problems!({ pressure: 950, altitude: 0 }).length, 0);
  assert.is(meta.problems!({ pressure: 950, altitude: 500 })[0]![0], "/altitude");
});

test("what is not there yet is waited for; then it is \"timeout\"", () => {
  assert.is(use(driverOf(makePart({ notReady: 3 }))).sampled[0]![0], "");
  assert.equal(use(driverOf(makePart({ notReady: 99 }))).sampled, [["timeout", []]]);
});

test("a wrong CRC, wherever, is \"crc\" and no value", () => {
  for (const bad of ["d100", "4600", "5306"]) assert.equal(use(driverOf(makePart({ bad }))).opened, ["crc"]);
  for (const bad of ["0202", "0300"]) assert.equal(use(driverOf(makePart({ bad }))).sampled, [["crc", []]]);
});

test("whatever transfer is not acknowledged, it is \"nack\" and no value", () => {
  assertEveryNackIsReported((nackAt) => {
    const part = makePart({ nackAt });
    return { driver: driverOf(part, { period: 5 }), log: part.log };
  });
});

test("meta stays out of the bundle", async () => {
  assert.not.match((await driverAlone("scd30")).code, /deviceClass|Metres/);
});

test.run();
