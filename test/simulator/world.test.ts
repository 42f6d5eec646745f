/** The signals of the world. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { virtualClock } from "../../simulator/clock.ts";
import { createRng } from "../../simulator/rng.ts";
import { createWorld, setSignal } from "../../simulator/world.ts";

const HOUR_MS = 3_600_000;
const SPECS = [
  { name: "air.temperature", unit: "°C", mean: 20, swing: 5, min: -40, max: 85 },
  { name: "air.humidity", unit: "%", mean: 95, swing: -10, min: 0, max: 100 },
];

function make(seed = 1) {
  const clock = virtualClock();
  return { clock, world: createWorld(clock, createRng(seed), SPECS) };
}

/** Values at the given hours of the first day. */
function hours(seed: number, ...at: number[]): number[] {
  const { clock, world } = make(seed);
  return at.map((hour) => {
    clock.advance(hour * HOUR_MS - clock.now());
    return world.read("air.temperature");
  });
}

test("until it is set a signal follows a day around its mean, with a little noise", () => {
  const [start, top, middle, bottom, end] = hours(1, 0, 6, 12, 18, 24) as [number, number, number, number, number];
  for (const [value, expected] of [[start, 20], [top, 25], [middle, 20], [bottom, 15], [end, 20]] as const) {
    assert.ok(Math.abs(value - expected) <= 0.1, `${value} instead of about ${expected}`);
  }
  assert.ok([start, top, middle, bottom, end].some((value) => value % 1 !== 0));
});

test("a value depends on time and seed, not on how often or in which order it was read", () => {
  assert.equal(hours(1, 1, 2, 3, 4).at(-1), hours(1, 4)[0]);
  assert.is.not(hours(1, 4)[0], hours(2, 4)[0]);
  const { world } = make();
  assert.is(world.read("air.temperature"), world.read("air.temperature"));
});

test("values stay within the limits of the signal, whatever was set", () => {
  const { clock, world } = make();
  clock.advance(18 * HOUR_MS);
  assert.is(world.read("air.humidity"), 100);
  world.set("air.temperature", 200);
  assert.is(world.read("air.temperature"), 85);
  world.set("air.temperature", () => -200);
  assert.is(world.read("air.temperature"), -40);
});

test("a function of simulated time is a signal, and reset gives the daily curve back", () => {
  const { clock, world } = make();
  const before = world.read("air.temperature");
  world.set("air.temperature", (ms) => ms / 1000);
  clock.advance(21_500);
  assert.is(world.read("air.temperature"), 21.5);
  clock.advance(0);
  world.reset("air.temperature");
  assert.ok(Math.abs(world.read("air.temperature") - before) < 0.2);
});

test("an unknown signal is an error with the nearest name and all names", () => {
  const { world } = make();
  assert.throws(() => world.read("air.temprature"), (error: Error) => {
    assert.is(error.message, "there is no signal \"air.temprature\": did you mean \"air.temperature\"? "
      + "(signals: air.temperature, air.humidity)");
    return true;
  });
  assert.throws(() => world.set("wind", 3), /use one of air\.temperature, air\.humidity/);
  assert.throws(() => createWorld(virtualClock(), createRng(1), []).read("x"), /measures nothing/);
});

test("what is not a number is refused", () => {
  const { world } = make();
  assert.throws(() => world.set("air.temperature", NaN), /cannot be set to NaN/);
  world.set("air.temperature", () => NaN);
  assert.throws(() => world.read("air.temperature"), /"air\.temperature" is not a number at 0 ms/);
});

test("the command line sets numbers, steps, ramps, sines and the default", () => {
  const { clock, world } = make();
  const read = (): number => Math.round(world.read("air.temperature") * 1000) / 1000;
  setSignal(world, clock, "air.temperature=-7.25");
  assert.is(read(), -7.25);
  clock.advance(5000);
  setSignal(world, clock, "air.temperature = step(20, 30, 60s)");
  clock.advance(59_999);
  assert.is(read(), 20);
  clock.advance(1);
  assert.is(read(), 30);
  setSignal(world, clock, "air.temperature=ramp(20,30,10m)");
  clock.advance(150_000);
  assert.is(read(), 22.5);
  clock.advance(HOUR_MS);
  assert.is(read(), 30);
  setSignal(world, clock, "air.temperature=sine(20,5,1h)");
  clock.advance(HOUR_MS / 4);
  assert.is(read(), 25);
  setSignal(world, clock, "air.temperature=default");
  assert.ok(Math.abs(read() - 20) < 3);
});

test("text of the command line that means nothing says what to write", () => {
  const { clock, world } = make();
  assert.throws(() => setSignal(world, clock, "21.5"), /sets no signal: write name=value/);
  assert.throws(() => setSignal(world, clock, "=21.5"), /sets no signal/);
  for (const text of ["", "warm", "step(1,2)", "step(1,2,3)", "ramp(a,2,3s)", "sine(1,2,0s)", "Infinity"]) {
    assert.throws(() => setSignal(world, clock, `air.temperature=${text}`), /write a number, step\(20,30,60s\)/, text);
  }
  assert.throws(() => setSignal(world, clock, "air.temp=1"), /there is no signal/);
});

test.run();
