/**
 * The virtual BMP280 against its datasheet, BST-BMP280-DS001-19: what differs from the BME280, and the readings with
 * the integer formulas of 3.11.3. The rest of the chip is tested in bme280.test.ts.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { pressure, temperature } from "./bosch.ts";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (seed = 1): Promise<Board> => i2cBoard("bmp280", 0x76, seed);

/** One forced measurement: degC and Pa. */
const measure = (on: Board, ctrlMeas: number): { t: number; p: number } => {
  on.write(0xf4, ctrlMeas);
  on.clock.advance(45);
  const calibration = on.ask(0x88, 24)!;
  const words = Array.from({ length: 12 }, (_, i) => {
    const word = calibration[2 * i]! | (calibration[2 * i + 1]! << 8);
    return i === 0 || i === 3 || word < 0x8000 ? word : word - 0x10000;
  });
  const d = on.ask(0xf7, 6)!;
  const { centi, fine } = temperature(words.slice(0, 3), (d[3]! << 12) | (d[4]! << 4) | (d[5]! >> 4));
  return { t: centi / 100, p: pressure(words.slice(3), (d[0]! << 12) | (d[1]! << 4) | (d[2]! >> 4), fine) };
};

test("the chip id is 58 and the registers after power-on are those of table 18", async () => {
  const on = await board();
  assert.equal(on.ask(0xd0, 1), [0x58]);
  assert.equal(on.ask(0xf3, 3), [0, 0, 0]);
  assert.equal(on.ask(0xf7, 6), [0x80, 0, 0, 0x80, 0, 0]);
  assert.equal(on.warnings, []);
});

test("what the world has comes out of the integer formulas, over the whole range and for many chips", async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const on = await board(seed);
    for (const t of [-40, -10.13, 0, 21.5, 85]) {
      for (const p of [300, 700, 1013.25, 1100]) {
        on.set({ temperature: t, pressure: p });
        const rough = measure(on, 0x25);
        assert.ok(Math.abs(rough.t - t) <= 0.0151 && Math.abs(rough.p - p * 100) <= 6, `${t}, ${p}: ${rough.t}, ${rough.p}`);
        const fine = measure(on, 0b101_101_01);
        // The formulas drop three bits of the temperature, which are worth up to two pascals.
        assert.ok(Math.abs(fine.t - t) <= 0.0101 && Math.abs(fine.p - p * 100) <= 2, `${t}, ${p}: ${fine.t}, ${fine.p}`);
      }
    }
    assert.equal(on.warnings, []);
  }
});

test("measurement times are those of table 13: 5.5 ms typically at ultra low power, 37.5 at ultra high resolution", async () => {
  const rows = [
    [0b001_001_01, 5.5, 6.4], [0b001_010_01, 7.5, 8.7], [0b001_011_01, 11.5, 13.3], [0b001_100_01, 19.5, 22.5],
    [0b010_101_01, 37.5, 43.2],
  ] as const;
  for (const [ctrlMeas, typical, maximum] of rows) {
    for (const [slow, ms] of [[false, typical], [true, maximum]] as const) {
      const on = await board();
      on.fault("slow", slow);
      on.write(0xf4, ctrlMeas);
      on.clock.advance(ms - 0.1);
      assert.equal(on.ask(0xf3, 1), [8]);
      on.clock.advance(0.2);
      assert.equal(on.ask(0xf3, 1), [0]);
    }
  }
});

test("normal mode with t_sb 7 measures every 4 s (table 11)", async () => {
  const on = await board();
  on.write(0xf5, 0b111_000_00);
  on.write(0xf4, 0b001_001_11);
  on.clock.advance(6);
  const first = on.ask(0xfa, 3);
  on.set({ temperature: 60 });
  on.clock.advance(3990);
  assert.equal(on.ask(0xfa, 3), first);
  on.clock.advance(20);
  assert.not.equal(on.ask(0xfa, 3), first);
});

test("the registers of the BME280's humidity are not there", async () => {
  const on = await board();
  on.clock.advance(1000);
  on.write(0xf2, 0x01);
  assert.equal(on.ask(0xfd, 2), [0, 0]);
  assert.equal(on.ask(0xe1, 1), [0]);
  assert.equal(on.warnings, [
    "it (bmp280, i2c1 0x76): write of 0x01 to unmapped register 0xF2 (at 1.000 s)",
    "it (bmp280, i2c1 0x76): read of unmapped register 0xFD (at 1.000 s)",
    "it (bmp280, i2c1 0x76): read of unmapped register 0xFE (at 1.000 s)",
    "it (bmp280, i2c1 0x76): read of unmapped register 0xE1 (at 1.000 s)",
  ]);
});

test.run();
