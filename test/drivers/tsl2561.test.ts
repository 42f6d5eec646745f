/** TSL2560, TSL2561 data sheet TAOS059N: "Register set", "Calculating lux". */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as tsl2561 from "../../lib/drivers/tsl2561.ts";
import type { Values } from "../../lib/drivers/types.ts";
import { driverAlone } from "./bundle.ts";
import { random } from "./clock.ts";
import { byOptions, nackedAt, play, type Line } from "./script.ts";

const OPEN: Line[] = [["8a", "50"]];
const SAMPLE: Line[] = [["8003", ""], ["8102", ""], ["ac", "e803", 431], ["ae", "2c01"], ["80", "03"], ["8000", ""]];
const constants = (options: object): unknown[] => tsl2561.meta.constants(options as Record<string, unknown>);
const [, TABLE] = constants({}) as [number, number[]];
const lux = (light: number, infrared: number): Values => tsl2561.convert(light, infrared, TABLE);
const open = (options = {}) => byOptions(tsl2561, options);

/** The data sheet's CalculateLux for T, FN, CL: integers, K, B and M by segments. */
const K = [0x40, 0x80, 0xc0, 0x100, 0x138, 0x19a, 0x29a];
const B = [0x1f2, 0x214, 0x23f, 0x270, 0x16f, 0xd2, 0x18, 0];
const M = [0x1be, 0x2d1, 0x37b, 0x3fe, 0x1fc, 0xfb, 0x12, 0];
const calculateLux = (channel0: number, channel1: number): number => {
  const ratio1 = channel0 === 0 ? 0 : Math.floor(channel1 * 1024 / channel0);
  const ratio = (ratio1 + 1) >> 1;
  const at = K.findIndex((k) => ratio <= k);
  const segment = at < 0 ? 7 : at;
  return Math.max(0, channel0 * B[segment]! - channel1 * M[segment]!) / 16384;
};

test("the formula and the data sheet's own code agree within its 3 %, over all ratios", () => {
  const below = random(2561);
  for (let i = 0; i < 2000; i++) {
    const visible = 1000 + below(60000);
    const infrared = below(visible);
    const got = lux(visible, infrared)[0]! / 10;
    const wanted = calculateLux(visible, infrared);
    // Segments of straight lines, whose ends do not quite meet at ratios of 0.61, 0.8 and 1.3.
    assert.ok(Math.abs(got - wanted) <= 0.03 * wanted + 0.0008 * visible, `${visible} ${infrared}: ${got}, not ${wanted}`);
  }
});

test("each part of the formula: ratios of 0.3, 0.54, 0.7, 1 and 1.5; darkness", () => {
  assert.equal(lux(1000, 300), [Math.round((30.4 - 62 * 0.3 ** 1.4) * 10)]);
  assert.equal(lux(1000, 540), [57]); // 22.4 - 16.74 = 5.66
  assert.equal(lux(1000, 700), [21]); // 12.8 - 10.71 = 2.09
  assert.equal(lux(10000, 10000), [34]); // 14.6 - 11.2 = 3.4
  assert.equal(lux(1000, 1500), [0]);
  assert.equal(lux(0, 0), [0]);
});

test("counts are scaled to 402 ms and gain 16", () => {
  const scale = (options: object): unknown => constants(options).slice(2, 5);
  assert.equal(scale({}), [2, 16, 65535]);
  assert.equal(scale({ gain: 16 }), [0x12, 1, 65535]);
  assert.equal(scale({ gain: 16, integrationMs: 101 }), [0x11, 3.97530864, 37177]);
  assert.equal(scale({ gain: 1, integrationMs: 13.7 }), [0, 468.363636, 5047]);
});

test("each sample powers up, waits for the longest integration, reads both channels, and powers down", () => {
  // 1000 and 300 counts at gain 1 are 16,000 and 4,800.
  const values = lux(16000, 4800);
  assert.equal(play(open(), [...OPEN, ...SAMPLE, ...SAMPLE], 2, 0x39),
    { opened: [""], sampled: [["", values], ["", values]] });
  assert.equal([13.7, 101, 402].map((integrationMs) => tsl2561.meta.conversionMs({ integrationMs })), [15, 109, 431]);
});

test("a channel at its most is \"range\", whichever it is", () => {
  for (const [a, b] of [["ffff", "0100"], ["0100", "ffff"]] as const) {
    const script: Line[] = [...OPEN, ...SAMPLE.slice(0, 2), ["ac", a, 431], ["ae", b], ...SAMPLE.slice(4)];
    assert.equal(play(open(), script).sampled, [["range", []]]);
  }
  const short: Line[] = [...OPEN, SAMPLE[0]!, ["8100", ""], ["ac", "b713", 15], ["ae", "0100"], ...SAMPLE.slice(4)];
  assert.equal(play(open({ integrationMs: 13.7 }), short).sampled, [["range", []]]);
});

test("a part that does not acknowledge, whichever transfer it is, is \"nack\"", () => {
  const script = [...OPEN, ...SAMPLE];
  script.forEach((_, at) => {
    const after = at === 3 ? SAMPLE.slice(3, 5) : at === 4 ? SAMPLE.slice(4, 5) : [];
    assert.equal(play(open(), [...nackedAt(script, at), ...after]),
      at < OPEN.length ? { opened: ["nack"], sampled: [] } : { opened: [""], sampled: [["nack", []]] }, `${at}`);
  });
});

test("the package CS has factors and an id of its own", () => {
  const [id, table] = constants({ package: "cs" }) as [number, number[]];
  assert.equal(tsl2561.convert(1000, 300, table), [Math.round((31.5 - 59.3 * 0.3 ** 1.4) * 10)]);
  assert.equal([600, 700, 1000, 1400].map((infrared) => tsl2561.convert(1000, infrared, table)[0]), [54, 31, 8, 0]);
  assert.is(id, 1);
  assert.equal(play(open({ package: "cs" }), [["8a", "10"]], 0).opened, [""]);
});

test("another part, as the TSL2561 in package CS, is \"id\"; one that lost its power is \"reset\"", () => {
  for (const id of ["10", "40", "ff"]) assert.equal(play(open(), [["8a", id]]).opened, ["id"]);
  assert.equal(play(open(), [["8a", "5a"]], 0).opened, [""]);
  const script: Line[] = [...OPEN, ...SAMPLE.slice(0, 4), ["80", "00"], SAMPLE[5]!];
  assert.equal(play(open(), script).sampled, [["reset", []]]);
});

test("meta stays out of the bundle, and the driver is below 900 bytes", async () => {
  const { code, bytes: size } = await driverAlone("tsl2561");
  assert.not.match(code, /deviceClass|title/);
  assert.ok(size <= 900, `${size} bytes`);
});

test.run();
