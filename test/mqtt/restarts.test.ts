/**
 * The client with its store: the power fails at every step, and the next client goes on from what is in the flash. The
 * invariants are those of `faults/invariants.ts`, across all lives; random schedules are in `faults.test.ts`. In V8
 * alone, for the sake of their number; on the other engines those random schedules restart, too.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { clientText, factories } from "./faults/compile.ts";
import { attempt, describe, explore, type Failure } from "./faults/explore.ts";
import { mutate } from "./faults/mutants.ts";
import { draw, NO_FAULTS, type Action, type Blackout, type CutKind, type Schedule } from "./faults/schedule.ts";
import { STORE_MUTANTS } from "./faults/store-mutants.ts";
import { run } from "./faults/world.ts";

/** A mutant has to be found within so many. */
const MUTANT_SCHEDULES = 10_000;

const body = await clientText(["store", "completion"]);
const clients = factories(body);

const assertNone = (failure: Failure | undefined): void => {
  assert.is(failure && describe(failure, clients), undefined);
};

const publish = (atMs: number, qos: number, bytes = 1): Action => ({ atMs, kind: "publish", qos, bytes, retain: false });
const deliver = (atMs: number, qos: number, bytes = 1): Action => ({ atMs, kind: "deliver", qos, bytes });

/** Every QoS in both directions, more than there are slots, subscriptions, and time to wait in the queue. */
const MIXED = [
  publish(1, 1), publish(2, 2), publish(10, 1), deliver(10, 2), publish(10, 2), deliver(11, 1), publish(11, 0),
  { atMs: 20, kind: "subscribe", topic: 0 } as Action,
  publish(30, 2), publish(30, 2), publish(30, 1), deliver(30, 2), deliver(30, 2), publish(31, 1),
  { atMs: 40, kind: "unsubscribe", topic: 0 } as Action,
];
const SMALL = [publish(1, 2), publish(10, 1), deliver(10, 2)];

const schedule = (actions: Action[], blackouts: Blackout[], changes: Partial<Schedule> = {}): Schedule => ({
  seed: 1, cleanSession: false, fewIds: false, window: 2, brokerWindow: 4, queue: "reject", ageMs: 0,
  areaBytes: 512, areas: 2, actions, safetyMs: 120_000, ...changes,
  faults: { ...NO_FAULTS, blackouts, ...changes.faults },
});

const HOW: CutKind[] = ["fin", "rst", "hole"];

/** How many steps a workload has at which the power can fail. */
const stepsOf = (actions: Action[]): number => run(schedule(actions, []), clients.normal).steps;

test("a workload with a store goes through, and has steps enough for the power to fail at", () => {
  const stats = run(schedule(MIXED, []), clients.normal);
  assert.is(stats.violation, undefined, JSON.stringify(stats.violation));
  assert.is(stats.restarts, 0);
  assert.is(stats.accepted, 9 + 3);
  assert.ok(stats.steps > 600, `${stats.steps} steps`);
  assert.is(run(schedule(MIXED, [{ steps: 500, how: "rst", offMs: 1 }]), clients.normal).restarts, 1);
});

test("the power may fail at every step of a mixed workload, however its link ends", () => {
  const steps = stepsOf(MIXED);
  for (let step = 0; step < steps; step++) {
    for (const how of HOW) {
      const lost = (step + HOW.indexOf(how)) % 4 === 0 ? [1] : [];
      const blackout = { steps: step, how, offMs: 1 + step % 40 };
      const faults = { ...NO_FAULTS, lost, blackouts: [blackout] };
      assertNone(attempt(schedule(MIXED, [], { faults, cleanSession: step % 7 === 0 }), clients));
    }
  }
});

test("the power may fail at every step of a small workload, and again at every step after it", () => {
  const steps = stepsOf(SMALL);
  let turn = 0;
  for (let first = 0; first < steps; first += 3) {
    for (let second = turn % 5; second < steps; second += 5) {
      turn++;
      const blackouts = [
        { steps: first, how: HOW[turn % 3]!, offMs: 1 },
        { steps: second, how: HOW[(turn >> 2) % 3]!, offMs: 1 + turn % 9 },
      ];
      assertNone(attempt(schedule(SMALL, blackouts), clients));
    }
  }
});

test("in random schedules the power fails in the middle of a write, and between steps", () => {
  let restarts = 0;
  let inWrites = 0;
  for (let seed = 1; seed <= 500; seed++) {
    const drawn = draw(seed);
    const stats = run(drawn, drawn.fewIds ? clients.fewIds : clients.normal);
    assert.is(stats.restarts > 0 && drawn.areaBytes === 0, false, `seed ${seed}: nothing is stored`);
    restarts += stats.restarts;
    inWrites += Math.max(0, stats.restarts - drawn.actions.filter(({ kind }) => kind === "restart").length);
  }
  assert.ok(restarts > 400 && inWrites > 80, `${restarts} restarts, ${inWrites} in writes`);
});

for (const mutant of STORE_MUTANTS) {
  test(`the schedules find a store that ${mutant.name}, and only those in which the power fails`, () => {
    const mutants = factories(mutate(body, mutant));
    const { failure } = explore(mutants, 1, MUTANT_SCHEDULES);
    assert.ok(failure, `not found within ${MUTANT_SCHEDULES} schedules`);
    const { name, what } = failure.violation;
    assert.ok(mutant.breaks.includes(name), `found as "${name}: ${what}"`);
    assert.ok(run(failure.schedule, mutants[failure.schedule.fewIds ? "fewIds" : "normal"]).restarts > 0);
  });
}

test.run();
