/** Data sheet ENG_DS_MS5611-01BA03_B3; CRC of application note AN520. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta, ms5611Values, promCrc } from "../../lib/drivers/ms5611.ts";
import { driverAlone } from "./bundle.ts";
import { bytes, now, random, waitsMs } from "./clock.ts";
import { assertEveryNackIsReported, fake, hexWord, use, type Fake } from "./fake.ts";

/** A PROM with these C1 to C6 and a right CRC. */
const promOf = (c: number[]): string => {
  const open = [0x1234, ...c, 0x5600].map(hexWord).join("");
  return open.slice(0, -1) + promCrc(bytes(open)).toString(16);
};
const EXAMPLE = promOf([40127, 36924, 23317, 23282, 33464, 28312]);
const D1 = 9085466;
const D2 = 8569150;

test("the example of AN520 has the CRC B", () => {
  assert.is(promCrc(bytes("3132 3334 3536 3738 3940 4142 4344 4500")), 0xb);
  assert.is(promCrc(bytes("3132 3334 3536 3738 3940 4142 4344 45ff")), 0xb, "what is in the CRC's own byte does not count");
});

test("the example of the data sheet gives 20.07 degC and 1000.09 mbar", () => {
  assert.equal(ms5611Values(bytes(EXAMPLE), D1, D2), [2007, 100009]);
});

/** The flow charts, in whole numbers as they are there. */
const reference = (c: bigint[], d1: bigint, d2: bigint): { t: bigint; p: bigint } => {
  const dT = d2 - (c[5]! << 8n);
  let temp = 2000n + ((dT * c[6]!) >> 23n);
  let off = (c[2]! << 16n) + ((c[4]! * dT) >> 7n);
  let sens = (c[1]! << 15n) + ((c[3]! * dT) >> 8n);
  if (temp < 2000n) {
    const t2 = (dT * dT) >> 31n;
    let off2 = (5n * (temp - 2000n) ** 2n) >> 1n;
    let sens2 = (5n * (temp - 2000n) ** 2n) >> 2n;
    if (temp < -1500n) {
      off2 += 7n * (temp + 1500n) ** 2n;
      sens2 += (11n * (temp + 1500n) ** 2n) >> 1n;
    }
    temp -= t2;
    off -= off2;
    sens -= sens2;
  }
  return { t: temp, p: (((d1 * sens) >> 21n) - off) >> 15n };
};

test("it is the data sheet's whole-number calculation within 0.01 degC and 3 Pa, which cuts off as it goes; cold, too", () => {
  const below = random(5611);
  let cold = 0;
  let veryCold = 0;
  for (let done = 0; done < 3000;) {
    const c = [40127, 36924, 23317, 23282, 33464, 28312].map((n) => n - 1000 + below(2001));
    const [d1, d2] = [6_000_000 + below(5_000_000), 6_300_000 + below(4_000_000)];
    const { t, p } = reference([0n, ...c.map(BigInt)], BigInt(d1), BigInt(d2));
    if (t < -3999n || t > 8499n || p < 1001n || p > 119999n) continue;
    done++;
    if (t < 2000n) cold++;
    if (t < -1500n) veryCold++;
    const [temperature, pressure] = ms5611Values(bytes(promOf(c)), d1, d2);
    assert.ok(Math.abs(temperature! - Number(t)) <= 1 && Math.abs(pressure! - Number(p)) <= 3,
      `${c.join(" ")} ${d1} ${d2}: ${temperature} ${t}, ${pressure} ${p}`);
  }
  assert.ok(cold > 500 && veryCold > 100, `${cold}, ${veryCold}`);
});

test("outside of -40 to 85 degC and 10 to 1200 mbar there is no value", () => {
  for (const [d1, d2] of [[D1, 0xffffff], [D1, 1], [1, D2], [0xffffff, D2]] as const) {
    assert.equal(ms5611Values(bytes(EXAMPLE), d1, d2), []);
  }
});

interface Options { prom?: string; again?: string; lateMs?: number; nackAt?: number }

/** @param again what the PROM reads when it is read again */
const makePart = ({ prom = EXAMPLE, again = prom, lateMs = 0, nackAt = 0 }: Options = {}): Fake => {
  let reads = 0;
  let converted = 0;
  let readyMs = 0;
  let isReloaded = false;
  return fake(0x77, (written, count) => {
    if (count === 3) {
      assert.is(written, "00");
      return now() >= readyMs ? converted.toString(16).padStart(6, "0") : "000000";
    }
    if (count === 2) {
      assert.ok(isReloaded);
      const at = parseInt(written, 16) - 0xa0;
      if (at === 0) reads++;
      return (reads > 1 ? again : prom).slice(at * 2, at * 2 + 4);
    }
    if (written === "1e") isReloaded = true;
    else {
      const what = parseInt(written, 16);
      converted = what < 0x50 ? D1 : D2;
      readyMs = now() + [0.6, 1.17, 2.28, 4.54, 9.04][(what & 15) / 2]! + lateMs;
    }
    return "";
  }, nackAt);
};
const driverOf = (part: Fake, options: Record<string, unknown> = {}) =>
  create(part.transfer, 0x77, ...meta.constants(options) as [number, number]);

test("it resets, reads the PROM twice, and each sample converts temperature and pressure", () => {
  const part = makePart();
  const driver = driverOf(part);
  assert.equal(part.log, []);
  assert.equal(use(driver, 2), { opened: [""], sampled: [["", [2007, 100009]], ["", [2007, 100009]]] });
  const sample = ["58", "00 3", "48", "00 3"];
  const prom = ["a0 2", "a2 2", "a4 2", "a6 2", "a8 2", "aa 2", "ac 2", "ae 2"];
  assert.equal(part.log, ["1e", ...prom, ...prom, ...sample, ...sample]);
  assert.equal(waitsMs, [3, 10, 10, 10, 10]);
});

test("each oversampling has its command and its longest conversion", () => {
  const rows = [[256, "50", 1], [512, "52", 2], [1024, "54", 3], [2048, "56", 5], [4096, "58", 10]] as const;
  for (const [oversampling, command, ms] of rows) {
    const part = makePart();
    assert.is(use(driverOf(part, { oversampling })).sampled[0]![0], "");
    assert.is(part.log[17], command);
    assert.equal(waitsMs, [3, ms, ms]);
    assert.is(meta.conversionMs({ oversampling }), 2 * ms);
  }
});

test("a PROM with a wrong CRC, of zeros or that nobody drives is \"crc\"", () => {
  const wrong = EXAMPLE.slice(0, 10) + (EXAMPLE[10] === "0" ? "1" : "0") + EXAMPLE.slice(11);
  for (const prom of [wrong, "0".repeat(32), "f".repeat(32)]) {
    assert.equal(use(driverOf(makePart({ prom }))), { opened: ["crc"], sampled: [] });
  }
});

test("a PROM that has a right CRC, and reads otherwise the next time, is \"crc\"", () => {
  const other = promOf([40127, 36924, 23317, 23282, 33464, 28313]);
  for (const [prom, again] of [[other, EXAMPLE], [EXAMPLE, other]] as const) {
    assert.equal(use(driverOf(makePart({ prom, again }))), { opened: ["crc"], sampled: [] });
  }
});

test("a conversion that is not over reads as 0: \"timeout\"", () => {
  assert.equal(use(driverOf(makePart({ lateMs: 5 }))).sampled, [["timeout", []]]);
});

test("whatever transfer is not acknowledged, it is \"nack\" and no value", () => {
  assertEveryNackIsReported((nackAt) => {
    const part = makePart({ nackAt });
    return { driver: driverOf(part), log: part.log };
  });
});

test("meta stays out of the bundle", async () => {
  assert.not.match((await driverAlone("ms5611")).code, /deviceClass|noisy/);
});

test.run();
