/** The virtual VEML7700 against its datasheet (84286) and application note (84323). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (): Promise<Board> => i2cBoard("veml7700", 0x10);
const word = (on: Board, register: number): number => {
  const [low, high] = on.ask(register, 2)!;
  return low! + high! * 256;
};
/** Gain by bits 12 and 11, integration time by bits 9 to 6, awake. */
const configure = (on: Board, gain: number, time: number): void => {
  const conf = (gain << 11) | (time << 6);
  on.write(0x00, conf & 0xff, conf >> 8);
};

test("after power-on it is shut down and measures nothing; the id is C481", async () => {
  const on = await board();
  assert.is(word(on, 0x00), 0x0001);
  assert.is(word(on, 0x07), 0xc481);
  on.clock.advance(10_000);
  assert.is(word(on, 0x04), 0);
  assert.equal(on.warnings, []);
});

test("lx a count are 0.0042 at gain 2 and 800 ms, 2.1504 at gain 1/8 and 25 ms (resolution table)", async () => {
  // Gain bits, time bits, ms, lx a count.
  const rows = [
    [1, 3, 800, 0.0042], [0, 3, 800, 0.0084], [3, 3, 800, 0.0336], [2, 3, 800, 0.0672],
    [1, 0, 100, 0.0336], [0, 0, 100, 0.0672], [2, 0, 100, 0.5376], [1, 12, 25, 0.1344], [2, 12, 25, 2.1504],
    [2, 8, 50, 1.0752], [2, 1, 200, 0.2688], [2, 2, 400, 0.1344],
  ] as const;
  const on = await board();
  for (const [gain, time, ms, resolution] of rows) {
    on.set({ illuminance: 150 });
    configure(on, gain, time);
    on.clock.advance(ms + 2.5);
    assert.is(word(on, 0x04), Math.round(150 / resolution), `gain ${gain}, ${ms} ms`);
  }
  configure(on, 1, 3);
  on.set({ illuminance: 300 });
  on.clock.advance(802.5);
  assert.is(word(on, 0x04), 65_535, "the top is 16 bits");
});

test("above 1000 lx the counts are low, and the application note's formula puts them right", async () => {
  const on = await board();
  configure(on, 2, 12);
  for (const lux of [1500, 10_000, 60_000, 120_000]) {
    on.set({ illuminance: lux });
    on.clock.advance(28);
    const x = word(on, 0x04) * 2.1504;
    const corrected = 6.0135e-13 * x ** 4 - 9.3924e-9 * x ** 3 + 8.1488e-5 * x ** 2 + 1.0023 * x;
    assert.ok(x < lux / 1.05 && Math.abs(corrected - lux) <= 0.005 * lux, `${lux} lx: ${x}, ${corrected}`);
  }
  on.set({ illuminance: 999 });
  on.clock.advance(25);
  assert.ok(Math.abs(word(on, 0x04) * 2.1504 - 999) < 1.1);
});

test("the first value comes 2.5 ms and one integration after the shutdown ends; a shutdown keeps it", async () => {
  const on = await board();
  on.set({ illuminance: 100 });
  configure(on, 0, 0);
  on.clock.advance(102.4);
  assert.is(word(on, 0x04), 0);
  on.clock.advance(0.2);
  const counts = word(on, 0x04);
  assert.ok(counts > 0);
  on.write(0x00, 0x01, 0x00);
  on.set({ illuminance: 5 });
  on.clock.advance(1000);
  assert.is(word(on, 0x04), counts);
  on.fault("slow");
  configure(on, 0, 0);
  on.clock.advance(112.4);
  assert.is(word(on, 0x04), counts);
  on.clock.advance(0.2);
  assert.is(word(on, 0x04), Math.round(5 / 0.0672));
});

test("the power saving mode pauses: mode 3 and 100 ms refresh every 2100 ms", async () => {
  const on = await board();
  on.set({ illuminance: 100 });
  configure(on, 0, 0);
  on.write(0x03, 0x05, 0x00);
  on.clock.advance(101);
  const counts = word(on, 0x04);
  on.set({ illuminance: 10 });
  on.clock.advance(2098);
  assert.is(word(on, 0x04), counts);
  on.clock.advance(2);
  assert.ok(word(on, 0x04) < counts);
});

test("thresholds set the interrupt flags after as many integrations as the persistence says", async () => {
  const on = await board();
  on.write(0x01, 0xe8, 0x03); // 1000
  on.set({ illuminance: 100 }); // 1488
  on.write(0x00, 0x12, 0x00); // interrupt, persistence 2
  on.clock.advance(103);
  assert.is(word(on, 0x06), 0);
  on.clock.advance(100);
  assert.is(word(on, 0x06), 0x4000);
});

test("what there is not is warned of with register, address and time", async () => {
  const on = await board();
  on.clock.advance(1000);
  on.ask(0x08, 2);
  on.write(0x04, 1, 2);
  on.write(0x00, 0x01);
  assert.equal(on.warnings, [
    "it (veml7700, i2c1 0x10): read of unmapped register 0x08 (at 1.000 s)",
    "it (veml7700, i2c1 0x10): write to read-only register 0x04: ignored (at 1.000 s)",
    "it (veml7700, i2c1 0x10): write of 1 bytes to register 0x00: it takes words (at 1.000 s)",
  ]);
});

test("power that fails shuts it down", async () => {
  const on = await board();
  configure(on, 0, 0);
  on.fault("reset");
  word(on, 0x00);
  on.clock.advance(2);
  on.fault("reset", false);
  on.clock.advance(500);
  assert.is(word(on, 0x00), 0x0001);
  assert.is(word(on, 0x04), 0);
});

test.run();
