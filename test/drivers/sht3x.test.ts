/** SHT3x-DIS data sheet, version 6: 4.3 to 4.13. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { crc8 } from "../../lib/drivers/common/crc8.ts";
import * as sht3x from "../../lib/drivers/sht3x.ts";
import { driverAlone } from "./bundle.ts";
import { bytes } from "./clock.ts";
import { byOptions, nackedAt, play, type Line } from "./script.ts";

const OPEN: Line[] = [["30a2", ""], ["f32d", "", 2], ["", "8010e1"]];
// 25 degC is 6666, 50 %RH is 8000.
const SAMPLE: Line[] = [["2400", ""], ["", "6666 93 8000 a2", 16]];
const open = (options = {}) => byOptions(sht3x, options);

test("the CRC of BE EF is 92 (4.12)", () => {
  assert.is(crc8(bytes("beef"), 0xff), 0x92);
  assert.is(crc8(bytes("beef92"), 0xff), 0);
});

test("temperature and humidity of 4.13, with their ends: -40, 0, 25, 125 degC; 0, 50, 100 %RH", () => {
  const rows: [string, string, number, number][] = [
    ["0750", "0000", -4000, 0], ["41d4", "8000", 0, 5000], ["6666", "8000", 2500, 5000], ["f8af", "ffff", 12500, 10000],
  ];
  for (const [t, h, temperature, humidity] of rows) {
    assert.equal(sht3x.convert(bytes(`${t} 00 ${h} 00`)), [temperature, humidity], t);
  }
});

test("below zero it is negative: 3000 is -12.19 degC", () => {
  assert.is(sht3x.convert(bytes("3000 00 8000 00"))[0], -1219);
});

test("each sample is one single shot without clock stretching, read after the longest measurement", () => {
  assert.equal(play(open(), [...OPEN, ...SAMPLE, ...SAMPLE], 2, 0x44),
    { opened: [""], sampled: [["", [2500, 5000]], ["", [2500, 5000]]] });
  for (const [repeatability, command, ms] of [["low", "2416", 5], ["medium", "240b", 7], ["high", "2400", 16]] as const) {
    play(open({ repeatability }), [...OPEN, [command, ""], ["", "6666 93 8000 a2", ms]]);
    assert.is(sht3x.meta.conversionMs({ repeatability }), ms);
  }
});

test("a part that does not acknowledge, whichever transfer it is, is \"nack\"", () => {
  const script = [...OPEN, ...SAMPLE];
  script.forEach((_, at) => assert.equal(play(open(), nackedAt(script, at)),
    at < OPEN.length ? { opened: ["nack"], sampled: [] } : { opened: [""], sampled: [["nack", []]] }));
});

test("a bad CRC of the temperature, of the humidity or of the status is \"crc\"", () => {
  for (const answer of ["6666 92 8000 a2", "6666 93 8000 a3", "6667 93 8000 a2", "6666 93 8001 a2"]) {
    assert.equal(play(open(), [...OPEN, SAMPLE[0]!, ["", answer, 16]]).sampled, [["crc", []]]);
  }
  assert.equal(play(open(), [...OPEN.slice(0, 2), ["", "8010e0"]]).opened, ["crc"]);
});

test("a temperature that the part cannot measure is \"range\"", () => {
  for (const word of ["0000 81", "ffff ac"]) {
    assert.equal(play(open(), [...OPEN, SAMPLE[0]!, ["", `${word} 8000 a2`, 16]]).sampled, [["range", []]]);
  }
});

test("meta stays out of the bundle, and the driver is below 450 bytes", async () => {
  const { code, bytes: size } = await driverAlone("sht3x");
  assert.not.match(code, /repeatability|deviceClass|title/);
  assert.ok(size <= 450, `${size} bytes`);
});

test.run();
