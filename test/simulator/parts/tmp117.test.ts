/** The virtual TMP117 against its datasheet (SNOSD82D). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (seed = 1): Promise<Board> => i2cBoard("tmp117", 0x48, seed);
const word = (on: Board, register: number): number => {
  const [high, low] = on.ask(register, 2)!;
  return high! * 256 + low!;
};
const degrees = (raw: number): number => (raw < 0x8000 ? raw : raw - 0x10000) / 128;
const configure = (on: Board, value: number): boolean => on.write(0x01, value >> 8, value & 0xff);

test("id, configuration and limits after power-on are those of the register map (7.6)", async () => {
  const on = await board();
  assert.is(word(on, 0x0f), 0x0117);
  assert.is(word(on, 0x01) & 0x0fff, 0x0220);
  assert.equal([2, 3, 4, 7].map((register) => word(on, register)), [0x6000, 0x8000, 0, 0]);
  assert.not.equal([5, 6, 8].map((register) => word(on, register)),
    await board(2).then((other) => [5, 6, 8].map((register) => word(other, register))));
  assert.equal(on.warnings, []);
});

test("the temperature is the world's within half a step of 7.8125 m degC, below 0 in two's complement", async () => {
  const on = await board();
  for (const temperature of [-55, -25.251, -0.0078125, 0, 21.5301, 150]) {
    on.set({ temperature });
    configure(on, 0x0c00); // one shot, no averaging
    on.clock.advance(15.6);
    const got = degrees(word(on, 0x00));
    assert.ok(Math.abs(got - temperature) <= 0.00391, `${temperature}: ${got}`);
  }
  on.set({ temperature: -0.0078125 });
  configure(on, 0x0c00);
  on.clock.advance(15.6);
  assert.is(word(on, 0x00), 0xffff);
});

test("a one shot takes 15.5 ms times the averages, 17.5 at most, and ends in shutdown (7.4.3, 6.5)", async () => {
  const on = await board();
  word(on, 0x00); // data ready of the conversions since power-on
  for (const [avg, averages] of [[0, 1], [1, 8], [2, 32], [3, 64]] as const) {
    for (const [slow, each] of [[false, 15.5], [true, 17.5]] as const) {
      on.fault("slow", slow);
      configure(on, 0x0c00 | (avg << 5));
      on.clock.advance(each * averages - 0.1);
      assert.is(word(on, 0x01) & 0x2c00, 0x0c00, "not ready");
      on.clock.advance(0.2);
      assert.is(word(on, 0x01) & 0x2c00, 0x2400, "data ready, shut down");
      assert.is(word(on, 0x01) & 0x2000, 0, "reading the configuration has cleared it");
    }
  }
});

test("continuous conversion with the factory's settings gives a value every second, the first after 124 ms", async () => {
  const on = await board();
  on.set({ temperature: 10 });
  word(on, 0x00);
  configure(on, 0x0220);
  on.clock.advance(123.9);
  assert.is(word(on, 0x01) & 0x2000, 0);
  on.clock.advance(0.2);
  assert.is(degrees(word(on, 0x00)), 10);
  assert.is(word(on, 0x01) & 0x2000, 0, "reading the temperature has cleared it");
  on.set({ temperature: 30 });
  on.clock.advance(999.7);
  assert.is(degrees(word(on, 0x00)), 10);
  on.clock.advance(0.4);
  assert.is(degrees(word(on, 0x00)), 30);
});

test("a reset takes 2 ms, then the temperature is -256 until the first conversion has ended (7.6.2)", async () => {
  const on = await board();
  configure(on, 0x0402);
  assert.not(on.write(0x00));
  on.clock.advance(2);
  assert.is(word(on, 0x00), 0x8000);
  assert.is(word(on, 0x01), 0x0220);
  on.clock.advance(123.9);
  assert.is(word(on, 0x00), 0x8000);
  on.clock.advance(0.2);
  assert.not.equal(word(on, 0x00), 0x8000);
  on.fault("reset");
  word(on, 0x00);
  on.clock.advance(2.5);
  assert.not(on.write(0x00), "power that fails is a reset, too");
});

test("a shut down part keeps its temperature", async () => {
  const on = await board();
  on.set({ temperature: 10 });
  on.clock.advance(1000);
  word(on, 0x00);
  configure(on, 0x0400);
  on.set({ temperature: 40 });
  on.clock.advance(5000);
  assert.is(degrees(word(on, 0x00)), 10);
});

test("the offset is added, and is gone after a reset unless the EEPROM was unlocked (7.5.1)", async () => {
  const on = await board();
  on.set({ temperature: 20 });
  const measured = (): number => {
    configure(on, 0x0c00);
    on.clock.advance(16);
    return degrees(word(on, 0x00));
  };
  const reset = (): void => {
    configure(on, 0x0002);
    on.clock.advance(2);
  };
  on.write(0x07, 0xff, 0x80); // -1 degC
  assert.is(measured(), 19);
  reset();
  assert.is(measured(), 20);
  on.write(0x04, 0x80, 0x00);
  on.write(0x07, 0xff, 0x80);
  assert.is(word(on, 0x04), 0xc000, "busy");
  on.clock.advance(7);
  assert.is(word(on, 0x04), 0x8000);
  reset();
  assert.is(word(on, 0x04), 0);
  assert.is(measured(), 19);
});

test("alert flags: beyond a limit they are set until read; in therm mode the low limit ends the high flag", async () => {
  const on = await board();
  const flags = (temperature: number, config = 0x0c00): number => {
    on.set({ temperature });
    configure(on, config);
    on.clock.advance(16);
    return word(on, 0x01) >> 14;
  };
  on.write(0x02, 0x0f, 0x00); // 30
  on.write(0x03, 0x05, 0x00); // 10
  assert.equal([20, 30, 31, 20, 9, 20].map((t) => flags(t)), [0, 0, 2, 0, 1, 0]);
  assert.equal([31, 20, 9, 20].map((t) => flags(t, 0x0c10)), [2, 2, 0, 0]);
});

test("what there is not is warned of with register, address and time", async () => {
  const on = await board();
  on.clock.advance(100);
  on.ask(0x09, 2);
  on.write(0x00, 1, 2);
  assert.equal(on.warnings, [
    "it (tmp117, i2c1 0x48): read of unmapped register 0x09 (at 0.100 s)",
    "it (tmp117, i2c1 0x48): write of 0x102 to read-only register 0x00: ignored (at 0.100 s)",
  ]);
});

test.run();
