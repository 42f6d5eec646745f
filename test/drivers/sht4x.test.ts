/** SHT4x data sheet, version 6.6: 4.4 to 4.7. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as sht4x from "../../lib/drivers/sht4x.ts";
import { driverAlone } from "./bundle.ts";
import { bytes } from "./clock.ts";
import { byOptions, nackedAt, play, type Line } from "./script.ts";

const OPEN: Line[] = [["94", ""], ["89", "", 2], ["", "beef92 beef92", 2]];
const SAMPLE: Line[] = [["fd", ""], ["", "6666 93 8000 a2", 9]];
const open = (options = {}) => byOptions(sht4x, options);

test("temperature and humidity of 4.6, with their ends; below zero it is negative", () => {
  const rows: [string, string, number, number][] = [
    ["0750", "0c4a", -4000, 0], ["3000", "8000", -1219, 5650], ["41d4", "7292", 0, 4994], ["6666", "8000", 2500, 5650],
    ["f8af", "d916", 12500, 10000],
  ];
  for (const [t, h, temperature, humidity] of rows) {
    assert.equal(sht4x.convert(bytes(`${t} 00 ${h} 00`)), [temperature, humidity], t);
  }
});

test("a humidity beyond 0 and 100 %RH is cropped (4.6)", () => {
  assert.is(sht4x.convert(bytes("6666 00 0000 00"))[1], 0);
  assert.is(sht4x.convert(bytes("6666 00 ffff 00"))[1], 10000);
});

test("each sample is one single shot, read after the longest measurement (table 5)", () => {
  assert.equal(play(open(), [...OPEN, ...SAMPLE, ...SAMPLE], 2, 0x44),
    { opened: [""], sampled: [["", [2500, 5650]], ["", [2500, 5650]]] });
  for (const [precision, command, ms] of [["low", "e0", 2], ["medium", "f6", 5], ["high", "fd", 9]] as const) {
    play(open({ precision }), [...OPEN, [command, ""], ["", "6666 93 8000 a2", ms]]);
    assert.is(sht4x.meta.conversionMs({ precision }), ms);
  }
});

test("a part that does not acknowledge, whichever transfer it is, is \"nack\"", () => {
  const script = [...OPEN, ...SAMPLE];
  script.forEach((_, at) => assert.equal(play(open(), nackedAt(script, at)),
    at < OPEN.length ? { opened: ["nack"], sampled: [] } : { opened: [""], sampled: [["nack", []]] }));
});

test("a bad CRC, of the serial number, too, is \"crc\"", () => {
  for (const answer of ["6666 92 8000 a2", "6666 93 8000 a3"]) {
    assert.equal(play(open(), [...OPEN, SAMPLE[0]!, ["", answer, 9]]).sampled, [["crc", []]]);
  }
  assert.equal(play(open(), [...OPEN.slice(0, 2), ["", "beef92 beef93", 2]]).opened, ["crc"]);
});

test("a temperature that the part cannot measure is \"range\"", () => {
  for (const word of ["0000 81", "ffff ac"]) {
    assert.equal(play(open(), [...OPEN, SAMPLE[0]!, ["", `${word} 8000 a2`, 9]]).sampled, [["range", []]]);
  }
});

test("meta stays out of the bundle, and the driver is below 500 bytes", async () => {
  const { code, bytes: size } = await driverAlone("sht4x");
  assert.not.match(code, /precision|deviceClass|title/);
  assert.ok(size <= 500, `${size} bytes`);
});

test.run();
