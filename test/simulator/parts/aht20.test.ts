/** The virtual AHT20 against the product manuals of AHT20 and DHT20. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { crc8 } from "../../../simulator/parts/common/crc8.ts";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (seed = 1): Promise<Board> => i2cBoard("aht20", 0x38, seed);

/** 8: conversion. */
const decode = (d: number[]): [degC: number, percent: number] => [
  ((((d[3]! & 15) << 16) | (d[4]! << 8) | d[5]!) / 2 ** 20) * 200 - 50,
  (((d[1]! << 12) | (d[2]! << 4) | (d[3]! >> 4)) / 2 ** 20) * 100,
];

test("a measurement gives the world within a step of 20 bits, over the whole range", async () => {
  const on = await board();
  for (const temperature of [-40, -12.34, 0, 21.5, 85]) {
    for (const humidity of [0, 33.3, 100]) {
      on.set({ temperature, humidity });
      assert.ok(on.write(0xac, 0x33, 0x00));
      on.clock.advance(80);
      const data = on.read(7)!;
      const [t, h] = decode(data);
      assert.is(data[0], 0x18);
      assert.ok(Math.abs(t - temperature) <= 0.0001, `${temperature} degC: ${t}`);
      assert.ok(Math.abs(h - humidity) <= 0.0001, `${humidity} %: ${h}`);
      assert.is(data[6], crc8(data.slice(0, 6), 0xff));
    }
  }
  assert.equal(on.warnings, []);
});

test("while it measures the busy bit is set and the data is old (7.4)", async () => {
  const on = await board();
  on.set({ temperature: 10, humidity: 30 });
  on.write(0xac, 0x33, 0x00);
  on.clock.advance(80);
  const first = on.read(6)!;
  on.set({ temperature: 50, humidity: 80 });
  on.write(0xac, 0x33, 0x00);
  on.clock.advance(59.9);
  assert.equal(on.read(6), [0x98, ...first.slice(1)]);
  assert.ok(on.write(0xac, 0x33, 0x00), "acknowledged and ignored");
  assert.match(on.warnings[0]!, /0xAC 0x33 0x00 while it is busy/);
  on.clock.advance(0.2);
  assert.ok(Math.abs(decode(on.read(6)!)[0] - 50) < 0.001);
  on.fault("slow");
  on.write(0xac, 0x33, 0x00);
  on.clock.advance(79.9);
  assert.is(on.read(1)![0], 0x98);
  on.clock.advance(0.2);
  assert.is(on.read(1)![0], 0x18);
});

test("before the first measurement the data is 0", async () => {
  const on = await board();
  assert.equal(on.ask(0x71, 6), [0x18, 0, 0, 0, 0, 0]);
  assert.equal(on.warnings, []);
});

test("a part without its calibration measures nothing until it is initialised", async () => {
  const on = await board();
  on.fault("uncalibrated");
  on.write(0xba);
  assert.not(on.write(0x71));
  on.clock.advance(20);
  assert.equal(on.read(1), [0x10]);
  on.write(0xac, 0x33, 0x00);
  on.clock.advance(80);
  assert.equal(on.read(6), [0x10, 0, 0, 0, 0, 0]);
  on.write(0xbe, 0x08, 0x00);
  assert.equal(on.read(1), [0x98]);
  on.clock.advance(10);
  assert.equal(on.read(1), [0x18]);
  on.write(0xac, 0x33, 0x00);
  on.clock.advance(80);
  assert.is(on.read(6)![0], 0x18);
  assert.not.equal(on.read(6)!.slice(1), [0, 0, 0, 0, 0]);
});

test("a command with other arguments is none, and is warned of with address and time", async () => {
  const on = await board();
  on.clock.advance(500);
  on.write(0xac);
  on.write(0xe1, 0x08, 0x00); // that of the AHT10
  assert.equal(on.warnings, [
    "it (aht20, i2c1 0x38): 0xAC is no command: ignored (at 0.500 s)",
    "it (aht20, i2c1 0x38): 0xE1 0x08 0x00 is no command: ignored (at 0.500 s)",
  ]);
  assert.equal(on.read(1), [0x18]);
});

test("fault crc: the CRC is wrong, the data is not", async () => {
  const on = await board();
  on.set({ temperature: 21, humidity: 50 });
  on.fault("crc");
  on.write(0xac, 0x33, 0x00);
  on.clock.advance(80);
  const data = on.read(7)!;
  assert.is.not(data[6], crc8(data.slice(0, 6), 0xff));
  assert.ok(Math.abs(decode(data)[0] - 21) < 0.01);
});

test("power that fails loses the measurement, and the part is back 100 ms later", async () => {
  const on = await board();
  on.fault("reset");
  on.write(0xac, 0x33, 0x00);
  on.clock.advance(99);
  assert.is(on.read(1), undefined);
  on.fault("reset", false);
  on.clock.advance(2.1);
  assert.equal(on.read(6), [0x18, 0, 0, 0, 0, 0]);
});

test.run();
