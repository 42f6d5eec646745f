/** The virtual ADS1115 against its datasheet, SBAS444E: 7.4.2 (modes), 7.5.4 (codes), 8.1 (registers). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (seed = 1): Promise<Board> => i2cBoard("ads1115", 0x48, seed);
const word = (on: Board, register: number): number | undefined => {
  const bytes = on.ask(register, 2);
  return bytes && (bytes[0]! << 8) | bytes[1]!;
};
const configure = (on: Board, config: number): boolean => on.write(1, config >> 8, config & 0xff);
/** A single conversion at 860 SPS, at most 10 % late. */
const convert = (on: Board, mux: number, pga: number): number => {
  configure(on, 0x8000 | (mux << 12) | (pga << 9) | 0x01e3);
  on.clock.advance(1.4);
  return (word(on, 0)! << 16) >> 16;
};

test("registers after a reset: conversion 0, config 8583h, thresholds 8000h and 7FFFh (8.1)", async () => {
  const on = await board();
  assert.equal([0, 1, 2, 3].map((register) => word(on, register)), [0, 0x8583, 0x8000, 0x7fff]);
  on.write(2, 0x12, 0x34);
  on.write(3, 0x56, 0x78);
  assert.equal([word(on, 2), word(on, 3)], [0x1234, 0x5678]);
  assert.equal(on.warnings, []);
});

test("each full scale: half of it is 4000h, all of it and more is clipped to 7FFFh (7.5.4)", async () => {
  const on = await board();
  [6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256].forEach((volts, pga) => {
    on.set({ a0: volts / 2 });
    assert.is(convert(on, 4, pga), 0x4000, `PGA ${pga}`);
    on.set({ a0: Math.min(5.5, volts * 1.01) });
    assert.is(convert(on, 4, pga), volts > 5.5 ? Math.round(5.5 / volts * 32768) : 0x7fff, `PGA ${pga}`);
  });
});

test("the multiplexer: four differences, which can be negative, and four inputs against ground (MUX)", async () => {
  const on = await board();
  on.set({ a0: 0.1, a1: 0.4, a2: 0.9, a3: 1.6 });
  const volts = [0, 1, 2, 3, 4, 5, 6, 7].map((mux) => convert(on, mux, 2) * 62.5e-6);
  [-0.3, -1.5, -1.2, -0.7, 0.1, 0.4, 0.9, 1.6].forEach((wanted, mux) =>
    assert.ok(Math.abs(volts[mux]! - wanted) <= 32e-6, `MUX ${mux}: ${volts[mux]}`));
  on.set({ a0: 0, a1: 3 });
  assert.is(convert(on, 0, 2), -32768, "8000h at the negative end");
});

test("single-shot: OS reads 0 until the conversion has ended, the old result stays until then (7.4.2.1)", async () => {
  const on = await board();
  on.set({ a0: 1 });
  const first = convert(on, 4, 2);
  on.set({ a0: 2 });
  configure(on, 0xc583); // AIN0, 128 SPS: 7.8 ms within 10 %
  assert.is(word(on, 1), 0x4583);
  on.clock.advance(7);
  assert.is(word(on, 1)! & 0x8000, 0);
  assert.is(word(on, 0), first);
  on.clock.advance(1.7);
  assert.is(word(on, 1), 0xc583);
  assert.is(word(on, 0), 32000);
  on.set({ a0: 0 });
  on.clock.advance(1000);
  assert.is(word(on, 0), 32000, "it is powered down");
});

test("OS has no effect during a conversion, and without it nothing starts", async () => {
  const on = await board();
  on.set({ a0: 1, a1: 2 });
  configure(on, 0xc583);
  on.clock.advance(6);
  configure(on, 0xd583);
  on.clock.advance(3);
  assert.is(word(on, 0), 16000, "the first conversion, of AIN0");
  on.clock.advance(100);
  assert.is(word(on, 0), 16000);
  configure(on, 0x5583);
  on.clock.advance(100);
  assert.is(word(on, 0), 16000);
});

test("what is measured is the world of the start of the conversion", async () => {
  const on = await board();
  on.set({ a0: 1 });
  configure(on, 0xc583);
  on.set({ a0: 2 });
  on.clock.advance(9);
  assert.is(word(on, 0), 16000);
});

test("continuous mode converts again and again; new settings count from the next conversion on (7.4.2.2)", async () => {
  const on = await board();
  on.set({ a0: 1, a1: 2 });
  configure(on, 0x4483); // AIN0
  on.clock.advance(9);
  assert.is(word(on, 0), 16000);
  assert.is(word(on, 1), 0x4483, "OS reads 0");
  on.set({ a0: 0.5 });
  on.clock.advance(20);
  assert.is(word(on, 0), 8000);
  configure(on, 0x5483); // AIN1
  on.clock.advance(20);
  assert.is(word(on, 0), 32000);
  configure(on, 0x5583); // single-shot: it ends after the running one
  on.clock.advance(20);
  on.set({ a1: 0 });
  on.clock.advance(50);
  assert.is(word(on, 0), 32000);
  assert.is(word(on, 1), 0xd583);
});

test("data rates are within 10 % of the nominal ones, each chip's its own (6.5)", async () => {
  const times = new Set<number>();
  for (let seed = 1; seed <= 10; seed++) {
    const on = await board(seed);
    configure(on, 0xc503); // 8 SPS: 125 ms
    let ms = 0;
    while (word(on, 1) === 0x4503) {
      on.clock.advance(0.5);
      ms += 0.5;
    }
    assert.ok(ms >= 112.5 && ms <= 138, `${ms}`);
    times.add(ms);
  }
  assert.ok(times.size > 5);
});

test("an access that the datasheet does not define warns", async () => {
  const on = await board();
  on.write(0, 1, 2);
  assert.equal(on.ask(4, 2), [0, 0]);
  on.write(1, 5);
  assert.equal(on.ask(1, 3), [0x85, 0x83, 0xff]);
  assert.equal(on.warnings.map((text) => text.replace(/^it \(ads1115, i2c1 0x48\): (.*) \(at.*/, "$1")), [
    "write of 0x0102 to read-only register 0x00", "the pointer is set to 0x04, where no register is",
    "write of 1 bytes to the word at 0x01: ignored", "read of 3 bytes from the word at 0x01: 1 bits beyond it",
  ]);
});

test.run();
