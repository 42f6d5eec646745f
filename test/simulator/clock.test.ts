/** Simulated time and seeded chance. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { realClock, virtualClock } from "../../simulator/clock.ts";
import { createRng } from "../../simulator/rng.ts";

test("virtual time stands still until it is advanced", () => {
  const clock = virtualClock();
  let ran = false;
  clock.after(0, () => ran = true);
  assert.is(clock.now(), 0);
  assert.not(ran);
  clock.advance(0);
  assert.ok(ran);
  clock.advance(12.5);
  assert.is(clock.now(), 12.5);
});

test("timers run at their time, in the order of time and then of setting", () => {
  const clock = virtualClock();
  const ran: string[] = [];
  const note = (name: string) => () => ran.push(`${name}@${clock.now()}`);
  clock.after(20, note("c"));
  clock.after(10, note("a"));
  clock.after(20, note("d"));
  clock.after(10, note("b"));
  clock.after(31, note("never"));
  clock.advance(30);
  assert.equal(ran, ["a@10", "b@10", "c@20", "d@20"]);
  assert.is(clock.now(), 30);
  assert.is(clock.nextDeadline(), 31);
});

test("many timers in any order of setting come out sorted", () => {
  const clock = virtualClock();
  const rng = createRng(4);
  const ran: number[] = [];
  const cancelled = new Set<number>();
  for (let i = 0; i < 2000; i++) {
    const due = rng.below(500);
    const handle = clock.after(due, () => ran.push(due));
    if (rng.below(4) === 0) {
      clock.cancel(handle);
      cancelled.add(handle);
    }
  }
  clock.advance(500);
  assert.is(ran.length, 2000 - cancelled.size);
  assert.equal(ran, [...ran].sort((a, b) => a - b));
  assert.is(clock.nextDeadline(), undefined);
});

test("a timer that sets a timer within the time advanced sees it run", () => {
  const clock = virtualClock();
  const ticks: number[] = [];
  const tick = (): void => {
    ticks.push(clock.now());
    clock.after(250, tick);
  };
  clock.after(250, tick);
  clock.advance(1000);
  assert.equal(ticks, [250, 500, 750, 1000]);
});

test("a cancelled timer does not run, also when a timer of the same instant cancels it", () => {
  const clock = virtualClock();
  let ran = 0;
  let second = 0;
  clock.after(5, () => clock.cancel(second));
  second = clock.after(5, () => ran++);
  clock.cancel(99_999);
  clock.advance(10);
  assert.is(ran, 0);
});

test("a timer that throws ends the advance at its time, and the next one goes on", () => {
  const clock = virtualClock();
  let ran = false;
  clock.after(5, () => {
    throw new Error("broken");
  });
  clock.after(6, () => ran = true);
  assert.throws(() => clock.advance(10), /broken/);
  assert.is(clock.now(), 5);
  clock.advance(1);
  assert.ok(ran);
});

test("a clock that is advanced by its own timer, or loops at one instant, says so", () => {
  const clock = virtualClock();
  clock.after(1, () => clock.advance(1));
  assert.throws(() => clock.advance(5), /from inside one of its own timers/);
  const loop = virtualClock();
  const again = (): void => void loop.after(0, again);
  again();
  assert.throws(() => loop.advance(1), /for ever at 0 ms/);
});

test("real time runs, scaled by the speed, and its timers come in order", async () => {
  const clock = realClock(1000);
  const ran: string[] = [];
  await new Promise<void>((done) => {
    clock.after(3000, () => ran.push("b"));
    clock.after(1000, () => ran.push("a"));
    clock.cancel(clock.after(2000, () => ran.push("never")));
    clock.after(3000, () => ran.push("c"));
    clock.after(9000, () => {
      // 9 s of simulated time: the clock is there, whatever the host took.
      assert.ok(clock.now() >= 9000);
      done();
    });
  });
  assert.equal(ran, ["a", "b", "c"]);
  clock.after(1e9, () => ran.push("never"));
  clock.close();
});

test("a speed that is no number above 0 is refused", () => {
  for (const speed of [0, -1, NaN, Infinity]) assert.throws(() => realClock(speed), /speed of a clock/);
});

test("equal seeds give equal streams, other seeds and other names give others", () => {
  const draw = (rng: { next(): number }): string => Array.from({ length: 8 }, () => rng.next()).join();
  assert.is(draw(createRng(7)), draw(createRng(7)));
  assert.is.not(draw(createRng(7)), draw(createRng(8)));
  assert.is.not(draw(createRng(7).fork("a")), draw(createRng(7).fork("b")));
});

test("a fork does not depend on what was drawn before, nor does it draw from its parent", () => {
  const [a, b] = [createRng("seed"), createRng("seed")];
  a.next();
  assert.is(a.fork("x").next(), b.fork("x").next());
  b.next();
  assert.is(a.next(), b.next());
});

test("draws are spread evenly over [0, 1) and below(n) over 0 to n - 1", () => {
  const rng = createRng(1);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 20_000; i++) counts[rng.below(10)]!++;
  assert.ok(counts.every((count) => count > 1800 && count < 2200), counts.join(" "));
  const values = Array.from({ length: 10_000 }, () => rng.next());
  assert.ok(values.every((value) => value >= 0 && value < 1));
});

test.run();
