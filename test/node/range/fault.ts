/** Switches the faults of parts on and off, one after another, and says what a node made of them that it should not. */
import type { Simulation } from "../../../simulator/simulator.ts";
import { diagnostics, withNode } from "../board.ts";
import { buildFor, optionsFor, type EngineChoice } from "./engines.ts";
import type { Placed, Plan } from "./pack.ts";
import { COMMON_OUTCOMES, type Outcome, type Step } from "./row.ts";
import { isRight, setWorld, wrongIn, type Fields } from "./walk.ts";

/** How long a fault lasts: some intervals with all their retries, and long enough for a drift to be seen. */
const FAULT_MS = 2 * 60_000;
/** The same on the real interpreter, where time costs time, of what shows at once. */
const SHORT_FAULT_MS = 30_000;
/** Within so many intervals a sensor publishes the world again, when its fault has ended. */
const RECOVERY_INTERVALS = 3;
/** What a node takes to publish what was measured. */
const SLACK_MS = 100;
/** The same on the real interpreter: the host may do something else for a quarter of a second. */
const REAL_SLACK_MS = 5000;
/** So many times longer it is waited there for what ends the waiting when it comes. */
const PATIENCE = 6;
/** A change is in the diagnostics after this time. */
const DIAGNOSED_MS = 3000;

/** What a row says of a fault. */
export const outcomeOf = ({ row }: Placed, fault: string): Outcome | undefined =>
  row.faults[fault] ?? COMMON_OUTCOMES[fault];

/** The steps without an error: the one in the middle, and one that is far from it. */
const stepsOf = ({ range }: Placed): { usual: Step; other: Step } => {
  const steps = range.steps.filter(({ error }) => error === undefined);
  return { usual: steps[steps.length >> 1]!, other: steps[0]! };
};

interface Patient {
  placed: Placed;
  outcome: Outcome;
  /** The world since the fault began. */
  step: Step;
  before: Step;
  /** Failed reads that were counted before it. */
  failures: number;
}

interface Seen {
  readings: Map<string, Fields[]>;
  reasons: Map<string, Set<string>>;
}

/** What each sensor published and reported since an event; readings before `fromMs` of a sensor are left out. */
const since = (node: Simulation, mark: number, fromMs: (id: string) => number = () => 0): Seen => {
  const seen: Seen = { readings: new Map(), reasons: new Map() };
  for (const event of node.events.slice(mark)) {
    if (event.type === "message") {
      const id = event.topic.split("/")[1]!;
      if (event.t < fromMs(id)) continue;
      seen.readings.set(id, [...seen.readings.get(id) ?? [], JSON.parse(event.payload) as Fields]);
    } else if (event.type === "console") {
      const [id, reason] = event.line.split(": ");
      if (reason !== "ok") seen.reasons.set(id!, new Set(seen.reasons.get(id!)).add(reason!));
    }
  }
  return seen;
};

/** The last reading of each sensor since an event. */
const lastSince = (node: Simulation, mark: number): Map<string, Fields> => {
  const last = new Map<string, Fields>();
  for (let at = node.events.length - 1; at >= mark; at--) {
    const event = node.events[at]!;
    if (event.type !== "message") continue;
    const id = event.topic.split("/")[1]!;
    if (!last.has(id)) last.set(id, JSON.parse(event.payload) as Fields);
  }
  return last;
};

const counted = (node: Simulation, id: string): { count: number; reason: string } =>
  (diagnostics(node).errors[id] ?? { count: 0, reason: "" }) as { count: number; reason: string };

/** What is wrong with what was published meanwhile. */
const wrongReadings = ({ placed, outcome, step, before }: Patient, readings: Fields[]): string[] => {
  const wrong = (at: Step): string[] =>
    readings.map((got) => wrongIn(placed, at, got, true)).filter((text) => text !== "");
  if (outcome.publishes === "nothing") return readings.map((got) => `published ${JSON.stringify(got)}`);
  if (outcome.publishes === "true") return wrong(step);
  if (outcome.publishes === "anything") return [];
  if (outcome.publishes === "old") return readings.length > 0 ? wrong(before) : ["published nothing"];
  const left = readings.findIndex((got) => !isRight(placed, step, got));
  if (left < 0) return [`never drifted: ${JSON.stringify(readings.at(-1))}`];
  return readings.slice(left).some((got) => isRight(placed, step, got)) ? ["drifted away and back"] : [];
};

/**
 * What a loss of power between any two messages may be noticed by. On a virtual clock the messages of a step are one
 * moment, on the real interpreter they are some ms apart, as on a chip.
 */
const POWER_LOST = ["reset", "id", "range", "nack", "timeout"];

/** @param besides reasons that are all right, too */
const judge = (patient: Patient, node: Simulation, seen: Seen, besides: string[]): string[] => {
  const { placed: { id }, outcome, failures } = patient;
  const problems = wrongReadings(patient, seen.readings.get(id) ?? []).slice(0, 3);
  const reasons = [...seen.reasons.get(id) ?? []];
  const stranger = reasons.find((reason) => !outcome.reasons.includes(reason) && !besides.includes(reason));
  if (stranger !== undefined) problems.push(`reported "${stranger}", the row knows ${outcome.reasons.join(", ") || "none"}`);
  // What cannot be relied on to be noticed may still be noticed.
  if (outcome.reasons.length > 0 && outcome.publishes !== "anything" && outcome.byChance !== true) {
    if (reasons.length === 0) problems.push(`did not report ${outcome.reasons.join(" or ")}`);
    if (counted(node, id).count <= failures) problems.push(`counted no failure: ${counted(node, id).count}`);
  }
  return problems;
};

/** Waits until each sensor publishes its world and has said so in the diagnostics. */
const healthy = async (node: Simulation, steps: Map<Placed, Step>, realTime: boolean): Promise<Map<string, string>> => {
  const mark = node.events.length;
  const late = new Map<string, string>();
  const limit = node.now() + (realTime ? PATIENCE : 1) * (DIAGNOSED_MS + Math.max(...[...steps.keys()]
    .map(({ intervalMs, range, warmUpMs }) => intervalMs * (RECOVERY_INTERVALS + (range.lag ?? 0)) + warmUpMs)));
  const areWell = (): boolean => {
    const readings = lastSince(node, mark);
    return [...steps].every(([placed, step]) => {
      const last = readings.get(placed.id);
      return last !== undefined && isRight(placed, step, last)
        && !(realTime && counted(node, placed.id).reason !== "");
    });
  };
  while (node.now() < limit && !areWell()) await node.run(500);
  if (!realTime) await node.run(DIAGNOSED_MS);
  const readings = lastSince(node, mark);
  for (const placed of steps.keys()) {
    const last = readings.get(placed.id);
    const wrong = last === undefined ? "published nothing" : wrongIn(placed, steps.get(placed)!, last);
    if (wrong !== "") late.set(placed.id, wrong);
    else if (counted(node, placed.id).reason !== "") late.set(placed.id, "the diagnostics still have a reason");
  }
  return late;
};

/** Of each fault, by id of the sensor, what is wrong. A bus is named by its name. */
export type Findings = Map<string, Map<string, string[]>>;

const tryFault = async (
  node: Simulation, fault: string, patients: Patient[], found: Map<string, string[]>, switchAll: (on: boolean) => void,
  realTime: boolean,
): Promise<void> => {
  const note = (id: string, problem: string): unknown => found.set(id, [...found.get(id) ?? [], problem]);
  const before = new Map(patients.map(({ placed, before: step }) => [placed, step]));
  for (const { placed, before: step } of patients) setWorld(node, placed.id, step.world);
  for (const [id, wrong] of await healthy(node, before, realTime)) note(id, `was not well before: ${wrong}`);

  const isOld = ({ outcome }: Patient): boolean => outcome.publishes === "old";
  const change = ({ placed, step }: Patient): void => setWorld(node, placed.id, step.world);
  for (const patient of patients) {
    patient.failures = counted(node, patient.placed.id).count;
    if (!isOld(patient)) change(patient);
  }
  const mark = node.events.length;
  const switchedMs = node.now();
  switchAll(true);
  // A part that measures by itself works out what it has measured when it is asked.
  await node.run(Math.max(0, ...patients.filter(isOld).map(({ placed }) => placed.intervalMs)));
  patients.filter(isOld).forEach(change);
  const slackMs = realTime ? REAL_SLACK_MS : SLACK_MS;
  // A measurement that was over before the fault began is true.
  const conversions = new Map(patients.map(({ placed: { id, meta, range } }) =>
    [id, meta.conversionMs(range.sensor ?? {}) + slackMs]));
  const judged = (): [string, string[]][] => {
    const seen = since(node, mark, (id) => switchedMs + (conversions.get(id) ?? 0));
    const besides = realTime && fault === "reset" ? POWER_LOST : [];
    return patients.map((patient) => [patient.placed.id, judge(patient, node, seen, besides)]);
  };
  await node.run(realTime ? SHORT_FAULT_MS : FAULT_MS + DIAGNOSED_MS);
  const limit = node.now() + (realTime ? FAULT_MS : 0);
  while (node.now() < limit && judged().some(([, problems]) => problems.length > 0)) await node.run(1000);
  for (const [id, problems] of judged()) for (const problem of problems) note(id, problem);
  switchAll(false);
  const after = new Map(patients.map(({ placed, step }) => [placed, step]));
  for (const [id, wrong] of await healthy(node, after, realTime)) note(id, `did not recover: ${wrong}`);
};

/** Tries the faults on all sensors of a node that can have them. */
export const tryFaults = async (engine: EngineChoice, plan: Plan, faults: string[]): Promise<Findings> => {
  const findings: Findings = new Map();
  await withNode(await buildFor(engine, plan), optionsFor(engine, plan), async (node) => {
    await node.until("diagnostics", () => node.messages.some(({ topic }) => topic.endsWith("/diagnostics")), 60_000);
    for (const fault of faults) {
      const isOfPart = (id: string): boolean => node.machine.parts.get(id)!.possibleFaults[fault] !== undefined;
      const able = plan.sensors.filter(({ id, bus }) => isOfPart(id) || (fault === "low" && bus !== undefined));
      const patients = able.flatMap((placed) => {
        const outcome = outcomeOf(placed, fault);
        const { usual, other } = stepsOf(placed);
        const step = outcome?.publishes === "old" ? other : usual;
        return outcome ? [{ placed, outcome, step, before: usual, failures: 0 }] : [];
      });
      if (patients.length === 0) continue;
      const switched = [...new Set(able.map(({ id, bus }) => isOfPart(id) ? id : bus!))];
      const found = new Map<string, string[]>();
      findings.set(fault, found);
      const switchAll = (on: boolean): void => switched.forEach((id) => node.machine.setFault(id, fault, on));
      await tryFault(node, fault, patients, found, switchAll, engine.options.virtual === false);
    }
  });
  return findings;
};
