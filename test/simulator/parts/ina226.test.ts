/** The virtual INA226 against its datasheet, SBOS547B: 6.5, 7.1, and the example of chapter 8 (table 8-1). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (options: object = {}, seed = 1): Promise<Board> => i2cBoard("ina226", 0x40, seed, options);
const word = (on: Board, register: number): number => {
  const bytes = on.ask(register, 2)!;
  return (bytes[0]! << 8) | bytes[1]!;
};
const signed = (on: Board, register: number): number => (word(on, register) << 16) >> 16;
const put = (on: Board, register: number, value: number): boolean => on.write(register, value >> 8, value & 0xff);

test("registers after a reset, and who it is: 4127h, 5449h, 2260h (table 7-1)", async () => {
  const on = await board();
  assert.equal([0, 3, 4, 5, 6, 7, 0xfe, 0xff].map((register) => word(on, register)),
    [0x4127, 0, 0, 0, 0, 0, 0x5449, 0x2260]);
  assert.equal(on.warnings, []);
});

test("the datasheet's example: 10 A in 2 mohm at 11.98 V are 8000, 9584, 10000, 4792 (calibration 0A00h)", async () => {
  const on = await board({ shuntOhms: 0.002 });
  put(on, 5, 0x0a00);
  on.set({ current: 10, voltage: 11.98 });
  put(on, 0, 0x4127);
  on.clock.advance(5);
  assert.equal([signed(on, 1), word(on, 2), signed(on, 4), word(on, 3)], [8000, 9584, 10000, 4792]);
});

test("a current that flows back is negative (7.1.2)", async () => {
  const on = await board();
  put(on, 5, 2048);
  on.set({ current: -0.5, voltage: 5 });
  put(on, 0, 0x4127);
  on.clock.advance(5);
  assert.equal([signed(on, 1), signed(on, 4), word(on, 3)], [-20000, -20000, 4000]);
});

test("the scales end at 81.92 mV and 36 V in steps of 2.5 uV and 1.25 mV", async () => {
  const on = await board();
  on.set({ current: 0.8192, voltage: 36 });
  on.clock.advance(5);
  assert.equal([signed(on, 1), word(on, 2)], [32767, 28800]);
  on.set({ current: -0.8192, voltage: 0 });
  on.clock.advance(5);
  assert.equal([signed(on, 1), word(on, 2)], [-32768, 0]);
});

test("CVRF is set after a conversion and cleared by reading it, or by a new configuration (7.1.7)", async () => {
  const on = await board();
  put(on, 0, 0x4123); // triggered, 1.1 ms each
  on.clock.advance(1.9);
  assert.is(word(on, 6) & 8, 0);
  on.clock.advance(0.6);
  assert.is(word(on, 6) & 8, 8);
  assert.is(word(on, 6) & 8, 0);
  put(on, 0, 0x4123);
  on.clock.advance(3);
  put(on, 0, 0x4123);
  assert.is(word(on, 6) & 8, 0);
});

test("averaging multiplies the time: 16 of 2 x 8.244 ms take 264 ms within 10 % (tables 7-3 to 7-5)", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const on = await board({}, seed);
    put(on, 0, 0x45fb);
    on.clock.advance(237);
    assert.is(word(on, 6) & 8, 0);
    on.clock.advance(54);
    assert.is(word(on, 6) & 8, 8);
  }
});

test("triggered modes measure once, power-down (000 and 100) nothing (table 7-6)", async () => {
  const on = await board();
  on.set({ current: 0.1, voltage: 5 });
  put(on, 0, 0x4121);
  on.clock.advance(3);
  assert.equal([signed(on, 1), word(on, 2)], [4000, 0]);
  put(on, 0, 0x4122);
  on.clock.advance(3);
  assert.is(word(on, 2), 4000);
  for (const off of [0x4120, 0x4124]) {
    put(on, 0, off);
    on.set({ voltage: 6 });
    on.clock.advance(100);
    assert.is(word(on, 2), 4000);
  }
});

test("a power beyond its register sets OVF; RST resets all; bits 14 to 12 read 100", async () => {
  const on = await board();
  put(on, 5, 0x7fff);
  on.set({ current: 0.8, voltage: 36 });
  on.clock.advance(5);
  assert.is(word(on, 6) & 4, 4);
  put(on, 0, 0x3127);
  assert.is(word(on, 0), 0x4127);
  put(on, 0, 0x8000);
  assert.equal([word(on, 0), word(on, 5)], [0x4127, 0]);
});

test("a write to a result or to nowhere warns", async () => {
  const on = await board();
  put(on, 2, 5);
  put(on, 0x20, 5);
  assert.match(on.warnings[0]!, /write of 0x0005 to read-only register 0x02/);
  assert.match(on.warnings[1]!, /write of 0x0005 to unmapped register 0x20/);
});

test.run();
