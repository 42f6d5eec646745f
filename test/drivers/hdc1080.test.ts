/** HDC1080 data sheet SNAS672A: 8.5.3, 8.6. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as hdc1080 from "../../lib/drivers/hdc1080.ts";
import { driverAlone } from "./bundle.ts";
import { bytes } from "./clock.ts";
import { byOptions, nackedAt, play, type Line } from "./script.ts";

const OPEN: Line[] = [["fe", "5449"], ["ff", "1050"], ["021000", ""]];
const SAMPLE: Line[] = [["00", ""], ["", "64d8 8000", 20]];
const open = byOptions(hdc1080);

test("temperature of 8.6.1, below zero negative, and humidity of 8.6.2", () => {
  const rows: [string, string, number, number][] = [
    ["0000", "0004", -4000, 1], ["2e88", "4000", -1001, 2500], ["3e0c", "8000", -1, 5000], ["64d8", "8000", 2500, 5000],
    ["fffc", "fffc", 12499, 9999],
  ];
  for (const [t, h, temperature, humidity] of rows) {
    assert.equal(hdc1080.convert(bytes(t + h)), [temperature, humidity], t);
  }
});

test("each sample is one measurement of both, read 20 ms later", () => {
  assert.equal(play(open, [...OPEN, ...SAMPLE, ...SAMPLE], 2, 0x40),
    { opened: [""], sampled: [["", [2500, 5000]], ["", [2500, 5000]]] });
});

test("a part that does not acknowledge, whichever transfer it is, is \"nack\"", () => {
  const script = [...OPEN, ...SAMPLE];
  script.forEach((_, at) => assert.equal(play(open, [...nackedAt(script, at), ...(at === 0 ? [OPEN[1]!] : [])]),
    at < OPEN.length ? { opened: ["nack"], sampled: [] } : { opened: [""], sampled: [["nack", []]] }));
});

test("another part is \"id\"", () => {
  assert.equal(play(open, [["fe", "5450"], ["ff", "1050"]]).opened, ["id"]);
  assert.equal(play(open, [["fe", "5449"], ["ff", "1000"]]).opened, ["id"]);
});

test("data as after a reset are \"range\"; one of the two may well be 0", () => {
  assert.equal(play(open, [...OPEN, SAMPLE[0]!, ["", "0000 0000", 20]]).sampled, [["range", []]]);
  assert.equal(play(open, [...OPEN, SAMPLE[0]!, ["", "64d8 0000", 20]]).sampled, [["", [2500, 0]]]);
});

test("meta stays out of the bundle, and the driver is below 500 bytes", async () => {
  const { code, bytes: size } = await driverAlone("hdc1080");
  assert.not.match(code, /deviceClass|title/);
  assert.ok(size <= 500, `${size} bytes`);
});

test.run();
