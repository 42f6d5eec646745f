/**
 * No schedule of faults breaks the client: invariants of `faults/invariants.ts`, on a model broker and a virtual clock.
 * `npm run fuzz` does the same for as long as it is told.
 */
import * as assert from "uvu/assert";
import { enginesFor, test as testOn } from "./engines/test.ts";
import type { Engine } from "./engines/types.ts";
import { bodies, clientText, factories } from "./faults/compile.ts";
import { attempt, describe, explore, type Factories, type Failure } from "./faults/explore.ts";
import { MUTANTS, mutate, type Mutant } from "./faults/mutants.ts";
import { NO_FAULTS, type Action, type Cut, type CutKind, type Schedule } from "./faults/schedule.ts";
import { run } from "./faults/world.ts";

/** Random schedules; the fuzzer goes on from there. */
const SCHEDULES = 100_000;
/** On engines where each call of the client is a message: to another process, or into a VM. */
const SCHEDULES_ELSEWHERE = 200;
const SCHEDULES_LUA = 250;
/** A mutant has to be found within so many. */
const MUTANT_SCHEDULES = 30_000;

/** In V8, for the sake of their number. */
const test = (name: string, run: () => void): void => testOn(name, run, enginesFor("mqtt/faults: all of them"));

const body = await clientText(["store", "completion"]);
const clients = factories(body);

const assertNone = (failure: Failure | undefined): void => {
  assert.is(failure && describe(failure, clients), undefined);
};

const publish = (atMs: number, qos: number, bytes = 1): Action => ({ atMs, kind: "publish", qos, bytes, retain: false });
const deliver = (atMs: number, qos: number, bytes = 1): Action => ({ atMs, kind: "deliver", qos, bytes });

const schedule = (actions: Action[], cleanSession = false): Schedule => ({
  seed: 1, cleanSession, fewIds: false, window: 4, brokerWindow: 4, queue: "reject", ageMs: 0, areaBytes: 0, areas: 0, actions, faults: NO_FAULTS,
  safetyMs: 120_000,
});

/** Every QoS in both directions, two messages in flight at once, subscriptions. */
const MIXED = [
  publish(10, 1), deliver(10, 2), publish(10, 2), deliver(11, 1), publish(11, 0), deliver(11, 0),
  { atMs: 20, kind: "subscribe", topic: 0 } as Action,
  publish(30, 2), publish(30, 2), deliver(30, 2), deliver(30, 2), publish(31, 1),
  { atMs: 40, kind: "unsubscribe", topic: 0 } as Action,
];
const SMALL = [publish(10, 1), publish(10, 2), deliver(10, 2)];

const KINDS: CutKind[] = ["fin", "rst", "hole"];
const DIRECTIONS = ["toBroker", "toClient"] as const;

/** Every place at which one connection can be cut in a workload. */
const cutsOf = (actions: Action[], attemptAt: number, kinds = KINDS): Cut[] => {
  const { bytes } = run({ ...schedule(actions), safetyMs: 100 }, clients.normal);
  return DIRECTIONS.flatMap((direction) => kinds.flatMap((kind) =>
    Array.from({ length: bytes[direction] + 1 }, (_, byte) => ({ attempt: attemptAt, direction, byte, kind }))));
};

test("a mixed workload goes through without faults, and reaches what it is for", () => {
  for (const cleanSession of [false, true]) {
    const stats = run(schedule(MIXED, cleanSession), clients.normal);
    assert.is(stats.violation, undefined, JSON.stringify(stats.violation));
    assert.is(stats.attempts, 1);
    // Three more each way prove that the connection lives.
    assert.is(stats.accepted, 6 + 3);
    assert.is(stats.delivered, 5 + 3);
    assert.ok(stats.bytes.toBroker > 100 && stats.bytes.toClient > 100);
  }
});

test("a mixed workload survives a cut at every byte in each direction, of each kind", () => {
  for (const cut of cutsOf(MIXED, 0)) {
    for (const lost of [[], [1]]) {
      for (const cleanSession of [false, true]) {
        assertNone(attempt({ ...schedule(MIXED, cleanSession), faults: { ...NO_FAULTS, cuts: [cut], lost } }, clients));
      }
    }
  }
});

test("a small workload survives every pair of cuts", () => {
  let turn = 0;
  for (const first of cutsOf(SMALL, 0, ["rst"])) {
    for (const second of cutsOf(SMALL, 1, ["rst"])) {
      turn++;
      const cuts = [{ ...first, kind: KINDS[turn % 3]! }, { ...second, kind: KINDS[(turn >> 2) % 3]! }];
      assertNone(attempt({ ...schedule(SMALL), faults: { ...NO_FAULTS, cuts } }, clients));
    }
  }
});

test(`${SCHEDULES} random schedules break no invariant`, () => {
  const { failure, runs } = explore(clients, 1, SCHEDULES);
  assertNone(failure);
  assert.is(runs, SCHEDULES);
});

const ELSEWHERE = enginesFor("mqtt/faults: some");
const LUA = enginesFor("mqtt/faults: mutants by turns");

/** Runs the first schedules on clients that an engine makes of a text. */
const exploreOn = async (engine: Engine, runs: number, mutant?: Mutant): Promise<[Failure | undefined, Factories]> => {
  const { normal, fewIds } = bodies(mutant ? mutate(body, mutant) : body);
  const there = { normal: await engine.load(normal, mutant), fewIds: await engine.load(fewIds, mutant) };
  return [explore(there, 1, runs).failure, there];
};

testOn("random schedules break no invariant", async (engine) => {
  const [failure, there] = await exploreOn(engine, LUA.includes(engine) ? SCHEDULES_LUA : SCHEDULES_ELSEWHERE);
  assert.is(failure && describe(failure, there), undefined);
}, ELSEWHERE);

/** Mutants that are found within few schedules: they show that a wrong client is seen there, too. */
const QUICK = [
  "does not send PUBREL again", "loses DUP", "takes an id that is in use", "delivers what it holds already",
  "keeps half a packet for the next connection", "sends again what belongs to a clean session", "publishes before CONNACK",
  "has more in flight than slots", "never gives up a silent link", "counts what it receives as kept alive",
];

for (const [at, name] of QUICK.entries()) {
  const mutant = MUTANTS.find((each) => each.name === name)!;
  // The first two on each engine; to compile the others takes longer than to find them: by turns.
  const engines = at < 2 ? ELSEWHERE : [LUA[at % LUA.length]!];
  testOn(`those schedules find a client that ${name}`, async (engine) => {
    const [failure] = await exploreOn(engine, SCHEDULES_ELSEWHERE, mutant);
    assert.ok(failure && mutant.breaks.includes(failure.violation.name), JSON.stringify(failure?.violation));
  }, engines);
}

for (const mutant of MUTANTS) {
  test(`the schedules find a client that ${mutant.name}`, () => {
    const { failure } = explore(factories(mutate(body, mutant)), 1, MUTANT_SCHEDULES);
    assert.ok(failure, `not found within ${MUTANT_SCHEDULES} schedules`);
    const { name, what } = failure.violation;
    assert.ok(mutant.breaks.includes(name), `found as "${name}: ${what}"`);
  });
}

test("a mutant whose place is gone says so", () => {
  const gone = { name: "x", from: "nowhere", to: "", breaks: [] };
  assert.throws(() => mutate(body, gone), /mutant "x": "nowhere" stands 0 times .* change test\/mqtt\/faults\/mutants.ts/);
});

test("a failure says what was broken and how to see it again, and is made small", () => {
  const wrong = factories(mutate(body, MUTANTS.find(({ name }) => name === "loses DUP")!));
  const text = describe(explore(wrong, 1, 1000).failure!, wrong);
  assert.match(text, /^sent again: [0-9a-f ]+ instead of 3[a-f] /);
  assert.match(text, /npm run fuzz -- --seed \d+ --runs 1\n/);
  assert.ok(text.split("\n").length < 9, text);
});

test("the same seed gives the same run", () => {
  const mutant = factories(mutate(body, MUTANTS[0]!));
  assert.equal(explore(mutant, 1, 1000), explore(mutant, 1, 1000));
});

testOn.run();
