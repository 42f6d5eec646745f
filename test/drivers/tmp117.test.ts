/** TMP117 data sheet SNOSD82D: 7.3.1 (table 7-1), 7.4.3, 7.6. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as tmp117 from "../../lib/drivers/tmp117.ts";
import { driverAlone } from "./bundle.ts";
import { bytes } from "./clock.ts";
import { byOptions, nackedAt, play, type Line } from "./script.ts";

const OPEN: Line[] = [["0f", "0117"]];
const SAMPLE: Line[] = [["010c20", ""], ["01", "2c20", 140], ["00", "0c80"]];
const open = (options = {}) => byOptions(tmp117, options);

test("the words of table 7-1: 125, 25, 0.0078125, 0, -0.0078125, -25, -40 degC", () => {
  const rows: [string, number][] = [
    ["3e80", 125000], ["0c80", 25000], ["0001", 8], ["0000", 0], ["ffff", -8], ["f380", -25000], ["ec00", -40000],
    ["e480", -55000], ["4b00", 150000],
  ];
  for (const [word, temperature] of rows) assert.equal(tmp117.convert(bytes(word)), [temperature], word);
});

test("what the part cannot measure, and the word after a reset, is \"range\"", () => {
  for (const word of ["8000", "e47f", "4b01", "7fff"]) {
    assert.equal(play(open(), [...OPEN, ...SAMPLE.slice(0, 2), ["00", word]]).sampled, [["range", []]], word);
  }
});

test("each sample is one shot, read when Data_Ready says so; 1, 8, 32, 64 conversions", () => {
  assert.equal(play(open(), [...OPEN, ...SAMPLE, ...SAMPLE], 2, 0x48),
    { opened: [""], sampled: [["", [25000]], ["", [25000]]] });
  [[1, 0, 18], [8, 0x20, 140], [32, 0x40, 560], [64, 0x60, 1120]].forEach(([average, low, ms]) => {
    assert.equal(tmp117.meta.constants({ average }), [low, ms]);
    assert.is(tmp117.meta.conversionMs({ average }), ms! + 40);
  });
});

test("a part that is not ready is asked again, four times; then it is \"timeout\"", () => {
  assert.equal(play(open(), [...OPEN, SAMPLE[0]!, ["01", "0c20", 140], ["01", "2420", 10], SAMPLE[2]!]).sampled,
    [["", [25000]]]);
  const again: Line[] = Array.from({ length: 4 }, () => ["01", "0c20", 10]);
  assert.equal(play(open(), [...OPEN, SAMPLE[0]!, ["01", "0c20", 140], ...again]).sampled, [["timeout", []]]);
});

test("a part that does not acknowledge, whichever transfer it is, is \"nack\"", () => {
  const script = [...OPEN, ...SAMPLE];
  script.forEach((_, at) => assert.equal(play(open(), nackedAt(script, at)),
    at < OPEN.length ? { opened: ["nack"], sampled: [] } : { opened: [""], sampled: [["nack", []]] }));
});

test("another part is \"id\", another revision is not", () => {
  for (const id of ["0118", "ffff", "0000"]) assert.equal(play(open(), [["0f", id]]).opened, ["id"]);
  assert.equal(play(open(), [["0f", "1117"]], 0).opened, [""]);
});

test("a part that lost its power in the measurement is in continuous mode: \"reset\"", () => {
  assert.equal(play(open(), [...OPEN, SAMPLE[0]!, ["01", "0220", 140]]).sampled, [["reset", []]]);
  assert.equal(play(open(), [...OPEN, SAMPLE[0]!, ["01", "2220", 140]]).sampled, [["reset", []]]);
});

test("meta stays out of the bundle, and the driver is below 650 bytes", async () => {
  const { code, bytes: size } = await driverAlone("tmp117");
  assert.not.match(code, /deviceClass|title/);
  assert.ok(size <= 650, `${size} bytes`);
});

test.run();
