/** Data sheet DocID17530, revision 2. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { axisOf, create, meta } from "../../lib/drivers/lis3dh.ts";
import { driverAlone } from "./bundle.ts";
import { bytes, now, waitsMs } from "./clock.ts";
import { assertEveryNackIsReported, fake, use, type Fake } from "./fake.ts";

interface Options { id?: number; data?: string; readyMs?: number; lost?: boolean; nackAt?: number }

const makePart = (options: Options = {}): Fake => {
  const { id = 0x33, data = "0000 00c0 0040", readyMs = 0, lost = false, nackAt = 0 } = options;
  let control = "07";
  return fake(0x19, (written, count) => {
    if (count === 7) {
      assert.is(written, "a7");
      return (now() >= readyMs ? "0f" : "00") + data;
    }
    if (count === 1) return written === "0f" ? [id] : written === "20" ? control : undefined;
    if (written.startsWith("20") && !lost) control = written.slice(2);
    return "";
  }, nackAt);
};
const driverOf = (part: Fake, options: Record<string, unknown> = {}) =>
  create(part.transfer, 0x19, ...meta.constants(options) as [number, number, number, number]);

test("12 bits, left-aligned, low byte first, in two's complement (table 4, 3.2.1)", () => {
  // 350 mg is 15E0h at 1 mg a count, 1 g is 4000h, -350 mg is EA20h, -1 g is C000h: AN3308, table 13.
  const rows = [["e015", 350], ["0040", 1024], ["20ea", -350], ["00c0", -1024], ["f0ff", -1], ["1000", 1]] as const;
  for (const [pair, counts] of rows) assert.is(axisOf(bytes(pair), 0, 1), counts, pair);
});

test("both ends of the scale have no value", () => {
  assert.is(axisOf(bytes("f07f"), 0, 1), undefined);
  assert.is(axisOf(bytes("0080"), 0, 1), undefined);
  assert.is(axisOf(bytes("e07f"), 0, 1), 2046);
});

test("a sample gives mm/s^2 of each axis, negative ones, too", () => {
  const part = makePart();
  const driver = driverOf(part);
  assert.equal(part.log, []);
  // -1024 and 1024 counts of 1 mg.
  assert.equal(use(driver), { opened: [""], sampled: [["", [0, -10042, 10042]]] });
  assert.equal(part.log, ["0f 1", "2388", "2027", "20 1", "a7 7"]);
  assert.equal(waitsMs, [0]);
});

test("each range has its code and its step: 1, 2, 4 and 12 mg (table 4); each rate has its code (table 31)", () => {
  [2, 4, 8, 16].forEach((range, i) => {
    const [, full, scale] = meta.constants({ range }) as [number, number, number];
    assert.equal([full, scale], [0x88 | i << 4, [1, 2, 4, 12][i]! * 9.80665]);
  });
  [1, 10, 25, 50, 100, 200, 400].forEach((rate, i) => {
    const [control, , , periodMs] = meta.constants({ rate }) as number[];
    assert.equal([control, periodMs], [(i + 1) << 4 | 7, Math.ceil(1000 / rate)]);
    assert.is(meta.conversionMs({ rate }), Math.ceil(7000 / rate), "turn-on time, table 12");
  });
});

test("an axis beyond the full scale is \"range\", the others are published", () => {
  const part = makePart({ data: "f07f 00c0 0040" });
  assert.equal(use(driverOf(part)).sampled, [["range", [undefined, -10042, 10042]]]);
});

test("a part that has nothing new yet is asked again, a bounded number of times", () => {
  assert.is(use(driverOf(makePart({ readyMs: 650 }))).sampled[0]![0], "");
  const stuck = makePart({ readyMs: Infinity });
  assert.equal(use(driverOf(stuck)).sampled, [["timeout", []]]);
  assert.ok(stuck.log.length < 25);
});

test("a part that has lost its settings is \"reset\"; another part is \"id\"", () => {
  assert.equal(use(driverOf(makePart({ lost: true }))).sampled, [["reset", []]]);
  for (const id of [0x32, 0xff, 0]) assert.equal(use(driverOf(makePart({ id }))), { opened: ["id"], sampled: [] });
});

test("whatever transfer is not acknowledged, it is \"nack\" and no value", () => {
  assertEveryNackIsReported((nackAt) => {
    const part = makePart({ nackAt });
    return { driver: driverOf(part), log: part.log };
  });
});

test("meta stays out of the bundle", async () => {
  assert.not.match((await driverAlone("lis3dh")).code, /stateClass|newest/);
});

test.run();
