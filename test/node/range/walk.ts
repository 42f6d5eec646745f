/** Leads the sensors of a node through their ranges, each at its own pace, and says what was published wrong. */
import type { Field } from "../../../lib/drivers/types.ts";
import type { Simulation } from "../../../simulator/simulator.ts";
import { withNode } from "../board.ts";
import { buildFor, optionsFor, type EngineChoice } from "./engines.ts";
import type { Placed, Plan } from "./pack.ts";
import type { Step } from "./row.ts";

/** How often messages are looked at, and the world moved on; far below an interval. */
const LOOK_MS = 250;
/** A step takes an interval, its lag and the retries of a failed read. */
const STEP_LIMIT_MS = 4000;

/** Fields of a message, or undefined when it is something else. */
export type Fields = Record<string, number | string>;

/** A published value as the driver has it: of a word its place. */
const numberOf = ({ words, binary }: Field, got: number | string): number =>
  typeof got === "number" ? got : (binary === true ? ["OFF", "ON"] : words ?? []).indexOf(got);

/** What is wrong with a published reading, "" if nothing. @param part a reading that lacks fields is right, too */
export const wrongIn = (placed: Placed, step: Step, got: Fields, part = false): string => {
  const wanted = { ...step.world, ...step.published };
  const fields = placed.meta.fields(placed.range.sensor ?? {});
  const all = fields.map(({ name }) => name);
  const there = fields.filter(({ name }) => got[name] !== undefined);
  if (there.length < all.length && !part) {
    return `published ${there.map(({ name }) => name).join(", ")} alone, of ${all.join(", ")}`;
  }
  const parts = there.map((field) => {
    const { name } = field;
    const value = wanted[name];
    const tolerance = placed.range.tolerance[name];
    if (value === undefined || tolerance === undefined) return `${name}: the row does not say what it should be, or how close`;
    const most = typeof tolerance === "function" ? tolerance(value) : tolerance;
    const off = Math.abs(numberOf(field, got[name]!) - value);
    // The difference itself is rounded.
    return off <= most + 1e-9 ? "" : `${name}: published ${got[name]!}, wanted ${value} within ${most}`;
  });
  return parts.filter((text) => text !== "").join("; ");
};

/** Whether a reading is right for a world. */
export const isRight = (placed: Placed, step: Step, got: Fields): boolean => wrongIn(placed, step, got) === "";

/** Sets the signals of a sensor. */
export const setWorld = (node: Simulation, id: string, world: Record<string, number>): void => {
  for (const [signal, value] of Object.entries(world)) node.world.set(`${id}.${signal}`, value);
};

/** Where a sensor is on its way. */
class Walker {
  at = -1;
  private skip = 0;
  /** Looks so far, and the one at which the world was moved on. */
  private looks = 0;
  private changedAt = -1;
  private changedMs = 0;
  readonly problems: string[] = [];

  /** @param realTime the node goes on while the test is not looking: a reading may have been under way at a change */
  constructor(readonly placed: Placed, private readonly node: Simulation, private readonly realTime: boolean) {
    this.next();
  }

  get done(): boolean {
    return this.at >= this.placed.range.steps.length;
  }

  look(): void {
    this.looks++;
  }

  reading(payload: string, atMs: number): void {
    if (this.done || this.isOld()) return;
    const got = JSON.parse(payload) as Fields;
    const { withinMs } = this.placed;
    const isEarly = withinMs !== undefined && atMs < this.changedMs + withinMs;
    if (isEarly && wrongIn(this.placed, this.step, got) !== "") return;
    // The first world is read when the node begins, and not told of.
    if (withinMs !== undefined && !isEarly && this.at > 0) {
      this.problem(`published ${atMs - this.changedMs} ms after the change: by its interval, not when it changed`);
    }
    if (this.skip > 0) {
      this.skip--;
    } else if (this.step.error !== undefined) {
      this.problem(`published ${payload} where "${this.step.error}" is due`);
      this.next();
    } else {
      const wrong = wrongIn(this.placed, this.step, got);
      if (wrong !== "") this.problem(wrong);
      this.next();
    }
  }

  reason(text: string): void {
    if (this.done || text === "ok" || this.isOld() || this.warmsUp(text)) return;
    if (this.step.error === text) this.next();
    // In real time a busy machine may answer too late; the retry reads again.
    else if (!this.realTime) this.problem(`reported "${text}"`);
  }

  late(): void {
    this.problem(this.step.error === undefined ? "published nothing" : `did not report "${this.step.error}"`);
  }

  /** A part that has just got its power may say that it is not warm yet. */
  private warmsUp(reason: string): boolean {
    return this.at === 0 && this.placed.warmUpMs > 0 && reason === "warmup";
  }

  private get step(): Step {
    return this.placed.range.steps[this.at]!;
  }

  private problem(text: string): void {
    this.problems.push(`${JSON.stringify(this.step.world)}: ${text}`);
  }

  /** What came before the world was moved on, but is looked at only now. */
  private isOld(): boolean {
    return this.realTime && this.changedAt === this.looks;
  }

  private next(): void {
    this.at++;
    this.changedAt = this.looks;
    this.changedMs = this.node.now();
    const isTold = this.placed.withinMs !== undefined;
    this.skip = (this.placed.range.lag ?? 0) + (this.realTime && !isTold ? 1 : 0);
    if (!this.done) setWorld(this.node, this.placed.id, this.step.world);
  }
}

/** By id of the sensor, what is wrong; warnings of the parts (accesses that no datasheet allows) included. */
export const walk = async (engine: EngineChoice, plan: Plan): Promise<Map<string, string[]>> => {
  const built = await buildFor(engine, plan);
  const result = new Map<string, string[]>();
  await withNode(built, optionsFor(engine, plan), async (node) => {
    const realTime = engine.options.virtual === false;
    const walkers = new Map(plan.sensors.map((placed) => [placed.id, new Walker(placed, node, realTime)]));
    const longest = Math.max(...plan.sensors.map(({ intervalMs, range, warmUpMs }) => warmUpMs
      + (range.steps.length * ((range.lag ?? 0) + (realTime ? 8 : 1)) + 1) * (intervalMs + STEP_LIMIT_MS)));
    let seen = 0;
    while (node.now() < longest && [...walkers.values()].some(({ done }) => !done)) {
      await node.run(LOOK_MS);
      for (const walker of walkers.values()) walker.look();
      for (const event of node.events.slice(seen)) {
        seen++;
        if (event.type === "message") walkers.get(event.topic.split("/")[1]!)?.reading(event.payload, event.t);
        if (event.type === "console") {
          const [id, reason] = event.line.split(": ");
          walkers.get(id!)?.reason(reason ?? "");
        }
      }
    }
    for (const [id, walker] of walkers) {
      if (!walker.done) walker.late();
      const warnings = node.events.flatMap((event) =>
        event.type === "warning" && event.message.startsWith(`${id} (`) ? [event.message] : []);
      result.set(id, [...walker.problems, ...new Set(warnings)]);
    }
  });
  return result;
};
