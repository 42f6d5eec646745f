/** BMP280 data sheet BST-BMP280-DS001 1.26: 3.8.1, 3.11, 3.12 (the example), 4.3. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as bmp280 from "../../lib/drivers/bmp280.ts";
import { dataOf, EXAMPLE, reference, registersOf, anyCalibration } from "./bme280-reference.ts";
import { driverAlone } from "./bundle.ts";
import { bytes, random } from "./clock.ts";
import { byOptions, nackedAt, play, type Line } from "./script.ts";

const hexOf = (values: number[]): string => values.map((value) => value.toString(16).padStart(2, "0")).join("");
const calibration = registersOf(EXAMPLE).slice(0, 24);
const data = dataOf(519888, 415148, 0).slice(0, 6);
const OPEN: Line[] = [["d0", "58"], ["e0b6", ""], ["f3", "00", 2], ["88", hexOf(calibration)], ["f500", ""]];
const SAMPLE: Line[] = [["f425", ""], ["f3", "00", 7], ["f7", hexOf(data)]];
const open = (options = {}) => byOptions(bmp280, options);

test("the example of 3.12: adc_T 519888 and adc_P 415148 are 25.08 degC and 100653 Pa", () => {
  assert.equal(bmp280.compensate(bytes([...calibration, ...data])), [2508, 100653]);
});

test("2,000 random calibrations and readings are within 1 of the data sheet's integer code, below 0 degC, too", () => {
  const below = random(2801);
  let negative = 0;
  let done = 0;
  while (done < 2000) {
    const any = anyCalibration(below);
    const adc = [380000 + below(300000), 200000 + below(500000)] as const;
    const wanted = reference(any, ...adc, 30000);
    if (!wanted || wanted.temperature < -3999 || wanted.temperature > 8499
      || wanted.pressure < 30001 * 256 || wanted.pressure > 109999 * 256) continue;
    const got = bmp280.compensate(bytes([...registersOf(any).slice(0, 24), ...dataOf(...adc, 0).slice(0, 6)]));
    assert.ok(Math.abs(got[0]! - wanted.temperature) <= 1 && Math.abs(got[1]! - wanted.pressure / 256) <= 1,
      JSON.stringify({ any, adc, wanted, got }));
    if (wanted.temperature < 0) negative++;
    done++;
  }
  assert.ok(negative > 200, `${negative}`);
});

test("opening reads id and calibration once, each sample is one forced measurement", () => {
  assert.equal(play(open(), [...OPEN, ...SAMPLE, ...SAMPLE], 2, 0x76),
    { opened: [""], sampled: [["", [2508, 100653]], ["", [2508, 100653]]] });
});

test("the longest measurements of 3.8.1: 6.4, 13.3 and 43.2 ms; oversampling and filter have their codes", () => {
  const of = (temperature: number, pressure: number): Record<string, unknown> =>
    ({ oversampling: { temperature, pressure } });
  assert.equal([of(1, 1), of(1, 4), of(2, 16)].map(bmp280.meta.conversionMs), [7, 14, 44]);
  assert.equal(bmp280.meta.constants({ ...of(2, 16), filter: 16 }), [0x55, 0x10, 44]);
  assert.equal(bmp280.meta.constants({}), [0x25, 0, 7]);
});

test("a part that does not acknowledge, whichever transfer it is, is \"nack\"", () => {
  const script = [...OPEN, ...SAMPLE];
  script.forEach((_, at) => assert.equal(play(open(), nackedAt(script, at)),
    at < OPEN.length ? { opened: ["nack"], sampled: [] } : { opened: [""], sampled: [["nack", []]] }));
});

test("a BME280 (0x60) is \"id\"; data as after a reset are \"range\"", () => {
  assert.equal(play(open(), [["d0", "60"]]).opened, ["id"]);
  assert.equal(play(open(), [...OPEN, ...SAMPLE.slice(0, 2), ["f7", "800000 800000"]]).sampled, [["range", []]]);
});

test("a part that is busy is asked again, five times; then it is \"timeout\"", () => {
  const busy: Line[] = Array.from({ length: 5 }, () => ["f3", "08", 2]);
  assert.equal(play(open(), [...OPEN, SAMPLE[0]!, ["f3", "08", 7], ...busy]).sampled, [["timeout", []]]);
  assert.equal(play(open(), [...OPEN, SAMPLE[0]!, ["f3", "08", 7], ["f3", "00", 2], SAMPLE[2]!]).sampled,
    [["", [2508, 100653]]]);
  assert.equal(play(open(), [...OPEN.slice(0, 2), ["f3", "01", 2], ...Array.from({ length: 5 }, (): Line => ["f3", "01", 2])])
    .opened, ["timeout"]);
});

test("meta stays out of the bundle, and the driver adds less than 250 bytes to what it shares", async () => {
  const { code, bytes: size } = await driverAlone("bmp280");
  assert.not.match(code, /deviceClass|title|oversampling/);
  assert.ok(size <= 250, `${size} bytes`);
});

test.run();
