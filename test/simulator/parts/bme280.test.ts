/**
 * The virtual BME280 against its datasheet, BST-BME280-DS001 revision 1.1. The readings are decoded here with the
 * integer formulas of section 4.2.3; the part computes with those of 8.1.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { measurementMs } from "../../../simulator/parts/bme280/measurement.ts";
import { bench, bytes, values, type Bench } from "./bench.ts";
import { pressure, temperature } from "./bosch.ts";

const AT = 0x76;

interface Board extends Bench {
  /** One write message; whether it was acknowledged. */
  write: (...b: number[]) => boolean;
  /** `count` registers from one on, undefined without acknowledgement. */
  read: (register: number, count: number) => number[] | undefined;
}

/** A BME280 on a bus that is set up. */
async function board(seed = 1): Promise<Board> {
  const made = await bench([{ driver: "bme280", id: "air", bus: "i2c1", address: AT }], seed);
  made.machine.i2cSetup("I2C1", { sda: "D21", scl: "D22", bitrate: 100_000 });
  const write = (...b: number[]): boolean => made.machine.i2cWrite("I2C1", AT, bytes(...b));
  const read = (register: number, count: number): number[] | undefined => {
    if (!write(register)) return undefined;
    const text = made.machine.i2cRead("I2C1", AT, count);
    return text === undefined ? undefined : values(text);
  };
  return { ...made, write, read };
}

interface Words { T: number[]; P: number[]; H: number[] }

/** Table 16. */
function words(low: number[], high: number[]): Words {
  const u16 = (b: number[], i: number): number => b[i]! | (b[i + 1]! << 8);
  const s16 = (b: number[], i: number): number => (u16(b, i) << 16) >> 16;
  const s8 = (byte: number): number => (byte << 24) >> 24;
  return {
    T: [u16(low, 0), s16(low, 2), s16(low, 4)],
    P: [u16(low, 6), ...[8, 10, 12, 14, 16, 18, 20, 22].map((i) => s16(low, i))],
    H: [
      low[25]!, s16(high, 0), high[2]!,
      (s8(high[3]!) << 4) | (high[4]! & 15), (s8(high[5]!) << 4) | (high[4]! >> 4), s8(high[6]!),
    ],
  };
}

/** 4.2.3: % relative humidity. */
function humidity([h1, h2, h3, h4, h5, h6]: number[], adc: number, fine: number): number {
  const x = fine - 76800;
  const left = ((adc << 14) - (h4! << 20) - h5! * x + 16384) >> 15;
  const right = ((((((x * h6!) >> 10) * (((x * h3!) >> 11) + 32768)) >> 10) + 2097152) * h2! + 8192) >> 14;
  let v = Math.imul(left, right);
  v -= ((((v >> 15) * (v >> 15)) >> 7) * h1!) >> 4;
  return (Math.min(419430400, Math.max(0, v)) >> 12) / 1024;
}

/** One forced measurement, waited for as long as 9.1 allows, decoded. */
function measure(on: Board, ctrlHum = 1, ctrlMeas = 0x25) {
  on.write(0xf2, ctrlHum);
  on.write(0xf4, ctrlMeas);
  on.clock.advance(measurementMs(16, 16, 16).maximum);
  const w = words(on.read(0x88, 26)!, on.read(0xe1, 7)!);
  const d = on.read(0xf7, 8)!;
  const raw = [(d[0]! << 12) | (d[1]! << 4) | (d[2]! >> 4), (d[3]! << 12) | (d[4]! << 4) | (d[5]! >> 4),
    (d[6]! << 8) | d[7]!] as const;
  const t = temperature(w.T, raw[1]);
  return { raw, t: t.centi / 100, p: pressure(w.P, raw[0], t.fine), h: humidity(w.H, raw[2], t.fine) };
}

test("the formulas of this test give the datasheet's example (BMP280 BST-BMP280-DS001 3.12)", () => {
  const t = temperature([27504, 26435, -1000], 519888);
  assert.is(t.centi, 2508);
  assert.is(t.fine, 128422);
  const p = pressure([36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000], 415148, t.fine);
  assert.is(Math.round(p), 100653);
});

test("measurement time is that of section 9.1: T x1, P x4, no H takes 11.5 ms, at most 13.325 ms", () => {
  assert.equal(measurementMs(1, 4, 0), { typical: 11.5, maximum: 13.325 });
  assert.is(measurementMs(1, 1, 1).maximum.toFixed(2), "9.30");
  assert.is(measurementMs(16, 16, 16).maximum.toFixed(1), "112.8");
});

test("chip id is 0x60 and the registers after power-on are those of table 18", async () => {
  const { read, warnings } = await board();
  assert.equal(read(0xd0, 1), [0x60]);
  assert.equal(read(0xe0, 1), [0x00]);
  assert.equal(read(0xf2, 4), [0, 0, 0, 0]);
  assert.equal(read(0xf7, 8), [0x80, 0, 0, 0x80, 0, 0, 0x80, 0]);
  assert.equal(warnings, []);
});

test("what the world has comes out of the integer formulas, over the whole range and for many chips", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const on = await board(seed);
    for (const t of [-40, -10.13, 0, 21.5, 60, 85]) {
      for (const [p, h] of [[300, 0.5], [700, 33.3], [1013.25, 55], [1100, 99.5]] as const) {
        on.machine.world.set("air.temperature", t);
        on.machine.world.set("air.pressure", p);
        on.machine.world.set("air.humidity", h);
        const got = measure(on, 1, 0x25);
        // One step of 16 bits is 0.005 degC and 2.6 Pa at ordinary pressure; the formulas agree to 0.01 degC.
        const at = `seed ${seed}: ${t} degC, ${p} hPa, ${h} %`;
        assert.ok(Math.abs(got.t - t) <= 0.0151, `${at}: ${got.t} degC`);
        assert.ok(Math.abs(got.p - p * 100) <= 6, `${at}: ${got.p} Pa`);
        assert.ok(Math.abs(got.h - h) <= 0.1, `${at}: ${got.h} %`);
      }
    }
  }
});

test("at x16 the readings are true to half a Pa and a hundredth of a degree", async () => {
  for (let seed = 1; seed <= 6; seed++) {
    const on = await board(seed);
    for (const t of [-40, -3.3, 25, 85]) {
      for (const p of [300, 850, 1100]) {
        on.machine.world.set("air.temperature", t);
        on.machine.world.set("air.pressure", p);
        const got = measure(on, 5, 0b101_101_01);
        assert.ok(Math.abs(got.t - t) <= 0.0101, `seed ${seed}: ${t} degC: ${got.t} degC`);
        assert.ok(Math.abs(got.p - p * 100) <= 0.5, `seed ${seed}: ${t} degC, ${p} hPa: ${got.p} Pa`);
      }
    }
  }
});

test("no two chips have the same trimming, and the same seed gives the same chip", async () => {
  const [a, b, c] = [await board(1), await board(2), await board(1)];
  assert.not.equal(a.read(0x88, 26), b.read(0x88, 26));
  assert.equal(a.read(0x88, 26), c.read(0x88, 26));
  assert.equal(measure(a).raw, measure(c).raw);
});

test("resolution is 16 bits at x1 and one bit more for each doubling, 20 bits with the filter (3.4.2, 3.4.4)", async () => {
  const on = await board();
  const lowBits = (ctrlMeas: number): number => {
    let bits = 0;
    for (let i = 0; i < 40; i++) {
      on.machine.world.set("air.temperature", 20 + i * 0.377);
      on.machine.world.set("air.pressure", 1000 + i * 0.377);
      const { raw } = measure(on, 0, ctrlMeas);
      bits |= raw[0] | raw[1];
    }
    return bits & 0x0f;
  };
  assert.is(lowBits(0b001_001_01), 0b0000);
  assert.is(lowBits(0b010_010_01), 0b1000);
  assert.is(lowBits(0b011_011_01), 0b1100);
  assert.is(lowBits(0b101_101_01), 0b1111);
  on.write(0xf5, 0b000_010_00);
  assert.is(lowBits(0b001_001_01), 0b1111);
});

test("a skipped quantity reads 0x80000, a skipped humidity 0x8000 (tables 20, 23, 24)", async () => {
  const on = await board();
  assert.equal(measure(on, 0, 0b001_000_01).raw.map((v, i) => i === 1 || v), [0x80000, true, 0x8000]);
  const all = measure(on, 1, 0b001_001_01).raw;
  assert.ok(all[0] !== 0x80000 && all[1] !== 0x80000 && all[2] !== 0x8000);
  assert.equal(measure(on, 0, 0b000_000_01).raw, [0x80000, 0x80000, 0x8000], "old data does not stay");
});

test("ctrl_hum takes effect with the next write of ctrl_meas (5.4.3)", async () => {
  const on = await board();
  on.write(0xf4, 0x24, 0xf2, 0x01); // settings, then humidity: not in effect yet
  assert.equal(on.read(0xf2, 1), [1]);
  on.write(0xf5, 0x00);
  on.clock.advance(1);
  const before = measure(on, 0, 0x25).raw[2];
  assert.is(before, 0x8000);
  on.write(0xf4, 0x25);
  on.write(0xf2, 0x01);
  on.clock.advance(20);
  assert.equal(on.read(0xfd, 2), [0x80, 0]);
  on.write(0xf4, 0x25);
  on.clock.advance(20);
  assert.not.equal(on.read(0xfd, 2), [0x80, 0]);
});

test("forced mode measures once for 8 ms typically, old data until then, then sleeps (3.3.3, 5.4.4)", async () => {
  const on = await board();
  on.write(0xf2, 1, 0xf4, 0x25);
  assert.is(on.read(0xf3, 1)![0]! & 8, 8);
  assert.equal(on.read(0xf4, 1), [0x25]);
  on.clock.advance(7.9); // 1 + 2 + 2.5 + 2.5 = 8
  assert.is(on.read(0xf3, 1)![0], 8);
  assert.equal(on.read(0xf7, 8), [0x80, 0, 0, 0x80, 0, 0, 0x80, 0]);
  on.clock.advance(0.2);
  assert.equal(on.read(0xf3, 1), [0]);
  assert.equal(on.read(0xf4, 1), [0x24]);
  const first = on.read(0xf7, 8);
  assert.not.equal(first, [0x80, 0, 0, 0x80, 0, 0, 0x80, 0]);
  on.machine.world.set("air.temperature", 60);
  on.clock.advance(5000);
  assert.equal(on.read(0xf7, 8), first, "a part that sleeps keeps its data");
});

test("the world is measured when the measurement starts, not when the data is read", async () => {
  const on = await board();
  on.machine.world.set("air.temperature", -12);
  on.write(0xf2, 1, 0xf4, 0x25);
  on.machine.world.set("air.temperature", 50);
  on.clock.advance(60_000);
  const w = words(on.read(0x88, 26)!, on.read(0xe1, 7)!);
  const d = on.read(0xfa, 3)!;
  assert.is(Math.round(temperature(w.T, (d[0]! << 12) | (d[1]! << 4) | (d[2]! >> 4)).centi / 10), -120);
});

test("normal mode measures again and again, with the standby of table 27", async () => {
  const on = await board();
  on.write(0xf5, 0b101_000_00); // 1000 ms
  on.write(0xf4, 0x27); // T x1, P x1: 5.5 ms
  on.clock.advance(6);
  const first = on.read(0xfa, 3);
  on.machine.world.set("air.temperature", 40);
  on.clock.advance(900);
  assert.equal(on.read(0xfa, 3), first);
  on.clock.advance(110);
  assert.not.equal(on.read(0xfa, 3), first);
  assert.equal(on.read(0xf4, 1), [0x27]);
});

test("the filter of coefficient 4 needs 5 samples for three quarters of a step (table 6)", async () => {
  const on = await board();
  const raw = (): number => measure(on, 0, 0x25).raw[1];
  on.write(0xf5, 0b000_010_00);
  on.machine.world.set("air.temperature", 0);
  const low = raw();
  on.machine.world.set("air.temperature", 40);
  const steps = [raw(), raw(), raw(), raw(), raw()];
  on.write(0xf5, 0b000_010_00); // a write resets the filter: the next value passes unchanged (3.4.4)
  const high = raw();
  const share = steps.map((value) => (value - low) / (high - low));
  assert.ok(Math.abs(share[0]! - 0.25) < 0.001, `${share[0]}`);
  assert.ok(share[3]! < 0.75 && share[4]! >= 0.75, share.join(" "));
});

test("0xB6 to the reset register resets, other values do not (5.4.2)", async () => {
  const on = await board();
  measure(on);
  on.write(0xe0, 0x42);
  assert.equal(on.read(0xf2, 1), [1]);
  on.write(0xe0, 0xb6);
  assert.is(on.read(0xf3, 1)![0], 1, "im_update while the trimming is copied");
  assert.equal(on.read(0x88, 2), [0, 0]);
  on.clock.advance(2);
  assert.equal(on.read(0xf2, 4), [0, 0, 0, 0]);
  assert.equal(on.read(0xf7, 8), [0x80, 0, 0, 0x80, 0, 0, 0x80, 0]);
  assert.not.equal(on.read(0x88, 2), [0, 0]);
});

test("a mode change during a measurement waits for its end (3.3.1)", async () => {
  const on = await board();
  on.write(0xf4, 0x25);
  on.write(0xf4, 0x00);
  assert.equal(on.read(0xf4, 1), [0x25]);
  on.clock.advance(20);
  assert.equal(on.read(0xf4, 1), [0x00]);
  assert.not.equal(on.read(0xfa, 2), [0x80, 0]);
});

test("a register that is not there warns with part, address, register and time", async () => {
  const on = await board();
  on.clock.advance(1500);
  assert.equal(on.read(0xf1, 1), [0]);
  on.write(0xd0, 0x12);
  on.write(0x10, 0x12);
  assert.equal(on.warnings, [
    "air (bme280, i2c1 0x76): read of unmapped register 0xF1 (at 1.500 s)",
    "air (bme280, i2c1 0x76): write of 0x12 to read-only register 0xD0 (at 1.500 s)",
    "air (bme280, i2c1 0x76): write of 0x12 to unmapped register 0x10 (at 1.500 s)",
  ]);
});

test("fault absent: nothing is acknowledged while it is on", async () => {
  const on = await board();
  on.machine.setFault("air", "absent", true);
  assert.is(on.read(0xd0, 1), undefined);
  assert.is(on.machine.i2cRead("i2c1", AT, 1), undefined);
  on.machine.setFault("air", "absent", false);
  assert.equal(on.read(0xd0, 1), [0x60]);
});

test("fault nack: some messages fail, the same ones for the same seed", async () => {
  const run = async (seed: number): Promise<string> => {
    const on = await board(seed);
    on.machine.setFault("air", "nack", true);
    return Array.from({ length: 60 }, () => (on.write(0xd0) ? "." : "N")).join("");
  };
  const first = await run(5);
  assert.match(first, /N/);
  assert.match(first, /\./);
  assert.is(await run(5), first);
  assert.is.not(await run(6), first);
});

test("fault stuck: the measuring bit stays, the data stays old, and it ends with the fault", async () => {
  const on = await board();
  on.machine.setFault("air", "stuck", true);
  on.write(0xf4, 0x25);
  on.clock.advance(10_000);
  assert.is(on.read(0xf3, 1)![0]! & 8, 8);
  assert.equal(on.read(0xfa, 2), [0x80, 0]);
  on.machine.setFault("air", "stuck", false);
  assert.equal(on.read(0xf3, 1), [0]);
  assert.not.equal(on.read(0xfa, 2), [0x80, 0]);
});

test("fault garbage: never the right chip id, and data that changes from read to read", async () => {
  const on = await board();
  on.machine.setFault("air", "garbage", true);
  for (let i = 0; i < 600; i++) assert.is.not(on.read(0xd0, 1)![0], 0x60);
  assert.not.equal(on.read(0xf7, 8), on.read(0xf7, 8));
});

test("fault reset: a measurement ends in the state of power-on", async () => {
  const on = await board();
  on.machine.setFault("air", "reset", true);
  assert.equal(measure(on).raw, [0x80000, 0x80000, 0x8000]);
  assert.equal(on.read(0xf2, 1), [0]);
});

test("fault slow: the measurement takes the maximum of 9.1", async () => {
  const on = await board();
  on.machine.setFault("air", "slow", true);
  on.write(0xf2, 1, 0xf4, 0x25);
  on.clock.advance(9.2);
  assert.is(on.read(0xf3, 1)![0]! & 8, 8);
  on.clock.advance(0.11);
  assert.equal(on.read(0xf3, 1), [0]);
});

test.run();
