/** The virtual HDC1080 against its datasheet (SNAS672A). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (seed = 1): Promise<Board> => i2cBoard("hdc1080", 0x40, seed);

const degrees = (d: number[]): number => ((d[0]! * 256 + d[1]!) / 65536) * 165 - 40;
const percent = (d: number[]): number => ((d[0]! * 256 + d[1]!) / 65536) * 100;

test("ids and the configuration after power-on are those of the register map (8.6)", async () => {
  const on = await board();
  assert.equal(on.ask(0xfe, 2), [0x54, 0x49]);
  assert.equal(on.ask(0xff, 2), [0x10, 0x50]);
  assert.equal(on.ask(0x02, 2), [0x10, 0x00]);
  assert.is(on.ask(0xfd, 2)![1]! & 0x7f, 0, "41 bits of serial number");
  assert.not.equal(on.ask(0xfb, 2), (await board(2)).ask(0xfb, 2));
  assert.equal(on.warnings, []);
});

test("in sequence mode one trigger gives both, the world's within half a step of 14 bits", async () => {
  const on = await board();
  on.write(0x02, 0x10, 0x00);
  for (const temperature of [-40, -10.55, 0, 25, 124.9]) {
    for (const humidity of [0, 42.4, 99.9]) {
      on.set({ temperature, humidity });
      on.write(0x00);
      on.clock.advance(13);
      const data = on.read(4)!;
      assert.ok(Math.abs(degrees(data) - temperature) <= 0.0051, `${temperature}: ${degrees(data)}`);
      assert.ok(Math.abs(percent(data.slice(2)) - humidity) <= 0.0031, `${humidity}: ${percent(data.slice(2))}`);
      assert.is((data[1]! | data[3]!) & 3, 0);
    }
  }
  on.set({ temperature: 125, humidity: 100 });
  on.write(0x00);
  on.clock.advance(13);
  assert.equal(on.read(4), [0xff, 0xfc, 0xff, 0xfc], "the ends of the range are one step beyond the register");
});

test("reads are not acknowledged before the conversion is over: 6.35 and 6.5 ms, 3.65, 3.85, 2.5 (7.5)", async () => {
  const rows = [
    [0x1000, 0x00, 12.85], [0x0000, 0x00, 6.35], [0x0000, 0x01, 6.5], [0x0400, 0x00, 3.65], [0x0100, 0x01, 3.85],
    [0x0200, 0x01, 2.5], [0x1600, 0x00, 6.15],
  ] as const;
  for (const [configuration, register, ms] of rows) {
    const on = await board();
    on.set({ temperature: 23.456, humidity: 44.444 });
    on.write(0x02, configuration >> 8, configuration & 0xff);
    on.write(register);
    on.clock.advance(ms - 0.1);
    assert.is(on.read(2), undefined);
    on.clock.advance(0.2);
    assert.ok(on.read(2));
  }
});

test("11 and 8 bits leave the low bits 0", async () => {
  const on = await board();
  on.set({ temperature: 23.456, humidity: 44.444 });
  on.write(0x02, 0x16, 0x00);
  on.write(0x00);
  on.clock.advance(13);
  const data = on.read(4)!;
  assert.is(data[1]! & 0x1f, 0);
  assert.is(data[3], 0);
  assert.ok(Math.abs(degrees(data) - 23.456) <= 0.041);
  assert.ok(Math.abs(percent(data.slice(2)) - 44.444) <= 0.2);
});

test("the reset bit takes the start-up time of 15 ms and clears itself", async () => {
  const on = await board();
  on.write(0x02, 0x24, 0x00);
  on.write(0x02, 0x80, 0x00);
  assert.not(on.write(0x02));
  on.clock.advance(15);
  assert.equal(on.ask(0x02, 2), [0x10, 0x00]);
});

test("what the map does not have is warned of with register, address and time", async () => {
  const on = await board();
  on.clock.advance(1500);
  assert.equal(on.ask(0x10, 2), [0xff, 0xff]);
  on.write(0xfe, 0x12, 0x34);
  assert.equal(on.warnings, [
    "it (hdc1080, i2c1 0x40): read of unmapped register 0x10 (at 1.500 s)",
    "it (hdc1080, i2c1 0x40): write of 2 bytes to register 0xFE: ignored (at 1.500 s)",
  ]);
});

test("fault garbage: the ids are wrong", async () => {
  const on = await board();
  on.fault("garbage");
  assert.equal(on.ask(0xfe, 2), [0xff, 0xff]);
  assert.equal(on.ask(0xff, 2), [0xff, 0xff]);
});

test("power that fails loses measurement and settings, and the part is back 15 ms later", async () => {
  const on = await board();
  on.write(0x02, 0x02, 0x00);
  on.fault("reset");
  on.write(0x00);
  on.clock.advance(15);
  assert.not(on.write(0x02));
  on.fault("reset", false);
  on.clock.advance(1.1);
  assert.equal(on.ask(0x02, 2), [0x10, 0x00]);
  on.write(0x00);
  on.clock.advance(13);
  assert.ok(on.read(4));
});

test.run();
