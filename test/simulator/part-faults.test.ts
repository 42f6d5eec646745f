/** Faults that any part can have, tried on a BME280: chip id 0x60 in 0xD0, a measurement of 8 ms by 0x25 in 0xF4. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { COMMON_FAULTS, PartFaults } from "../../simulator/part-faults.ts";
import { createRng } from "../../simulator/rng.ts";
import { virtualClock } from "../../simulator/clock.ts";
import { loadPart, partNames } from "../../simulator/machine.ts";
import { bench, bytes, values, type Bench } from "./parts/bench.ts";

const AT = 0x76;
const AFTER_RESET = [0x80, 0, 0, 0x80, 0, 0, 0x80, 0];

interface Board extends Bench {
  write: (...b: number[]) => boolean;
  read: (register: number, count: number) => number[] | undefined;
}

const board = async (seed = 1): Promise<Board> => {
  const made = await bench([
    { driver: "bme280", id: "air", bus: "i2c1", address: AT },
    { driver: "bme280", id: "roof", bus: "i2c1", address: 0x77 },
    { driver: "analog", id: "light", pins: { pin: "D34" } },
  ], seed);
  made.machine.i2cSetup("i2c1", { sda: "D21", scl: "D22" });
  const write = (...b: number[]): boolean => made.machine.i2cWrite("i2c1", AT, bytes(...b));
  return {
    ...made, write,
    read: (register, count) => {
      if (!write(register)) return undefined;
      const text = made.machine.i2cRead("i2c1", AT, count);
      return text === undefined ? undefined : values(text);
    },
  };
};

test("every part of a bus has its common faults, off, and a part's own fault of the name goes first", async () => {
  for (const name of partNames()) {
    const definition = await loadPart(name);
    const faults = new PartFaults(definition, virtualClock(), createRng(1));
    assert.is(faults.on.size, 0);
    for (const [fault, text] of Object.entries(COMMON_FAULTS[definition.bus])) {
      assert.is(faults.possible[fault], definition.faults[fault] ?? text, `${name} ${fault}`);
    }
  }
});

test("absent: no message is acknowledged, not even one of no bytes, and a neighbour does not mind", async () => {
  const on = await board();
  on.machine.setFault("air", "absent", true);
  assert.not(on.write());
  assert.not(on.write(0xd0));
  assert.is(on.machine.i2cRead("i2c1", AT, 1), undefined);
  assert.ok(on.machine.i2cWrite("i2c1", 0x77, bytes(0xd0)));
  on.machine.setFault("air", "absent", false);
  assert.equal(on.read(0xd0, 1), [0x60]);
});

test("nack: about a third of the messages fail, the same ones for the same seed", async () => {
  const pattern = async (seed: number): Promise<string> => {
    const on = await board(seed);
    on.machine.setFault("air", "nack", true);
    return Array.from({ length: 200 }, () => (on.write(0xd0) ? "." : "N")).join("");
  };
  const first = await pattern(5);
  const share = first.replaceAll(".", "").length / first.length;
  assert.ok(share > 0.2 && share < 0.4, first);
  assert.is(await pattern(5), first);
  assert.is.not(await pattern(6), first);
});

test("stuck: what the part was doing goes on when the fault ends", async () => {
  const on = await board();
  on.write(0xf4, 0x25);
  on.machine.setFault("air", "stuck", true);
  on.clock.advance(10_000);
  assert.is(on.read(0xf3, 1)![0]! & 8, 8);
  assert.equal(on.read(0xf7, 8), AFTER_RESET);
  on.machine.setFault("air", "stuck", false);
  assert.is(on.read(0xf3, 1)![0]! & 8, 0);
  assert.not.equal(on.read(0xf7, 8), AFTER_RESET);
});

test("stuck: timers of the part that fell due meanwhile fire when the fault ends, cancelled ones never", async () => {
  const clock = virtualClock();
  const faults = new PartFaults(await loadPart("bme280"), clock, createRng(1));
  const own = faults.partClock();
  const fired: string[] = [];
  own.after(5, () => fired.push("before"));
  own.after(20, () => fired.push("held"));
  const dropped = own.after(20, () => fired.push("dropped"));
  clock.advance(10);
  faults.switch("stuck", true);
  clock.advance(90);
  assert.is(own.now(), 10);
  own.cancel(dropped);
  assert.equal(fired, ["before"]);
  faults.switch("stuck", false);
  assert.equal(fired, ["before", "held"]);
  assert.is(own.now(), 100);
});

test("reset: 1 ms after a message the part is as power makes it, and it is the same part", async () => {
  const on = await board();
  const calibration = on.read(0x88, 26);
  on.machine.setFault("air", "reset", true);
  on.write(0xf2, 3, 0xf4, 0x25);
  on.clock.advance(0.9);
  assert.equal(on.read(0xf2, 1), [3]);
  on.clock.advance(1.1);
  assert.is(on.read(0xf3, 1)![0], 1, "it starts");
  on.machine.setFault("air", "reset", false);
  on.clock.advance(100);
  assert.equal(on.read(0xf2, 3), [0, 0, 0]);
  assert.equal(on.read(0xf7, 8), AFTER_RESET);
  assert.equal(on.read(0x88, 26), calibration);
});

test("reset: timers of the part that lost its power never fire", async () => {
  const clock = virtualClock();
  const faults = new PartFaults(await loadPart("bme280"), clock, createRng(1));
  const fired: number[] = [];
  const part = faults.i2cPart((poweredMs) => ({
    write: (message) => {
      faults.partClock().after(10, () => fired.push(poweredMs));
      return message.length;
    },
    read: (count) => new Uint8Array(count),
  }));
  part.write(Uint8Array.of(1));
  clock.advance(20);
  faults.switch("reset", true);
  part.write(Uint8Array.of(1));
  clock.advance(20);
  faults.switch("reset", false);
  part.write(Uint8Array.of(1));
  clock.advance(20);
  assert.equal(fired, [-Infinity, 21]);
});

test("corrupt: each answer has one wrong bit, and the part itself has none", async () => {
  const on = await board();
  const right = on.read(0x88, 26)!;
  on.machine.setFault("air", "corrupt", true);
  for (let i = 0; i < 50; i++) {
    const wrong = on.read(0x88, 26)!.map((byte, at) => byte ^ right[at]!).filter((bits) => bits !== 0);
    assert.is(wrong.length, 1);
    assert.is(Math.log2(wrong[0]!) % 1, 0);
  }
  on.machine.setFault("air", "corrupt", false);
  assert.equal(on.read(0x88, 26), right);
});

test("drift: what is measured wanders by 1 % of its range a minute, and the world does not", async () => {
  const on = await board();
  on.machine.world.set("light.value", 0.25);
  const level = (): number => on.machine.analogRead("D34");
  const before = level();
  on.machine.setFault("light", "drift", true);
  on.clock.advance(10 * 60_000);
  const spec = on.machine.world.specs().find(({ name }) => name === "light.value")!;
  assert.ok(Math.abs(level() - before - 0.1) < 0.01 * (spec.max - spec.min), `${before} then ${level()}`);
  assert.is(on.machine.world.read("light.value"), 0.25);
  on.machine.setFault("light", "drift", false);
  assert.ok(Math.abs(level() - before) < 0.005);
});

test("low: a bus whose line is held low acknowledges nothing until it is let go", async () => {
  const on = await board();
  on.machine.setFault("i2c1", "low", true);
  assert.not(on.write(0xd0));
  assert.is(on.machine.i2cRead("i2c1", 0x77, 1), undefined);
  on.machine.setFault("i2c1", "low", false);
  assert.equal(on.read(0xd0, 1), [0x60]);
});

test.run();
