/** HTU21D(F) data sheet HPC199: "CRC-8 checksum calculations", "Conversion of signal outputs"; Si7021-A20. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { crc8 } from "../../lib/drivers/common/crc8.ts";
import * as htu21d from "../../lib/drivers/htu21d.ts";
import { driverAlone } from "./bundle.ts";
import { bytes } from "./clock.ts";
import { byOptions, nackedAt, play, type Line } from "./script.ts";

const crc = (word: string): string => word + crc8(bytes(word), 0).toString(16).padStart(2, "0");
const OPEN: Line[] = [["fe", ""], ["e7", "02", 15]];
const SAMPLE: Line[] = [["f3", ""], ["", "683a7c", 50], ["f5", ""], ["", "4e8569", 23]];
const open = byOptions(htu21d);

test("the examples of the CRC: DC has 79, 68 3A has 7C, 4E 85 has 6B", () => {
  assert.is(crc8(bytes("dc"), 0), 0x79);
  assert.is(crc8(bytes("683a"), 0), 0x7c);
  assert.is(crc8(bytes("4e85"), 0), 0x6b);
});

test("the examples: 683A is 24.69 degC, 4E85 is 32.34 %RH; the bits of status are not part of them", () => {
  // -46.85 + 175.72 x 0x6838 / 65536 and -6 + 125 x 0x4e84 / 65536
  assert.is(htu21d.toTemperature(0x683a), 2469);
  assert.is(htu21d.toTemperature(0x6838), 2469);
  assert.is(htu21d.toHumidity(0x4e85, 2469, 0), 3234);
  assert.is(htu21d.toHumidity(0x4e86, 2469, 0), 3234);
});

test("below zero it is negative, and the humidity is cropped to 0 to 100 %RH", () => {
  assert.is(htu21d.toTemperature(0x3000), -1390);
  assert.is(htu21d.toTemperature(0x09f8), -4001);
  assert.is(htu21d.toHumidity(0, 2500, 0), 0);
  assert.is(htu21d.toHumidity(0xfffc, 2500, 0), 10000);
});

test("the humidity of an HTU21D is compensated by -0.15 %RH a degree, from 25 degC on, between 0 and 80 degC", () => {
  const rows = [
    [2500, 3234], [1500, 3084], [4500, 3534], [0, 2859], [-4000, 2859], [8000, 4059], [12500, 4059],
  ] as const;
  for (const [temperature, humidity] of rows) {
    assert.is(htu21d.toHumidity(0x4e84, temperature, -0.15), humidity, String(temperature));
  }
  assert.equal([{}, { model: "htu21d" }, { model: "si7021" }].map((options) => htu21d.meta.constants(options)),
    [[-0.15], [-0.15], [0]]);
});

test("each sample is a temperature of 50 ms, then a humidity of 23 ms", () => {
  const script: Line[] = [...OPEN, ...SAMPLE.slice(0, 3), ["", "4e856b", 23]];
  assert.equal(play(open, script, 1, 0x40), { opened: [""], sampled: [["", [2469, 3229]]] });
  assert.is(htu21d.meta.conversionMs({}), 73);
});

test("a Si7021, whose user register is 3A after a reset, is taken, too; another resolution is \"id\"", () => {
  const si7021 = byOptions(htu21d, { model: "si7021" });
  const after = (user: string): string[] => play(si7021, [OPEN[0]!, ["e7", user, 15]], 0).opened;
  assert.equal(after("3a"), [""]);
  assert.equal(after("02"), [""]);
  for (const user of ["83", "ff", "06", "42"]) assert.equal(after(user), ["id"], user);
});

test("a part that does not acknowledge, whichever transfer it is, is \"nack\"; a temperature that came is kept", () => {
  const script: Line[] = [...OPEN, ...SAMPLE];
  script.forEach((_, at) => assert.equal(play(open, nackedAt(script, at)), at < 2
    ? { opened: ["nack"], sampled: [] }
    : { opened: [""], sampled: [["nack", at < 4 ? [] : [2469]]] }));
});

test("a bad CRC is \"crc\", that of the humidity leaves the temperature", () => {
  assert.equal(play(open, [...OPEN, SAMPLE[0]!, ["", "683a7d", 50]]).sampled, [["crc", []]]);
  assert.equal(play(open, [...OPEN, ...SAMPLE]).sampled, [["crc", [2469]]]);
});

test("a temperature that the part cannot measure is \"range\"", () => {
  for (const word of ["0000", "09f0", "fffc"]) {
    assert.equal(play(open, [...OPEN, SAMPLE[0]!, ["", crc(word), 50]]).sampled, [["range", []]]);
  }
});

test("meta stays out of the bundle, and the driver is below 650 bytes", async () => {
  const { code, bytes: size } = await driverAlone("htu21d");
  assert.not.match(code, /deviceClass|title/);
  assert.ok(size <= 650, `${size} bytes`);
});

test.run();
