/** What happens in a run: the workload, and the faults. All of it is data, drawn from one seed. */
import { below, pick, rngOf, type Rng } from "./rng.ts";

/** How a connection ends: closed with what is under way delivered, reset without, or a silence that nobody hears of. */
export type CutKind = "fin" | "rst" | "hole";

/** Ends a connection after `byte` bytes in one direction: inside of a packet, too. */
export interface Cut {
  /** Which attempt to connect, from 0. */
  attempt: number;
  direction: "toBroker" | "toClient";
  byte: number;
  kind: CutKind;
}

/**
 * The power fails, in one life of the client after the other: `steps` after its start, of which each byte that is
 * written to flash, each packet that is sent and some points of each erasure are one. What was under way ends as by
 * `how`, and power is back after `offMs`.
 */
export interface Blackout {
  steps: number;
  how: CutKind;
  offMs: number;
}

/** The faults, each off by default. */
export interface Faults {
  blackouts: Blackout[];
  cuts: Cut[];
  /** Attempts whose CONNECT the broker refuses, with the code (3.2.2.3). */
  refused: { attempt: number; code: number }[];
  /** Attempts whose link is not opened: at once no socket, a refusal later, or no answer ever. */
  unopened: { attempt: number; how: "now" | "later" | "never" }[];
  /** Attempts before which the broker loses the session. */
  lost: number[];
  /** Share of writes that arrive in pieces. */
  split: number;
  /** Share of writes that arrive together with the one before. */
  joined: number;
  /** Longest delay of a piece in one direction, in ms. */
  delayMs: number;
  /** Longest time that the broker takes for an acknowledgement, in ms. */
  ackDelayMs: number;
  /** Whether acknowledgements overtake one another, as those of a server may. */
  shuffled: boolean;
  /** Share of acknowledgements that the broker sends twice. */
  twice: number;
}

export const NO_FAULTS: Faults = {
  blackouts: [], cuts: [], refused: [], unopened: [], lost: [], split: 0, joined: 0, delayMs: 0, ackDelayMs: 0,
  shuffled: false, twice: 0,
};

/** What the programs at both ends do, and when. */
export type Action = { atMs: number } & (
  | { kind: "publish"; qos: number; bytes: number; retain: boolean }
  /** Somebody publishes what the client has subscribed to. */
  | { kind: "deliver"; qos: number; bytes: number }
  | { kind: "subscribe" | "unsubscribe"; topic: number }
  /** The program ends the connection as for a broken network, stops politely, or wants it back now. */
  | { kind: "fail" | "stop" | "retry" }
  /** The power goes between two steps of the client, and comes back. */
  | { kind: "restart"; how: CutKind; offMs: number }
);

export interface Schedule {
  seed: number;
  cleanSession: boolean;
  /** Whether packet ids count to a few only; acknowledgements that come twice are off then. */
  fewIds: boolean;
  /** In-flight messages of the client, and of the broker. */
  window: number;
  brokerWindow: number;
  /** Whether messages go through the offline queue, and what it does when it is full; "none": straight. */
  queue: "none" | "reject" | "oldest";
  /** How long a message may wait in it; 0: for ever. */
  ageMs: number;
  /** Bytes of an area of the store, and how many; 0: there is no store, and the power does not fail. */
  areaBytes: number;
  areas: number;
  actions: Action[];
  faults: Faults;
  /** When the faults stop. */
  safetyMs: number;
}

const times = <T>(rng: Rng, most: number, make: () => T): T[] =>
  Array.from({ length: below(rng, most + 1) }, make);

/** The most that are asked for in a schedule. */
const SUBSCRIPTIONS = 4;

const drawActions = (rng: Rng, safetyMs: number): Action[] => {
  let asked = 0;
  // Now and then enough for the ids to come round, at the least where they are few.
  return times(rng, rng() < 0.05 ? 50 : 14, () => drawAction(rng, safetyMs))
    .filter(({ kind }) => (kind !== "subscribe" && kind !== "unsubscribe") || asked++ < SUBSCRIPTIONS)
    .sort((a, b) => a.atMs - b.atMs);
};

const drawAction = (rng: Rng, safetyMs: number): Action => {
  const atMs = below(rng, safetyMs);
  const chance = rng();
  if (chance < 0.55) {
    return { atMs, kind: "publish", qos: pick(rng, [0, 1, 1, 2, 2]), bytes: below(rng, 12), retain: rng() < 0.2 };
  }
  if (chance < 0.85) return { atMs, kind: "deliver", qos: pick(rng, [0, 1, 2, 2]), bytes: below(rng, 12) };
  if (chance < 0.94) return { atMs, kind: pick(rng, ["subscribe", "unsubscribe"]), topic: below(rng, 2) };
  return { atMs, kind: pick(rng, ["fail", "stop", "retry"]) };
};

const drawCut = (rng: Rng): Cut => ({
  attempt: below(rng, 5),
  direction: pick(rng, ["toBroker", "toClient"]),
  // Most lie in the first packets of a connection; those of a busy one lie further on.
  byte: below(rng, pick(rng, [8, 40, 120])),
  kind: pick(rng, ["fin", "rst", "hole"]),
});

/** Each kind of fault is there in about half of all schedules, so that the others are seen without it, too. */
const drawFaults = (rng: Rng, fewIds: boolean): Faults => {
  const some = <T>(value: T, none: T): T => (rng() < 0.4 ? value : none);
  return {
    blackouts: [],
    cuts: times(rng, 4, () => drawCut(rng)),
    refused: some(times(rng, 2, () => ({ attempt: below(rng, 5), code: 1 + below(rng, 5) })), []),
    unopened: some(times(rng, 2, () => ({ attempt: below(rng, 5), how: pick(rng, ["now", "later", "never"]) })), []),
    lost: some(times(rng, 2, () => 1 + below(rng, 5)), []),
    split: some(rng(), 0),
    joined: some(rng(), 0),
    delayMs: some(below(rng, 500), 0),
    ackDelayMs: some(below(rng, 4000), 0),
    shuffled: rng() < 0.3,
    twice: fewIds ? 0 : some(rng() * 0.5, 0),
  };
};

const KINDS: readonly CutKind[] = ["fin", "rst", "hole"];
const drawOff = (rng: Rng): { how: CutKind; offMs: number } =>
  ({ how: pick(rng, KINDS), offMs: 1 + below(rng, pick(rng, [3, 3000])) });

/** A schedule with a store: the same, and the power fails now and then. */
const withStore = (schedule: Schedule): Schedule => {
  // Chance of its own, so that what was drawn before stays as it was.
  const rng = rngOf(schedule.seed ^ 0x5704e);
  rng();
  if (rng() < 0.5) return schedule;
  const restarts = times(rng, 3, () =>
    ({ atMs: below(rng, schedule.safetyMs), kind: "restart" as const, ...drawOff(rng) }));
  return {
    ...schedule,
    areaBytes: pick(rng, [768, 1024]),
    areas: 2 + below(rng, 2),
    actions: [...schedule.actions, ...restarts].sort((a, b) => a.atMs - b.atMs),
    faults: {
      ...schedule.faults,
      // A client that starts anew counts its ids anew, too: one comes again soon, as where they are few.
      twice: 0,
      blackouts: times(rng, 4, () => ({ steps: below(rng, pick(rng, [20, 200, 800])), ...drawOff(rng) })),
    },
  };
};

const drawWithout = (seed: number): Schedule => {
  const rng = rngOf(seed);
  // Neighbouring seeds begin alike.
  rng();
  const safetyMs = pick(rng, [200, 2000, 20000, 60000]);
  const fewIds = rng() < 0.5;
  return {
    seed,
    cleanSession: rng() < 0.2,
    fewIds,
    window: 1 + below(rng, 4),
    brokerWindow: 1 + below(rng, 4),
    queue: pick(rng, ["none", "reject", "oldest"]),
    ageMs: pick(rng, [0, 0, 4000]),
    areaBytes: 0,
    areas: 0,
    actions: drawActions(rng, safetyMs),
    faults: drawFaults(rng, fewIds),
    safetyMs,
  };
};

/** The schedule of a seed. */
export const draw = (seed: number): Schedule => withStore(drawWithout(seed));

/** All schedules that lack one thing of a schedule: for shrinking. */
export const simpler = function* (s: Schedule): Generator<Schedule> {
  for (let i = 0; i < s.actions.length; i++) yield { ...s, actions: s.actions.toSpliced(i, 1) };
  for (const key of ["blackouts", "cuts", "refused", "unopened", "lost"] as const) {
    for (let i = 0; i < s.faults[key].length; i++) {
      yield { ...s, faults: { ...s.faults, [key]: (s.faults[key] as unknown[]).toSpliced(i, 1) } };
    }
  }
  for (const key of ["split", "joined", "delayMs", "ackDelayMs", "shuffled", "twice"] as const) {
    if (s.faults[key] !== NO_FAULTS[key]) yield { ...s, faults: { ...s.faults, [key]: NO_FAULTS[key] } };
  }
  if (s.areaBytes > 0 && s.faults.blackouts.length === 0 && s.actions.every(({ kind }) => kind !== "restart")) {
    yield { ...s, areaBytes: 0, areas: 0 };
  }
  if (s.fewIds) yield { ...s, fewIds: false };
  if (s.queue !== "none") yield { ...s, queue: "none" };
  if (s.ageMs > 0) yield { ...s, ageMs: 0 };
  if (s.cleanSession) yield { ...s, cleanSession: false };
};
