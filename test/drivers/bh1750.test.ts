/** BH1750FVI technical note 11046EDT01, revision D: "Instruction set architecture", "Measurement sequence example". */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as bh1750 from "../../lib/drivers/bh1750.ts";
import { driverAlone } from "./bundle.ts";
import { byOptions, nackedAt, play, type Line } from "./script.ts";

const OPEN: Line[] = [["01", ""]];
/** 69 is 010 00101. */
const SAMPLE: Line[] = [["42", ""], ["65", ""], ["20", ""], ["", "8390", 180]];
const open = (options = {}) => byOptions(bh1750, options);

test("the note's example: high byte 10000011, low byte 10010000 are (2^15+2^9+2^8+2^7+2^4)/1.2 = 28067 lx", () => {
  // 8390 is hexadecimal, 33680: the example's 28067 is a whole number, the driver's has a tenth.
  const [[error, values]] = play(open(), [...OPEN, ...SAMPLE], 1, 0x23).sampled as [[string, number[]]];
  assert.equal([error, values], ["", [280667]]);
  assert.is(Math.round(values[0]! / 10), 28067);
});

test("darkness is 0 lx, and a count of 1 is 0.8 lx, or 0.4 lx in mode 2", () => {
  const one = (options: object, command: string, raw: string, ms: number): unknown =>
    play(open(options), [...OPEN, ["42", ""], ["65", ""], [command, ""], ["", raw, ms]]).sampled[0];
  assert.equal(one({}, "20", "0000", 180), ["", [0]]);
  assert.equal(one({}, "20", "0001", 180), ["", [8]]);
  assert.equal(one({ mode: "high2" }, "21", "0001", 180), ["", [4]]);
  assert.equal(one({ mode: "low" }, "23", "0004", 24), ["", [33]]);
});

test("the measurement time scales sensitivity and waiting: 254 is 0.226 lx a count, 31 is 1.85 lx", () => {
  // 254 is 111 11110, 31 is 000 11111.
  assert.equal(play(open({ measurementTime: 254 }), [
    ...OPEN, ["47", ""], ["7e", ""], ["20", ""], ["", "03e8", 663],
  ]).sampled, [["", [2264]]]);
  assert.equal(play(open({ measurementTime: 31 }), [
    ...OPEN, ["40", ""], ["7f", ""], ["20", ""], ["", "03e8", 81],
  ]).sampled, [["", [18548]]]);
  assert.is(bh1750.meta.conversionMs({ measurementTime: 254, mode: "high2" }), 663);
});

test("more light than it can count is \"range\"", () => {
  assert.equal(play(open(), [...OPEN, ...SAMPLE.slice(0, 3), ["", "ffff", 180]]).sampled, [["range", []]]);
  assert.equal(play(open(), [...OPEN, ...SAMPLE.slice(0, 3), ["", "fffe", 180]]).sampled, [["", [546117]]]);
});

test("a part that does not acknowledge, whichever transfer it is, is \"nack\"", () => {
  const script = [...OPEN, ...SAMPLE];
  script.forEach((_, at) => assert.equal(play(open(), nackedAt(script, at)),
    at < OPEN.length ? { opened: ["nack"], sampled: [] } : { opened: [""], sampled: [["nack", []]] }));
});

test("meta stays out of the bundle, and the driver is below 450 bytes", async () => {
  const { code, bytes: size } = await driverAlone("bh1750");
  assert.not.match(code, /deviceClass|title|high2/);
  assert.ok(size <= 450, `${size} bytes`);
});

test.run();
