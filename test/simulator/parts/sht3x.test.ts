/** The virtual SHT3x against its datasheet (version 5). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { crc8 } from "../../../simulator/parts/common/crc8.ts";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (seed = 1): Promise<Board> => i2cBoard("sht3x", 0x44, seed);

/** 4.13. */
const decode = (data: number[]): [degC: number, percent: number] => [
  -45 + (175 * (data[0]! * 256 + data[1]!)) / 65535, (100 * (data[3]! * 256 + data[4]!)) / 65535,
];

test("the CRC of BE EF is 92 (4.12)", () => {
  assert.is(crc8([0xbe, 0xef], 0xff), 0x92);
});

test("a single measurement gives the world within a step of 16 bits, over the whole range", async () => {
  const on = await board();
  for (const temperature of [-40, -12.34, 0, 21.5, 85, 125]) {
    for (const humidity of [0, 33.3, 100]) {
      on.set({ temperature, humidity });
      assert.ok(on.write(0x24, 0x00));
      on.clock.advance(15);
      const data = on.read(6)!;
      const [t, h] = decode(data);
      assert.ok(Math.abs(t - temperature) <= 0.00135, `${temperature} degC: ${t}`);
      assert.ok(Math.abs(h - humidity) <= 0.00077, `${humidity} %: ${h}`);
      assert.is(data[2], crc8(data.slice(0, 2), 0xff));
      assert.is(data[5], crc8(data.slice(3, 5), 0xff));
    }
  }
  assert.equal(on.warnings, []);
});

test("a read is not acknowledged before the measurement is over, nor a second time (4.4, table 4)", async () => {
  const on = await board();
  for (const [low, typical, maximum] of [[0x00, 12.5, 15], [0x0b, 4.5, 6], [0x16, 2.5, 4]] as const) {
    on.fault("slow", false);
    on.write(0x24, low);
    on.clock.advance(typical - 0.1);
    assert.is(on.read(6), undefined);
    assert.not(on.write(0x24, low), "nor a command");
    on.clock.advance(0.2);
    assert.is(on.read(6)!.length, 6);
    assert.is(on.read(6), undefined);
    on.fault("slow");
    on.write(0x24, low);
    on.clock.advance(maximum - 0.1);
    assert.is(on.read(6), undefined);
    on.clock.advance(0.2);
    assert.is(on.read(6)!.length, 6);
  }
});

test("the world is measured when the measurement starts", async () => {
  const on = await board();
  on.set({ temperature: -10, humidity: 20 });
  on.write(0x24, 0x00);
  on.set({ temperature: 60, humidity: 90 });
  on.clock.advance(1000);
  assert.ok(Math.abs(decode(on.read(6)!)[0] + 10) < 0.01);
});

test("a part that was read for too much gives FF", async () => {
  const on = await board();
  on.write(0x24, 0x00);
  on.clock.advance(20);
  assert.equal(on.read(8)!.slice(6), [0xff, 0xff]);
});

test("clock stretching gives the data at once, with a warning that a real bus would have waited", async () => {
  const on = await board();
  on.set({ temperature: 5, humidity: 50 });
  on.write(0x2c, 0x06);
  assert.ok(Math.abs(decode(on.read(6)!)[0] - 5) < 0.01);
  assert.match(on.warnings[0]!, /clock stretching would block/);
});

test("the status after power-on is 8010, and 3041 clears it (4.11)", async () => {
  const on = await board();
  assert.equal(on.ask([0xf3, 0x2d], 3), [0x80, 0x10, crc8([0x80, 0x10], 0xff)]);
  on.write(0x30, 0x41);
  assert.equal(on.ask([0xf3, 0x2d], 2), [0, 0]);
  on.write(0x30, 0x6d);
  assert.equal(on.ask([0xf3, 0x2d], 2), [0x20, 0], "heater on");
  on.write(0x30, 0x66);
  assert.equal(on.ask([0xf3, 0x2d], 2), [0, 0]);
});

test("a command that is none is acknowledged, warned of, and sets bit 1 of the status", async () => {
  const on = await board();
  on.clock.advance(250);
  assert.ok(on.write(0x12, 0x34));
  assert.is(on.read(3), undefined);
  assert.equal(on.warnings, ["it (sht3x, i2c1 0x44): 0x1234 is no command (at 0.250 s)"]);
  // The status tells of the last command before it.
  on.write(0x12, 0x34);
  on.write(0xf3, 0x2d);
  assert.is(on.warnings.length, 2);
});

test("a soft reset takes 1 ms, in which nothing is acknowledged, and is detected (4.9)", async () => {
  const on = await board();
  on.write(0x30, 0x41);
  on.write(0x30, 0xa2);
  assert.not(on.write(0xf3, 0x2d));
  on.clock.advance(1);
  assert.equal(on.ask([0xf3, 0x2d], 2), [0x80, 0x10]);
});

test("periodic mode: each measurement is fetched once, and none is no acknowledgement (4.5, 4.6)", async () => {
  const on = await board();
  on.set({ temperature: 10, humidity: 40 });
  on.write(0x21, 0x30); // once a second
  on.write(0xe0, 0x00);
  assert.is(on.read(6), undefined, "the first one is not ready");
  on.clock.advance(20);
  assert.ok(Math.abs(decode(on.ask([0xe0, 0x00], 6)!)[0] - 10) < 0.01);
  on.write(0xe0, 0x00);
  assert.is(on.read(6), undefined, "it was fetched");
  on.set({ temperature: 30 });
  on.clock.advance(1000);
  assert.ok(Math.abs(decode(on.ask([0xe0, 0x00], 6)!)[0] - 30) < 0.5);
  on.write(0x24, 0x00);
  assert.match(on.warnings[0]!, /0x2400 in periodic mode without a break/);
  on.write(0x30, 0x93);
  on.write(0x24, 0x00);
  on.clock.advance(20);
  assert.is(on.read(6)!.length, 6);
});

test("a break ends periodic mode: there is nothing more to fetch (4.8)", async () => {
  const on = await board();
  on.write(0x27, 0x37);
  on.clock.advance(500);
  on.write(0x30, 0x93);
  on.write(0xe0, 0x00);
  assert.is(on.read(6), undefined);
  assert.match(on.warnings[0]!, /fetch without periodic/);
});

test("the serial number is the chip's, with CRCs", async () => {
  const [a, b, c] = [await board(1), await board(2), await board(1)];
  const serial = a.ask([0x37, 0x80], 6)!;
  assert.is(serial[2], crc8(serial.slice(0, 2), 0xff));
  assert.equal(c.ask([0x37, 0x80], 6), serial);
  assert.not.equal(b.ask([0x37, 0x80], 6), serial);
});

test("fault crc: each CRC is wrong, the words are not", async () => {
  const on = await board();
  on.set({ temperature: 21, humidity: 50 });
  on.fault("crc");
  on.write(0x24, 0x00);
  on.clock.advance(20);
  const data = on.read(6)!;
  assert.is.not(data[2], crc8(data.slice(0, 2), 0xff));
  assert.is.not(data[5], crc8(data.slice(3, 5), 0xff));
  assert.ok(Math.abs(decode(data)[0] - 21) < 0.01);
});

test("power that comes back finds the part as after power-on, 1 ms later", async () => {
  const on = await board();
  on.write(0x30, 0x41);
  on.fault("reset");
  on.write(0x24, 0x00);
  on.clock.advance(1.5);
  assert.not(on.write(0xf3, 0x2d));
  on.fault("reset", false);
  on.clock.advance(20);
  assert.is(on.read(6), undefined);
  assert.equal(on.ask([0xf3, 0x2d], 2), [0x80, 0x10]);
});

test.run();
