/** Data sheet SBAS444D. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta } from "../../lib/drivers/ads1115.ts";
import { driverAlone } from "./bundle.ts";
import { now, waitsMs } from "./clock.ts";
import { assertEveryNackIsReported, fake, hexWord, use, type Fake } from "./fake.ts";

interface Options { counts?: number[]; lateMs?: number; lostAt?: number; nackAt?: number }

/** Counts by the inputs of MUX 4 to 7; knows conversion and config registers. */
const makePart = ({ counts = [0, 0, 0, 0], lateMs = 0, lostAt = 0, nackAt = 0 }: Options = {}): Fake => {
  let config = 0x8583;
  let readyMs = -1;
  let writes = 0;
  return fake(0x48, (written, count) => {
    if (written === "01" && count === 2) {
      const busy = now() < readyMs;
      return hexWord((config & 0x7fff) | (busy ? 0 : 0x8000));
    }
    if (written === "00" && count === 2) return hexWord(counts[(config >> 12 & 7) % 4]!);
    assert.match(written, /^01....$/);
    config = parseInt(written.slice(2), 16);
    if (config & 0x8000) {
      const rate = [8, 16, 32, 64, 128, 250, 475, 860][config >> 5 & 7]!;
      readyMs = now() + 1000 / rate + lateMs;
    }
    if (++writes === lostAt) config = 0x8583;
    return "";
  }, nackAt);
};

const driverOf = (part: Fake, options: Record<string, unknown> = {}) =>
  create(part.transfer, 0x48, ...meta.constants(options) as [number[], number, number, number]);

test("the codes of table 3 at a full scale of 4.096 V: 7FFF clipped, 1 is 0.000125 V, -1 and 8001 are negative", () => {
  const { sampled } = use(driverOf(makePart({ counts: [32766, 1, -1, -32767] })));
  assert.equal(sampled, [["", [40958, 1, -1, -40959]]]); // 4.09575 V, 0.000125 V, -0.000125 V, -4.095875 V
});

test("an input beyond the full scale has no value and is \"range\"; the others are published", () => {
  const { sampled } = use(driverOf(makePart({ counts: [100, 32767, 200, 300] })));
  assert.equal(sampled, [["range", [125, undefined, 250, 375]]]);
  assert.equal(use(driverOf(makePart({ counts: [-32768, 0, 0, 0] }))).sampled, [["range", [undefined, 0, 0, 0]]]);
});

test("each gain has its PGA code, and its count in the field's unit (9.6.3, table 3)", () => {
  const rows = [
    ["2/3", 0, 187.5, 4], [1, 1, 125, 4], [2, 2, 62.5, 5], [4, 3, 31.25, 5], [8, 4, 15.625, 5], [16, 5, 7.8125, 6],
  ] as const;
  for (const [gain, pga, microvolts, decimals] of rows) {
    const [inputs, , scale] = meta.constants({ gain, inputs: ["a0"] }) as [number[], number, number];
    assert.is(inputs[0]! >> 1 & 7, pga);
    assert.ok(Math.abs(scale - microvolts / 10 ** (6 - decimals)) < 1e-9);
    assert.equal(meta.fields({ gain, inputs: ["a0"] }).map((field) => field.decimals), [decimals]);
  }
});

test("each input has its MUX code (9.6.3), and its field", () => {
  const inputs = ["a0_a1", "a0_a3", "a1_a3", "a2_a3", "a0", "a1", "a2", "a3"];
  const [codes] = meta.constants({ inputs }) as [number[]];
  assert.equal(codes.map((code) => code >> 4), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal(meta.fields({ inputs }).map(({ name }) => name), inputs);
});

test("each rate has its code and its longest conversion, a tenth above the nominal one (7.5)", () => {
  const rows = [
    [8, 0, 138], [16, 1, 69], [32, 2, 35], [64, 3, 18], [128, 4, 9], [250, 5, 5], [475, 6, 3], [860, 7, 2],
  ] as const;
  for (const [rate, code, ms] of rows) {
    const constants = meta.constants({ rate }) as [number[], number, number, number];
    assert.equal([constants[1] >> 5, constants[3]], [code, ms]);
    assert.is(meta.conversionMs({ rate }), 4 * ms);
  }
});

test("a sample starts each input, waits, looks at the config register, reads, and looks again; creating touches nothing", () => {
  const part = makePart({ counts: [5, 6, 7, 8] });
  const driver = driverOf(part, { inputs: ["a0", "a2"] });
  assert.equal(part.log, []);
  use(driver);
  assert.equal(part.log, [
    "014383", "01 2",
    "01c383", "01 2", "00 2", "01 2", "01e383", "01 2", "00 2", "01 2",
  ]);
  assert.equal(waitsMs, [9, 9]);
});

test("a conversion that takes longer is asked for again, a bounded number of times", () => {
  assert.equal(use(driverOf(makePart({ counts: [8, 8, 8, 8], lateMs: 8 }))).sampled, [["", [10, 10, 10, 10]]]);
  const stuck = makePart({ lateMs: Infinity });
  assert.equal(use(driverOf(stuck)).sampled, [["timeout", []]]);
  assert.ok(stuck.log.length < 12);
});

test("a part that has lost its power since the conversion began is \"reset\"", () => {
  assert.equal(use(driverOf(makePart({ lostAt: 2 }))).sampled, [["reset", []]]);
});

test("whatever transfer is not acknowledged, it is \"nack\" and no value", () => {
  assertEveryNackIsReported((nackAt) => {
    const part = makePart({ nackAt });
    return { driver: driverOf(part), log: part.log };
  });
});

test("what does not keep its config register is no ADS1115", () => {
  for (const answer of ["ffff", "0000", "8583"]) {
    const part = fake(0x48, (_, count) => (count > 0 ? answer : ""));
    assert.equal(use(driverOf(part)).opened, ["id"]);
  }
});

test("meta stays out of the bundle", async () => {
  const { code } = await driverAlone("ads1115");
  assert.not.match(code, /deviceClass|supply/);
});

test.run();
