/** The virtual TSL2561 against its datasheet (v1-00). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { i2cBoard, type Board } from "./i2c-board.ts";

const t = (): Promise<Board> => i2cBoard("tsl2561", 0x39);
const cs = (): Promise<Board> => i2cBoard("tsl2561", 0x39, 1, { package: "cs" });

const channels = (on: Board): [number, number] => {
  const word = (register: number): number => {
    const [low, high] = on.ask(0xa0 | register, 2)!;
    return low! + high! * 256;
  };
  return [word(0x0c), word(0x0e)];
};

/** "Calculating Lux", T, FN and CL package. */
const luxT = (ch0: number, ch1: number): number => {
  const ratio = ch1 / ch0;
  if (ratio <= 0.5) return 0.0304 * ch0 - 0.062 * ch0 * ratio ** 1.4;
  if (ratio <= 0.61) return 0.0224 * ch0 - 0.031 * ch1;
  if (ratio <= 0.8) return 0.0128 * ch0 - 0.0153 * ch1;
  if (ratio <= 1.3) return 0.00146 * ch0 - 0.00112 * ch1;
  return 0;
};
/** CS package. */
const luxCs = (ch0: number, ch1: number): number => {
  const ratio = ch1 / ch0;
  if (ratio <= 0.52) return 0.0315 * ch0 - 0.0593 * ch0 * ratio ** 1.4;
  if (ratio <= 0.65) return 0.0229 * ch0 - 0.0291 * ch1;
  if (ratio <= 0.8) return 0.0157 * ch0 - 0.018 * ch1;
  if (ratio <= 1.3) return 0.00338 * ch0 - 0.0026 * ch1;
  return 0;
};

test("after power-on it is powered down with 402 ms and low gain; the ids are those of the packages", async () => {
  const [a, b] = [await t(), await cs()];
  assert.equal(a.ask(0x80, 1), [0x00]);
  assert.equal(a.ask(0x81, 1), [0x02]);
  assert.equal(a.ask(0x8a, 1), [0x50]);
  assert.equal(b.ask(0x8a, 1), [0x10]);
  a.write(0x80, 0x03);
  assert.equal(a.ask(0x80, 1), [0x03], "a read of 03 says that the part is there");
  assert.equal(a.warnings, []);
});

test("the datasheet's formulas give the world's lux, in each of their pieces and for both packages", async () => {
  for (const [board, lux] of [[t, luxT], [cs, luxCs]] as const) {
    const on = await board();
    on.write(0x81, 0x12); // gain 16, 402 ms
    on.write(0x80, 0x03);
    const rows = [[0, 1500], [0.2, 800], [0.45, 500], [0.55, 250], [0.7, 80], [1, 15], [1.25, 2]] as const;
    for (const [infrared, most] of rows) {
      for (const illuminance of [most / 10, most]) {
        on.set({ illuminance, infrared });
        on.clock.advance(402);
        const [ch0, ch1] = channels(on);
        const got = lux(ch0, ch1);
        assert.ok(Math.abs(got - illuminance) <= 0.01 * illuminance + 0.05, `${infrared}: ${illuminance}, ${got}`);
      }
    }
  }
});

test("gain 1 gives a sixteenth; 101 ms give 81/322, 13.7 ms 11/322; the tops are 65535, 37177 and 5047", async () => {
  const on = await t();
  on.write(0x80, 0x03);
  const counts = (timing: number, illuminance: number): number => {
    on.set({ illuminance, infrared: 0.25 });
    on.write(0x81, timing);
    on.clock.advance(403);
    return channels(on)[0];
  };
  const best = counts(0x12, 300);
  assert.ok(Math.abs(counts(0x02, 300) - best / 16) <= 0.5);
  assert.ok(Math.abs(counts(0x11, 300) - best * 81 / 322) <= 0.5);
  assert.ok(Math.abs(counts(0x10, 300) - best * 11 / 322) <= 0.5);
  assert.equal([0x12, 0x11, 0x10].map((timing) => counts(timing, 30_000)), [65_535, 37_177, 5047]);
});

test("the first value comes one integration after power-up; a slow oscillator takes 428 ms", async () => {
  for (const [slow, ms] of [[false, 402], [true, 428.2]] as const) {
    const on = await t();
    on.fault("slow", slow);
    on.set({ illuminance: 100, infrared: 0.3 });
    on.write(0x80, 0x03);
    on.clock.advance(ms - 0.5);
    assert.equal(channels(on), [0, 0]);
    on.clock.advance(1);
    assert.ok(channels(on)[0] > 0);
  }
});

test("a manual integration lasts from the rising to the falling edge of its bit", async () => {
  const on = await t();
  on.set({ illuminance: 100, infrared: 0.25 });
  on.write(0x80, 0x03);
  on.write(0x81, 0x13);
  on.write(0x81, 0x1b);
  on.clock.advance(201);
  on.write(0x81, 0x13);
  const atBest = 100 / (0.0304 - 0.062 * 0.25 ** 1.4);
  assert.ok(Math.abs(channels(on)[0] - atBest / 2) <= 1);
});

test("the upper byte is the one of the moment when the lower was read", async () => {
  const on = await t();
  on.set({ illuminance: 500, infrared: 0.25 });
  on.write(0x81, 0x10);
  on.write(0x80, 0x03);
  on.clock.advance(14);
  const low = on.ask(0x8c, 1)![0]!;
  on.set({ illuminance: 5 });
  on.clock.advance(14);
  const high = on.ask(0x8d, 1)![0]!;
  const expected = 500 / (0.0304 - 0.062 * 0.25 ** 1.4) * 11 / 322;
  assert.ok(Math.abs(low + 256 * high - expected) <= 0.5);
});

test("what there is not is warned of with register, address and time", async () => {
  const on = await t();
  on.clock.advance(100);
  on.write(0x00, 0x03);
  on.ask(0x8b, 1);
  on.write(0x8a, 1);
  assert.equal(on.warnings, [
    "it (tsl2561, i2c1 0x39): a message that begins with 0x00, not with a command: ignored (at 0.100 s)",
    "it (tsl2561, i2c1 0x39): read of unmapped register 0x0B (at 0.100 s)",
    "it (tsl2561, i2c1 0x39): write of 0x01 to read-only register 0x0A: ignored (at 0.100 s)",
  ]);
});

test("power that fails powers it down", async () => {
  const on = await t();
  on.write(0x80, 0x03);
  on.fault("reset");
  on.write(0x81, 0x12);
  on.clock.advance(2);
  on.fault("reset", false);
  assert.equal(on.ask(0x80, 2), [0x00, 0x02]);
});

test.run();
