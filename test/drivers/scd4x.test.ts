/** SCD4x data sheet, version 1.5: the examples of its command descriptions. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta, scd4xValues } from "../../lib/drivers/scd4x.ts";
import { driverAlone } from "./bundle.ts";
import { bytes, waitsMs } from "./clock.ts";
import { assertEveryNackIsReported, fake, use, type Fake } from "./fake.ts";
import { withBadCrc, withCrc } from "./sensirion.ts";

interface Options { words?: number[]; notReady?: number; bad?: string; nackAt?: number }

const makePart = ({ words = [500, 0x6667, 0x5eb9], notReady = 0, bad = "", nackAt = 0 }: Options = {}): Fake => {
  let left = notReady;
  let command = "";
  return fake(0x62, (written, count) => {
    if (count === 0) {
      command = written;
      return "";
    }
    assert.is(written, "");
    const give = command === bad ? withBadCrc : withCrc;
    if (command === "3682") return give(0xf896, 0x9f07, 0x3bbe);
    if (command === "e4b8") return give(left-- > 0 ? 0x8000 : 0x8006);
    assert.is(command, "ec05");
    return give(...words);
  }, nackAt);
};
const driverOf = (part: Fake, options: Record<string, unknown> = {}) =>
  create(part.transfer, 0x62, ...meta.constants(options) as [number, number, number[]]);

test("the example of read_measurement, 01F4 33 6667 A2 5EB9 3C, is 500 ppm, 25 degC, 37 %", () => {
  assert.equal(scd4xValues(bytes("01f433 6667a2 5eb93c")), [500, 2500, 3700]);
});

test("below 0 degC is negative; the ends of the words are -45 and 130 degC, 0 and 100 %", () => {
  assert.equal(scd4xValues(bytes(withCrc(400, 0x3332, 0))), [400, -1000, 0]);
  assert.equal(scd4xValues(bytes(withCrc(400, 0, 0xffff))), [400, -4500, 10000]);
  assert.is(scd4xValues(bytes(withCrc(400, 0xffff, 0)))[1], 13000);
});

test("no CO2 is no value: \"range\"", () => {
  assert.equal(use(driverOf(makePart({ words: [0, 0x6667, 0x5eb9] }))).sampled, [["range", []]]);
});

test("it stops, looks who is there, sets up and starts; a sample asks whether there is something new", () => {
  const part = makePart();
  const driver = driverOf(part, { altitude: 1950, temperatureOffset: 5.4, selfCalibration: false });
  assert.equal(part.log, []);
  assert.equal(use(driver), { opened: [""], sampled: [["", [500, 2500, 3700]]] });
  assert.equal(part.log, [
    "3f86", "3682", " 9",
    // The examples of set_temperature_offset and set_sensor_altitude: 5.4 degC and 1950 m.
    "241d07e648", "2427079e09", "2416000081", "21b1",
    "e4b8", " 3", "ec05", " 9",
  ]);
  assert.equal(waitsMs, [500, 2, 2, 2, 2, 2, 2]);
});

test("low power is another start, and 30 s", () => {
  const part = makePart();
  use(driverOf(part, { lowPower: true }));
  assert.ok(part.log.includes("21ac"));
  assert.is(meta.conversionMs({ lowPower: true }), 30000);
  assert.is(meta.conversionMs({}), 5000);
});

test("what is not there yet is waited for, 1.5 periods at most: then it is \"timeout\"", () => {
  assert.is(use(driverOf(makePart({ notReady: 6 }))).sampled[0]![0], "");
  assert.equal(use(driverOf(makePart({ notReady: 99 }))).sampled, [["timeout", []]]);
  assert.is(use(driverOf(makePart({ notReady: 32 }), { lowPower: true })).sampled[0]![0], "");
});

test("a wrong CRC, wherever, is \"crc\" and no value", () => {
  assert.equal(use(driverOf(makePart({ bad: "3682" }))), { opened: ["crc"], sampled: [] });
  for (const bad of ["e4b8", "ec05"]) assert.equal(use(driverOf(makePart({ bad }))).sampled, [["crc", []]]);
});

test("whatever transfer is not acknowledged, it is \"nack\" and no value", () => {
  assertEveryNackIsReported((nackAt) => {
    const part = makePart({ nackAt });
    return { driver: driverOf(part), log: part.log };
  });
});

test("meta stays out of the bundle", async () => {
  assert.not.match((await driverAlone("scd4x")).code, /deviceClass|Metres/);
});

test.run();
