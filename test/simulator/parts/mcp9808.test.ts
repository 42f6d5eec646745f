/** The virtual MCP9808 against its datasheet (DS25095A). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (): Promise<Board> => i2cBoard("mcp9808", 0x18);
const word = (on: Board, register: number): number => {
  const [high, low] = on.ask(register, 2)!;
  return high! * 256 + low!;
};
const degrees = (ambient: number): number => ((ambient & 0x0fff) - (ambient & 0x1000)) / 16;

test("ids and registers after power-on are those of table 5-1", async () => {
  const on = await board();
  assert.equal([1, 2, 3, 4, 6, 7].map((register) => word(on, register)), [0, 0, 0, 0, 0x0054, 0x0400]);
  assert.equal(on.ask(0x08, 1), [3]);
  assert.equal(on.warnings, []);
});

test("the ambient temperature is the world's within a step, below 0 in two's complement, at each resolution", async () => {
  const on = await board();
  for (const [resolution, ms, step] of [[0, 30, 0.5], [1, 65, 0.25], [2, 130, 0.125], [3, 250, 0.0625]] as const) {
    on.write(0x08, resolution);
    for (const temperature of [-40, -25.25, -0.0625, 0, 21.53, 125]) {
      on.set({ temperature });
      on.clock.advance(ms);
      const got = degrees(word(on, 0x05));
      assert.ok(Math.abs(got - temperature) <= step / 2, `${temperature}: ${got}`);
      assert.is(Math.abs(got % step), 0);
    }
  }
});

test("until the first conversion has ended the data is old: 250 ms, 0 after power-on", async () => {
  const on = await board();
  on.set({ temperature: 50 });
  on.fault("reset");
  word(on, 0x05);
  on.clock.advance(1);
  on.fault("reset", false);
  on.clock.advance(249);
  assert.is(word(on, 0x05), 0);
  on.clock.advance(1.1);
  assert.is(degrees(word(on, 0x05)), 50);
});

test("a shutdown keeps the temperature, and its end begins a conversion", async () => {
  const on = await board();
  on.set({ temperature: 10 });
  on.clock.advance(250);
  on.write(0x01, 0x01, 0x00);
  on.set({ temperature: 60 });
  on.clock.advance(5000);
  assert.is(degrees(word(on, 0x05)), 10);
  on.write(0x01, 0x00, 0x00);
  on.clock.advance(249);
  assert.is(degrees(word(on, 0x05)), 10);
  on.clock.advance(2);
  assert.is(degrees(word(on, 0x05)), 60);
});

test("the flags compare with the limits; a falling temperature has the hysteresis to pass (5.2.3)", async () => {
  const on = await board();
  const flags = (temperature: number): number => {
    on.set({ temperature });
    on.clock.advance(250);
    return word(on, 0x05) >> 13;
  };
  on.write(0x01, 0x02, 0x00); // 1.5 degC
  on.write(0x02, 0x01, 0xe0); // 30
  on.write(0x03, 0x1f, 0x60); // -10
  on.write(0x04, 0x02, 0x80); // 40
  assert.equal([20, 30, 30.1, 40, 39, 38.4, 29, 28.4, -10, -11, -11.6, -10.5, -10].map(flags),
    [0, 0, 2, 6, 6, 2, 2, 0, 0, 0, 1, 1, 0]);
});

test("locks keep limits and shutdown as they are until power-on", async () => {
  const on = await board();
  on.write(0x01, 0x00, 0xc0);
  on.write(0x02, 0x01, 0xe0);
  on.write(0x04, 0x02, 0x80);
  on.write(0x01, 0x01, 0x00);
  assert.equal([1, 2, 4].map((register) => word(on, register)), [0x00c0, 0, 0]);
  assert.is(on.warnings.length, 2);
});

test("what there is not is warned of with register, address and time", async () => {
  const on = await board();
  on.clock.advance(100);
  on.ask(0x09, 2);
  on.write(0x05, 1, 2);
  assert.equal(on.warnings, [
    "it (mcp9808, i2c1 0x18): read of unmapped register 0x09 (at 0.100 s)",
    "it (mcp9808, i2c1 0x18): write of 2 bytes to register 0x05: ignored (at 0.100 s)",
  ]);
});

test("fault garbage: the ids are wrong", async () => {
  const on = await board();
  on.fault("garbage");
  assert.is(word(on, 6), 0xffff);
  assert.is(word(on, 7), 0xffff);
});

test.run();
