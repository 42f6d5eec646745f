/** The virtual MPU-6050 against PS-MPU-6000A-00 3.4 (6.1 to 6.3) and RM-MPU-6000A-00 4.2. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bench, bytes, values } from "./bench.ts";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (seed = 1): Promise<Board> => i2cBoard("mpu6050", 0x68, seed);
/** Awake, at 100 Hz behind a filter. */
const awake = async (): Promise<Board> => {
  const on = await board();
  on.write(0x6b, 0);
  on.write(0x19, 9, 3);
  return on;
};
const data = (on: Board): number[] => {
  const b = on.ask(0x3b, 14)!;
  return [0, 2, 4, 6, 8, 10, 12].map((i) => ((b[i]! << 8 | b[i + 1]!) << 16) >> 16);
};

test("who it is, and that it sleeps after a reset (4.28, 4.32)", async () => {
  const on = await board();
  assert.equal(on.ask(0x75, 1), [0x68]);
  assert.equal(on.ask(0x6b, 1), [0x40]);
  on.clock.advance(1000);
  assert.equal(data(on), [0, 0, 0, 0, 0, 0, 0]);
  assert.equal(on.warnings, []);
});

test("digits a g and a degree a second by range, with signs (6.1, 6.2); 340 a degree from 36.53 on (4.18)", async () => {
  const on = await awake();
  on.set({ ax: 1, ay: -1.5, az: 0.25, gx: 200, gy: -100, gz: 0.5, temperature: -10 });
  for (const [fs, [perG, perDps]] of [[16384, 131], [8192, 65.5], [4096, 32.8], [2048, 16.4]].entries()) {
    on.write(0x1b, fs << 3, fs << 3);
    on.clock.advance(60);
    assert.equal(data(on), [
      perG!, Math.round(-1.5 * perG!), perG! / 4, Math.round((-10 - 36.53) * 340),
      Math.round(200 * perDps!), Math.round(-100 * perDps!), Math.round(perDps! / 2),
    ], `range ${fs}`);
  }
});

test("motion is a change above MOT_THR x 2 mg; INT is high until the status is read (3.2: 4.12; 4.14 to 4.16)", async () => {
  const made = await bench([
    { driver: "mpu6050", id: "it", bus: "i2c1", address: 0x68, pins: { interrupt: "D27" }, options: { interrupt: true } },
  ]);
  const { machine } = made;
  machine.i2cSetup("I2C1", { sda: "D21", scl: "D22", bitrate: 100_000 });
  machine.pinMode("D27", "input");
  const write = (...message: number[]): boolean => machine.i2cWrite("I2C1", 0x68, bytes(...message));
  const status = (): number => {
    write(0x3a);
    return values(machine.i2cRead("I2C1", 0x68, 1))[0]! & 0x40;
  };
  const move = (ax: number): number => {
    machine.world.set("it.ax", ax);
    return machine.digitalRead("D27");
  };
  machine.world.set("it.ax", 0);
  write(0x6b, 0);
  write(0x1f, 20);
  write(0x37, 0x20, 0x40);
  assert.is(move(0.5), 0, "the high-pass is off");
  write(0x1c, 1);
  assert.is(move(0.53), 0, "30 mg are no motion");
  assert.is(move(0.48), 1, "50 mg are");
  assert.is(move(0.48), 1);
  assert.equal([status(), machine.digitalRead("D27"), status()], [0x40, 0, 0]);
  assert.is(move(-0.5), 1);
  write(0x6b, 0x80);
  assert.is(machine.digitalRead("D27"), 0, "a reset ends it");
  assert.equal(made.warnings, []);
});

test("beyond the range it is clipped", async () => {
  const on = await awake();
  on.set({ ax: 3, ay: -3, gx: 1000, gy: -1000 });
  on.clock.advance(60);
  const [ax, ay, , , gx, gy] = data(on);
  assert.equal([ax, ay, gx, gy], [32767, -32768, 32767, -32768]);
});

test("it samples at 8 kHz or 1 kHz, divided, within 5 %; INT_STATUS says so once (4.2, 4.16)", async () => {
  const on = await awake();
  on.write(0x19, 99); // 10 Hz
  on.ask(0x3a, 1);
  on.clock.advance(94);
  assert.equal(on.ask(0x3a, 1), [0]);
  on.clock.advance(12);
  assert.equal(on.ask(0x3a, 1), [1]);
  assert.equal(on.ask(0x3a, 1), [0]);
  on.write(0x1a, 0); // 80 Hz
  on.clock.advance(14);
  assert.equal(on.ask(0x3a, 1), [1]);
});

test("with INT_RD_CLEAR a read of the data clears the status, too (4.14)", async () => {
  const on = await awake();
  on.clock.advance(20);
  data(on);
  assert.equal(on.ask(0x3a, 1), [1]);
  on.write(0x37, 0x10);
  on.clock.advance(20);
  data(on);
  assert.equal(on.ask(0x3a, 1), [0]);
});

test("the gyroscope measures 30 ms after it was woken (6.3)", async () => {
  const on = await awake();
  on.set({ ax: 1, gx: 100 });
  on.clock.advance(25);
  assert.equal([data(on)[0], data(on)[4]], [16384, 0]);
  on.clock.advance(20);
  assert.is(data(on)[4], 13100);
});

test("asleep it keeps its data; an axis in standby, too (4.28, 4.30)", async () => {
  const on = await awake();
  on.set({ ax: 1, ay: 1 });
  on.clock.advance(60);
  on.write(0x6c, 0x20);
  on.set({ ax: -1, ay: -1 });
  on.clock.advance(60);
  assert.equal(data(on).slice(0, 2), [16384, -16384]);
  on.write(0x6b, 0x40);
  on.set({ ay: 0.5 });
  on.clock.advance(1000);
  assert.is(data(on)[1], -16384);
});

test("DEVICE_RESET makes it as new (4.28)", async () => {
  const on = await awake();
  on.clock.advance(60);
  on.write(0x6b, 0x80);
  assert.equal(on.ask(0x6b, 1), [0x40]);
  assert.equal(on.ask(0x19, 1), [0]);
  assert.equal(data(on), [0, 0, 0, 0, 0, 0, 0]);
});

test("an access that is not defined warns", async () => {
  const on = await board();
  on.ask(0x00, 1);
  on.write(0x75, 1);
  assert.is(on.warnings.length, 2);
});

test.run();
