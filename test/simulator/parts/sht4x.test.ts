/** The virtual SHT4x against its datasheet (version 6). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { crc8 } from "../../../simulator/parts/common/crc8.ts";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (seed = 1): Promise<Board> => i2cBoard("sht4x", 0x44, seed);

/** 4.6. */
const decode = (data: number[]): [degC: number, percent: number] => [
  -45 + (175 * (data[0]! * 256 + data[1]!)) / 65535, -6 + (125 * (data[3]! * 256 + data[4]!)) / 65535,
];

test("a measurement gives the world within a step of 16 bits, over the whole range", async () => {
  const on = await board();
  for (const temperature of [-40, -12.34, 0, 21.5, 125]) {
    for (const humidity of [0, 33.3, 100]) {
      on.set({ temperature, humidity });
      assert.ok(on.write(0xfd));
      on.clock.advance(9);
      const data = on.read(6)!;
      const [t, h] = decode(data);
      assert.ok(Math.abs(t - temperature) <= 0.00135, `${temperature} degC: ${t}`);
      assert.ok(Math.abs(h - humidity) <= 0.00096, `${humidity} %: ${h}`);
      assert.is(data[2], crc8(data.slice(0, 2), 0xff));
      assert.is(data[5], crc8(data.slice(3, 5), 0xff));
    }
  }
  assert.equal(on.warnings, []);
});

test("while it measures nothing is acknowledged (4.3, table 5)", async () => {
  const on = await board();
  for (const [command, typical, maximum] of [[0xfd, 6.9, 8.3], [0xf6, 3.7, 4.5], [0xe0, 1.3, 1.6]] as const) {
    for (const [slow, ms] of [[false, typical], [true, maximum]] as const) {
      on.fault("slow", slow);
      on.write(command);
      on.clock.advance(ms - 0.1);
      assert.is(on.read(6), undefined);
      assert.not(on.write(0x89));
      on.clock.advance(0.2);
      assert.is(on.read(6)!.length, 6);
      assert.is(on.read(6), undefined, "once");
    }
  }
});

test("a soft reset aborts a measurement and takes 1 ms (4.8)", async () => {
  const on = await board();
  on.write(0xfd);
  assert.ok(on.write(0x94));
  assert.not(on.write(0x89));
  on.clock.advance(1);
  assert.is(on.read(6), undefined);
  assert.is(on.ask(0x89, 6)!.length, 6);
});

test("the heater's commands take 1.0 s or 0.1 s and then measure (table 8)", async () => {
  const on = await board();
  on.write(0x39);
  on.clock.advance(1006);
  assert.is(on.read(6), undefined);
  on.clock.advance(1);
  assert.is(on.read(6)!.length, 6);
  on.write(0x15);
  on.clock.advance(107);
  assert.is(on.read(6)!.length, 6);
  assert.match(on.warnings[0]!, /heater/);
});

test("a command that is none is warned of with address and time", async () => {
  const on = await board();
  on.clock.advance(1000);
  on.write(0x24, 0x00);
  assert.is(on.read(6), undefined);
  assert.equal(on.warnings, [
    "it (sht4x, i2c1 0x44): 1 bytes after the command 0x24: ignored (at 1.000 s)",
    "it (sht4x, i2c1 0x44): the heater warms nothing here: 0x24 takes its time and measures the world as it is (at 1.000 s)",
  ]);
  on.clock.advance(1000);
  on.write(0x00);
  assert.match(on.warnings[2]!, /0x00 is no command \(at 2\.000 s\)/);
});

test("the serial number is the chip's", async () => {
  const [a, b] = [await board(1), await board(2)];
  assert.not.equal(a.ask(0x89, 6), b.ask(0x89, 6));
  assert.equal(a.ask(0x89, 6), (await board(1)).ask(0x89, 6));
});

test("fault crc: each CRC is wrong, the words are not", async () => {
  const on = await board();
  on.set({ temperature: 21, humidity: 50 });
  on.fault("crc");
  on.write(0xfd);
  on.clock.advance(9);
  const data = on.read(6)!;
  assert.is.not(data[2], crc8(data.slice(0, 2), 0xff));
  assert.is.not(data[5], crc8(data.slice(3, 5), 0xff));
  assert.ok(Math.abs(decode(data)[0] - 21) < 0.01);
});

test("power that fails loses the measurement, and the part is back 1 ms later", async () => {
  const on = await board();
  on.fault("reset");
  on.write(0xfd);
  on.clock.advance(1.5);
  assert.not(on.write(0x89));
  on.fault("reset", false);
  on.clock.advance(10);
  assert.is(on.read(6), undefined);
  assert.ok(on.ask(0x89, 6));
});

test.run();
