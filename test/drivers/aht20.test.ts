/** AHT20 data sheet, A/0 version 1.1: 5.3, 5.4, 6.1, 6.2. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as aht20 from "../../lib/drivers/aht20.ts";
import { crc8 } from "../../lib/drivers/common/crc8.ts";
import { driverAlone } from "./bundle.ts";
import { bytes } from "./clock.ts";
import { byOptions, nackedAt, play, type Line } from "./script.ts";

/** Status and data, with their CRC. */
const frame = (text: string): string => {
  const hex = text.replaceAll(" ", "");
  return hex + crc8(bytes(hex), 0xff).toString(16).padStart(2, "0");
};
const OPEN: Line[] = [["ba", ""], ["be0800", "", 20], ["", "18", 10]];
// 50 %RH is 80000, 25 degC is 60000.
const GOOD = frame("18 80000 60000");
const SAMPLE: Line[] = [["ac3300", ""], ["", GOOD, 80]];
const open = byOptions(aht20);

test("temperature and humidity of 6.1 and 6.2, with their ends; below zero it is negative", () => {
  const rows: [string, number, number][] = [
    ["00000 0cccd", -4000, 0], ["40000 20000", -2500, 2500], ["80000 60000", 2500, 5000], ["fffff acccd", 8500, 10000],
    ["80000 40000", 0, 5000], ["80000 3fff0", 0, 5000], ["80000 3f000", -78, 5000],
  ];
  for (const [data, temperature, humidity] of rows) {
    assert.equal(aht20.convert(bytes(`18${data.replace(" ", "")}`)), [temperature, humidity], data);
  }
});

test("each sample is one measurement, read after 80 ms; opening resets and initializes", () => {
  assert.equal(play(open, [...OPEN, ...SAMPLE, ...SAMPLE], 2, 0x38),
    { opened: [""], sampled: [["", [2500, 5000]], ["", [2500, 5000]]] });
  assert.is(aht20.meta.conversionMs({}), 120);
});

test("a part that is still busy is asked again, four times; then it is \"timeout\"", () => {
  const busy = frame("98 80000 60000");
  assert.equal(play(open, [...OPEN, SAMPLE[0]!, ["", busy, 80], ["", busy, 10], ["", GOOD, 10]]).sampled,
    [["", [2500, 5000]]]);
  const again: Line[] = Array.from({ length: 4 }, () => ["", busy, 10]);
  assert.equal(play(open, [...OPEN, SAMPLE[0]!, ["", busy, 80], ...again]).sampled, [["timeout", []]]);
});

test("a part that does not acknowledge, whichever transfer it is, is \"nack\"", () => {
  const script = [...OPEN, ...SAMPLE];
  script.forEach((_, at) => assert.equal(play(open, nackedAt(script, at)),
    at < OPEN.length ? { opened: ["nack"], sampled: [] } : { opened: [""], sampled: [["nack", []]] }));
});

test("a bad CRC is \"crc\"", () => {
  for (const wrong of [GOOD.replace("188000", "188001"), GOOD.slice(0, -2) + "00"]) {
    assert.equal(play(open, [...OPEN, SAMPLE[0]!, ["", wrong, 80]]).sampled, [["crc", []]]);
  }
});

test("a part that its initialization does not calibrate is \"timeout\"; one that has lost its power is \"reset\"", () => {
  assert.equal(play(open, [...OPEN.slice(0, 2), ["", "10", 10]]).opened, ["timeout"]);
  assert.equal(play(open, [...OPEN, SAMPLE[0]!, ["", frame("10 00000 00000"), 80]]).sampled, [["reset", []]]);
});

test("a temperature that the part cannot measure is \"range\"", () => {
  for (const data of ["80000 00000", "80000 fffff"]) {
    assert.equal(play(open, [...OPEN, SAMPLE[0]!, ["", frame(`18 ${data}`), 80]]).sampled, [["range", []]]);
  }
});

test("meta stays out of the bundle, and the driver is below 800 bytes", async () => {
  const { code, bytes: size } = await driverAlone("aht20");
  assert.not.match(code, /deviceClass|title/);
  assert.ok(size <= 800, `${size} bytes`);
});

test.run();
