/**
 * The client with its store: the power fails at every step, and the next client goes on from what is in the flash. The
 * invariants are those of `faults/invariants.ts`, across all lives; random schedules are in `faults.test.ts`. On the
 * other engines some of the steps, and random schedules that restart.
 */
import * as assert from "uvu/assert";
import { enginesFor, sampleOf, test } from "./engines/test.ts";
import type { Engine } from "./engines/types.ts";
import { v8 } from "./engines/v8.ts";
import { bodies, clientText } from "./faults/compile.ts";
import { attempt, describe, explore, type Factories, type Failure } from "./faults/explore.ts";
import { mutate, type Mutant } from "./faults/mutants.ts";
import { draw, NO_FAULTS, type Action, type Blackout, type CutKind, type Schedule } from "./faults/schedule.ts";
import { STORE_MUTANTS } from "./faults/store-mutants.ts";
import { run } from "./faults/world.ts";

/** A mutant has to be found within so many. */
const MUTANT_SCHEDULES = 10_000;
/** Cases of a test on an engine that is not V8. */
const SOME = 20;

const body = await clientText(["store", "completion"]);

/** The clients that an engine makes of a text. */
const load = async (engine: Engine, mutant?: Mutant): Promise<Factories> => {
  const { normal, fewIds } = bodies(mutant ? mutate(body, mutant) : body);
  return { normal: await engine.load(normal, mutant), fewIds: await engine.load(fewIds, mutant) };
};
const loaded = new Map<Engine, Promise<Factories>>();
const clientsOf = (engine: Engine): Promise<Factories> => {
  if (!loaded.has(engine)) loaded.set(engine, load(engine));
  return loaded.get(engine)!;
};

const assertNone = (failure: Failure | undefined, clients: Factories): void => {
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

/** How many steps a workload has at which the power can fail; on each engine as many. */
const stepsOf = async (actions: Action[]): Promise<number> =>
  run(schedule(actions, []), (await clientsOf(v8)).normal).steps;

test("a workload with a store goes through, and has steps enough for the power to fail at", async (on) => {
  const clients = await clientsOf(on);
  const stats = run(schedule(MIXED, []), clients.normal);
  assert.is(stats.violation, undefined, JSON.stringify(stats.violation));
  assert.is(stats.restarts, 0);
  assert.is(stats.accepted, 9 + 3);
  assert.ok(stats.steps > 600, `${stats.steps} steps`);
  assert.is(stats.steps, await stepsOf(MIXED));
  assert.is(run(schedule(MIXED, [{ steps: 500, how: "rst", offMs: 1 }]), clients.normal).restarts, 1);
});

test("the power may fail at every step of a mixed workload, however its link ends", async (on) => {
  const clients = await clientsOf(on);
  for (const at of sampleOf(on, await stepsOf(MIXED) * HOW.length, SOME)) {
    const step = Math.floor(at / HOW.length);
    const lost = (step + at) % 4 === 0 ? [1] : [];
    const blackout = { steps: step, how: HOW[at % HOW.length]!, offMs: 1 + step % 40 };
    const faults = { ...NO_FAULTS, lost, blackouts: [blackout] };
    assertNone(attempt(schedule(MIXED, [], { faults, cleanSession: step % 7 === 0 }), clients), clients);
  }
});

test("the power may fail at every step of a small workload, and again at every step after it", async (on) => {
  const clients = await clientsOf(on);
  const steps = await stepsOf(SMALL);
  const pairs: Blackout[][] = [];
  for (let first = 0; first < steps; first += 3) {
    for (let second = pairs.length % 5; second < steps; second += 5) {
      const turn = pairs.length + 1;
      pairs.push([
        { steps: first, how: HOW[turn % 3]!, offMs: 1 },
        { steps: second, how: HOW[(turn >> 2) % 3]!, offMs: 1 + turn % 9 },
      ]);
    }
  }
  for (const at of sampleOf(on, pairs.length, SOME)) assertNone(attempt(schedule(SMALL, pairs[at]!), clients), clients);
});

test("in random schedules the power fails in the middle of a write, and between steps", async (on) => {
  const clients = await clientsOf(on);
  let restarts = 0;
  let inWrites = 0;
  const drawable = Array.from({ length: 500 }, (_, at) => at + 1);
  // Where there are few, each is one that restarts.
  const { normal, fewIds } = await clientsOf(v8);
  const restarting = on === v8 ? drawable
    : drawable.filter((seed) => run(draw(seed), draw(seed).fewIds ? fewIds : normal).restarts > 0);
  const seeds = sampleOf(on, restarting.length, SOME).map((at) => restarting[at]!);
  for (const seed of seeds) {
    const drawn = draw(seed);
    const stats = run(drawn, drawn.fewIds ? clients.fewIds : clients.normal);
    assert.is(stats.violation, undefined, `seed ${seed}: ${JSON.stringify(stats.violation)}`);
    assert.is(stats.restarts > 0 && drawn.areaBytes === 0, false, `seed ${seed}: nothing is stored`);
    restarts += stats.restarts;
    inWrites += Math.max(0, stats.restarts - drawn.actions.filter(({ kind }) => kind === "restart").length);
  }
  assert.ok(restarts > 0.4 * seeds.length, `${restarts} restarts, ${inWrites} in writes`);
  if (on === v8) assert.ok(restarts > 400 && inWrites > 80, `${restarts} restarts, ${inWrites} in writes`);
});

/** One is found in a store of Lua within so many schedules; to compile a mutant takes longer than to find it. */
const QUICK = { name: "stores nothing before it sends", schedules: 60 };

for (const mutant of STORE_MUTANTS) {
  const engines = enginesFor(mutant.name === QUICK.name ? "mqtt/restarts: a mutant" : "mqtt/restarts: mutants");
  test(`the schedules find a store that ${mutant.name}, and only those in which the power fails`, async (on) => {
    const mutants = await load(on, mutant);
    const most = on === v8 ? MUTANT_SCHEDULES : QUICK.schedules;
    const { failure } = explore(mutants, 1, most);
    assert.ok(failure, `not found within ${most} schedules`);
    const { name, what } = failure.violation;
    assert.ok(mutant.breaks.includes(name), `found as "${name}: ${what}"`);
    assert.ok(run(failure.schedule, mutants[failure.schedule.fewIds ? "fewIds" : "normal"]).restarts > 0);
  }, engines);
}

test.run();
