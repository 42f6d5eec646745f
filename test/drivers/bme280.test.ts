import { test } from "uvu";
import * as assert from "uvu/assert";
import { compensate, create, meta } from "../../lib/drivers/bme280.ts";
import type { Values } from "../../lib/drivers/types.ts";
import { EXAMPLE, anyCalibration, dataOf, double, reference, registersOf } from "./bme280-reference.ts";
import { driverAlone } from "./bundle.ts";
import { bytes, now, random, run, waitsMs } from "./clock.ts";

/** Of temperature, pressure, humidity. */
type Readings = [number, number, number];

const EXAMPLE_DATA = dataOf(519888, 415148, 30000);

// --- Compensation

test("the example of the BMP280 data sheet (3.12) gives 25.08 degC and 100653 Pa", () => {
  const values = compensate(bytes([...registersOf(EXAMPLE), ...EXAMPLE_DATA]));
  assert.is(values[0], 2508);
  assert.is(values[2], 100653);
  // The references of this test, too.
  assert.is(reference(EXAMPLE, 519888, 415148, 30000)!.temperature, 2508);
  assert.is(Math.round(reference(EXAMPLE, 519888, 415148, 30000)!.pressure / 256), 100653);
  assert.is(Math.round(double(EXAMPLE, 519888, 415148, 30000).pressure), 100653);
});

/** Whether a value is within 1 of the data sheet's, in the unit of the field. */
const near = (value: number | undefined, wanted: number, by = 1): boolean =>
  value !== undefined && Math.abs(value - wanted) <= by;

/** The integer code rounds the humidity's reading to an even one, which is up to 0.7 of our unit, before it begins. */
const NEAR_HUMIDITY = 2;

test("5,000 random calibrations and readings are within 1 of the data sheet's codes, integer and double", () => {
  const below = random(280);
  let negative = 0;
  let clamped = 0;
  let done = 0;
  while (done < 5000) {
    const calibration = anyCalibration(below);
    const adc: Readings = [380000 + below(300000), 200000 + below(500000), 5000 + below(50000)];
    const wanted = reference(calibration, ...adc);
    // Half a unit from a limit the two may differ about what is in range.
    if (!wanted || wanted.temperature < -3999 || wanted.temperature > 8499
      || wanted.pressure < 30001 * 256 || wanted.pressure > 109999 * 256) continue;
    const [temperature, humidity, pressure] = compensate(bytes([...registersOf(calibration), ...dataOf(...adc)]));
    const what = JSON.stringify({ calibration, adc, wanted, got: [temperature, humidity, pressure] });
    assert.ok(near(temperature, wanted.temperature), what);
    assert.ok(near(humidity, wanted.humidity / 10.24, NEAR_HUMIDITY), what);
    assert.ok(near(pressure, wanted.pressure / 256), what);
    const exact = double(calibration, ...adc);
    assert.ok(near(temperature, exact.temperature * 100, 0.6), `${what} ${JSON.stringify(exact)}`);
    assert.ok(near(humidity, exact.humidity * 100, 0.6), `${what} ${JSON.stringify(exact)}`);
    assert.ok(near(pressure, exact.pressure, 0.6), `${what} ${JSON.stringify(exact)}`);
    if (wanted.temperature < 0) negative++;
    if (wanted.humidity === 0 || wanted.humidity === 102400) clamped++;
    done++;
  }
  assert.ok(negative > 500, `${negative} of them are below 0 degC`);
  assert.ok(clamped > 50 && clamped < 4000, `${clamped} of them are at 0 or 100 %RH`);
});

test("dig_H4, dig_H5 and dig_H6 below 0 are taken apart with their signs", () => {
  const rows: (typeof EXAMPLE.H)[] = [
    [75, 370, 0, -100, 50, 30], [75, 370, 0, 313, -50, 30], [75, 370, 9, 313, 50, -30], [75, 370, 0, -1, -1, -1],
  ];
  for (const H of rows) {
    const calibration = { ...EXAMPLE, H };
    const adcH = 9000 + H[3] * 64;
    const wanted = reference(calibration, 519888, 415148, adcH)!;
    const [, humidity] = compensate(bytes([...registersOf(calibration), ...dataOf(519888, 415148, adcH)]));
    assert.ok(near(humidity, wanted.humidity / 10.24, NEAR_HUMIDITY), `${H.join(" ")}: ${humidity}`);
    assert.ok(humidity! > 100 && humidity! < 9900, "not at a limit");
  }
});

test("a reading below 0 degC is negative", () => {
  const [temperature] = compensate(bytes([...registersOf(EXAMPLE), ...dataOf(400000, 415148, 30000)]));
  assert.is(temperature, reference(EXAMPLE, 400000, 415148, 30000)!.temperature);
  assert.ok(temperature! < -1000 && temperature! > -4000, `${temperature}`);
});

test("any bytes at all give integers within the limits of the part, or nothing", () => {
  const below = random(281);
  for (let i = 0; i < 5000; i++) {
    const values = compensate(bytes(Array.from({ length: 41 }, () => below(256))));
    if (values.length === 0) continue;
    const [temperature, humidity, pressure] = values as number[];
    assert.ok(values.every((value) => Number.isInteger(value)), `${values.join(" ")}`);
    assert.ok(temperature! >= -4000 && temperature! <= 8500 && humidity! >= 0 && humidity! <= 10000
      && pressure! >= 30000 && pressure! <= 110000, `${values.join(" ")}`);
  }
});

test("a calibration of zeros gives nothing, though 0.00 degC would follow from it", () => {
  assert.equal(compensate(bytes([...Array.from({ length: 33 }, () => 0), ...EXAMPLE_DATA])), []);
});

// --- The protocol, with a part that knows these commands and no other

interface Part {
  /** Every transfer, in order: "d0 1" is a read of one byte from 0xd0, "e0b6" a write. */
  log: string[];
  registers: number[];
  /** Transfer, counted from 1, that is not acknowledged. */
  nackAt: number;
  /** Busy until this time; Infinity for ever. */
  busyUntilMs: number;
  /** How long the part is busy after a reset, ms. */
  copyMs: number;
  /** How long a measurement takes, as a share of the longest. */
  share: number;
  data: number[];
  transfer: (address: number, written: string, count: number) => string | undefined;
}

const AFTER_RESET = [0x80, 0, 0, 0x80, 0, 0, 0x80, 0];

const makePart = (options: Partial<Part> = {}): Part => {
  const part: Part = {
    log: [], registers: [], nackAt: 0, busyUntilMs: 0, copyMs: 2, share: 1, data: EXAMPLE_DATA,
    transfer: (address, written, count) => {
      assert.is(address, 0x77);
      const codes = [...written].map((c) => c.charCodeAt(0));
      const hex = codes.map((c) => c.toString(16).padStart(2, "0")).join("");
      part.log.push(count > 0 ? `${hex} ${count}` : hex);
      if (part.log.length === part.nackAt) return undefined;
      if (count > 0) return bytes(read(hex, count));
      for (let i = 0; i < codes.length; i += 2) write(codes[i]!, codes[i + 1]!);
      return "";
    },
    ...options,
  };
  const { registers } = part;
  registers[0xd0] ??= 0x60;
  let measured = AFTER_RESET;
  const put = (at: number, values: number[]): void => values.forEach((value, i) => { registers[at + i] = value; });

  const read = (register: string, count: number): number[] => {
    const from = parseInt(register, 16);
    const busy = now() < part.busyUntilMs;
    if (from === 0xf3) registers[0xf3] = busy ? registers[0xf3]! : 0;
    else assert.not(busy, `0x${register} was read from a part that is busy`);
    if (from === 0xf7) put(0xf7, measured);
    assert.ok([[0xd0, 1], [0x88, 26], [0xe1, 7], [0xf3, 1], [0xf7, 8]].some(([r, n]) => r === from && n === count),
      `a read of ${count} bytes from 0x${register}`);
    return registers.slice(from, from + count);
  };

  let humidityInUse = 0;
  const write = (register: number, value: number): void => {
    if (register === 0xe0) {
      assert.is(value, 0xb6);
      put(0xf2, [0, 1, 0, 0]);
      put(0x88, registersOf(EXAMPLE).slice(0, 26));
      put(0xe1, registersOf(EXAMPLE).slice(26));
      measured = AFTER_RESET;
      part.busyUntilMs = now() + part.copyMs;
    } else if (register === 0xf4) {
      registers[0xf4] = value;
      humidityInUse = registers[0xf2]! & 7;
      assert.is(value & 3, 1, "forced mode");
      const readings = (osrs: number): number => 2.3 * 2 ** (osrs - 1);
      const ms = 1.25 + readings(value >> 5) + readings(value >> 2 & 7) + 0.575 + readings(humidityInUse) + 0.575;
      registers[0xf3] = 8;
      measured = part.data;
      part.busyUntilMs = now() + ms * part.share;
    } else {
      assert.ok(register === 0xf2 || register === 0xf5, `a write to 0x${register.toString(16)}`);
      registers[register] = value;
    }
  };
  return part;
};

interface Outcome { opened: string[]; sampled: [string, Values][] }

/** Opens, then samples so many times; counts what is reported. */
const use = (part: Part, options: Record<string, unknown> = {}, samples = 1): Outcome => {
  const outcome: Outcome = { opened: [], sampled: [] };
  const constants = meta.constants(options) as [number, number, number, number];
  const driver = create(part.transfer, 0x77, ...constants);
  const sample = (left: number): void => {
    if (left > 0) {
      driver.sample((error, values) => {
        outcome.sampled.push([error, values]);
        sample(left - 1);
      });
    }
  };
  run(() => driver.open((error) => {
    outcome.opened.push(error);
    if (error === "") sample(samples);
  }));
  return outcome;
};

const GOOD: Outcome = { opened: [""], sampled: [["", compensate(bytes([...registersOf(EXAMPLE), ...EXAMPLE_DATA]))]] };

test("creating touches nothing; opening reads id and calibration once; each sample is one forced measurement", () => {
  const part = makePart();
  create(part.transfer, 0x77, 1, 0x25, 0, 10);
  assert.equal(part.log, []);
  assert.equal(use(part, {}, 2), { opened: [""], sampled: [GOOD.sampled[0], GOOD.sampled[0]] });
  assert.equal(part.log, [
    "d0 1", "e0b6", "f3 1", "88 26", "e1 7", "f500",
    "f201f425", "f3 1", "f7 8",
    "f201f425", "f3 1", "f7 8",
  ]);
  assert.equal(waitsMs, [2, 10, 10]);
});

test("the longest measurement (9.1) is waited for: 9.3 ms with one reading each, 112.8 ms with 16", () => {
  assert.is(meta.conversionMs({}), 10);
  const most = { oversampling: { temperature: 16, humidity: 16, pressure: 16 }, filter: 16 };
  assert.is(meta.conversionMs(most), 113);
  const part = makePart();
  assert.equal(use(part, most), GOOD);
  assert.equal(waitsMs, [2, 113]);
  assert.equal(part.log.slice(5, 7), ["f510", "f205f4b5"]);
});

test("each oversampling and filter has its code (5.4.3, 5.4.5, 5.4.6)", () => {
  const osrs = [1, 2, 4, 8, 16];
  osrs.forEach((readings, i) => {
    assert.is(meta.constants({ oversampling: { humidity: readings } })[0], i + 1);
    assert.is(meta.constants({ oversampling: { temperature: readings } })[1], (i + 1) * 32 + 5);
    assert.is(meta.constants({ oversampling: { pressure: readings } })[1], 33 + (i + 1) * 4);
  });
  ["off", 2, 4, 8, 16].forEach((filter, i) => assert.is(meta.constants({ filter })[2], i << 2));
});

test("a part that does not acknowledge one transfer, whichever, is \"nack\" and gives no value", () => {
  for (let at = 1; at <= 9; at++) {
    const wanted = at <= 6 ? { opened: ["nack"], sampled: [] } : { opened: [""], sampled: [["nack", []]] };
    assert.equal(use(makePart({ nackAt: at })), wanted, `transfer ${at}`);
  }
});

test("a BMP280 (0x58), and bytes that nobody drives, are \"id\", and the part is left alone", () => {
  for (const id of [0x58, 0xff, 0]) {
    const part = makePart();
    part.registers[0xd0] = id;
    assert.equal(use(part), { opened: ["id"], sampled: [] });
    assert.equal(part.log, ["d0 1"]);
  }
});

test("a part that copies its calibration, or measures, longer than it should is asked again", () => {
  assert.equal(use(makePart({ copyMs: 9 })), GOOD);
  assert.equal(use(makePart({ share: 1.7 })), GOOD);
});

test("a part that stays busy is \"timeout\", after a bounded number of questions", () => {
  const copying = makePart({ copyMs: Infinity });
  assert.equal(use(copying), { opened: ["timeout"], sampled: [] });
  assert.ok(copying.log.length < 10);
  const measuring = makePart({ share: Infinity });
  assert.equal(use(measuring), { opened: [""], sampled: [["timeout", []]] });
  assert.ok(measuring.log.length < 16);
});

test("data as after a reset (Table 18) are \"range\"; one channel alone may well be at that value", () => {
  assert.equal(use(makePart({ data: AFTER_RESET })), { opened: [""], sampled: [["range", []]] });
  const rows: Readings[] = [[0x80000, 415148, 30000], [519888, 0x80000, 30000], [519888, 415148, 0x8000]];
  for (const adc of rows) {
    const [error, values] = use(makePart({ data: dataOf(...adc) })).sampled[0]!;
    assert.is(error, "");
    assert.ok(near(values[0], reference(EXAMPLE, ...adc)!.temperature));
  }
});

test("readings that the part cannot make are \"range\"", () => {
  const rows: Readings[] = [
    [0, 415148, 30000], [0xfffff, 415148, 30000], [519888, 0, 30000], [519888, 0xfffff, 30000],
  ];
  for (const adc of rows) {
    assert.equal(use(makePart({ data: dataOf(...adc) })), { opened: [""], sampled: [["range", []]] }, adc.join(" "));
  }
});

// --- As it is built

test("meta stays out of the bundle, and the driver is below 1,500 bytes", async () => {
  const alone = await driverAlone("bme280");
  assert.not.match(alone.code, /oversampling|deviceClass|title/);
  assert.ok(alone.bytes <= 1500, `${alone.bytes} bytes`);
});

test.run();
