/** What the virtual parts measure: signals by name ("air.temperature") as functions of simulated time. */
import { didYouMean, list } from "../tools/board/words.ts";
import type { SeededRng } from "./rng.ts";
import type { Clock, SignalSource, SignalSpec, World } from "./types.ts";

const DAY_MS = 86_400_000;

/**
 * The noise of a default signal: new every so often, a line in between, so that it depends on time and seed
 * alone.
 */
const NOISE_MS = 60_000;
/** The largest noise, as a share of the swing. */
const NOISE_SHARE = 0.02;

export interface SimulatedWorld extends World {
  /** The signals with units and limits, in the order of the board. */
  specs(): SignalSpec[];
  /** Gives a signal its default curve back. */
  reset(signal: string): void;
  /** What a signal follows. */
  source(signal: string): SignalSource;
}

/**
 * A world of the signals that `specs` lists. Until they are set they follow a daily curve: `mean` and rising
 * at simulated time 0, `mean + swing` 6 h later, `mean - swing` 18 h later. Values are clamped to the
 * signal's limits. An unknown name is an Error that lists the known ones.
 */
export function createWorld(clock: Clock, rng: SeededRng, specs: readonly SignalSpec[]): SimulatedWorld {
  const signals = new Map<string, { spec: SignalSpec; value: (ms: number) => number; source: SignalSource }>();
  for (const spec of specs) signals.set(spec.name, { spec, value: dailyCurve(spec, rng), source: "daily curve" });

  const listeners = new Map<string, ((moves: boolean) => void)[]>();
  const tell = (name: string, moves: boolean): void => listeners.get(name)?.forEach((fn) => fn(moves));
  const find = (name: string) => {
    const signal = signals.get(name);
    if (signal !== undefined) return signal;
    const known = [...signals.keys()];
    const help = known.length === 0 ? "this board measures nothing" : didYouMean(name, known);
    throw new Error(`there is no signal "${name}": ${help}${near(help) ? ` (signals: ${list(known)})` : ""}`);
  };
  return {
    names: () => [...signals.keys()],
    specs: () => [...signals.values()].map((signal) => signal.spec),
    read(name) {
      const { spec, value } = find(name);
      const read = value(clock.now());
      if (Number.isNaN(read)) throw new Error(`the signal "${name}" is not a number at ${clock.now()} ms`);
      return Math.min(spec.max, Math.max(spec.min, read));
    },
    set(name, value) {
      const signal = find(name);
      if (typeof value === "number" && Number.isNaN(value)) throw new Error(`"${name}" cannot be set to NaN`);
      signal.value = typeof value === "number" ? () => value : value;
      signal.source = typeof value === "number" ? "fixed" : "course";
      tell(name, typeof value !== "number");
    },
    onSet(name, fn) {
      find(name);
      listeners.set(name, [...listeners.get(name) ?? [], fn]);
    },
    source: (name) => find(name).source,
    reset(name) {
      const signal = find(name);
      signal.value = dailyCurve(signal.spec, rng);
      signal.source = "daily curve";
      tell(name, signal.spec.swing !== 0);
    },
  };
}

function near(help: string | undefined): boolean {
  return help?.startsWith("did you mean") ?? false;
}

function dailyCurve({ name, mean, swing }: SignalSpec, rng: SeededRng): (ms: number) => number {
  const knot = (index: number): number => rng.fork(`${name}/${index}`).next() * 2 - 1;
  // The two ends of the present line, kept: most reads fall between the same two.
  let at = -1;
  let from = 0;
  let to = 0;
  return (ms) => {
    const index = Math.floor(ms / NOISE_MS);
    if (index !== at) {
      [at, from, to] = [index, knot(index), knot(index + 1)];
    }
    const noise = from + (to - from) * (ms / NOISE_MS - index);
    return mean + swing * (Math.sin((2 * Math.PI * ms) / DAY_MS) + NOISE_SHARE * noise);
  };
}

const UNITS_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS };

const FORMS = "a number, step(20,30,60s), ramp(20,30,10m), sine(20,5,1h), or default";

/**
 * Sets a signal as the command line writes it: `air.temperature=21.5`, `=step(20,30,60s)` (20, from 60 s on
 * 30), `=ramp(20,30,10m)` (a line that takes 10 min), `=sine(20,5,1h)` (mean, swing, period), `=default` (the
 * daily curve). Times count from the present. Text that is none of these is an Error that says so.
 */
export function setSignal(world: SimulatedWorld, clock: Clock, text: string): void {
  const equals = text.indexOf("=");
  if (equals < 1) throw new Error(`"${text}" sets no signal: write name=value, such as air.temperature=21.5`);
  const name = text.slice(0, equals).trim();
  const value = text.slice(equals + 1).trim();
  const parsed = parseSignal(name, value, clock.now());
  if (parsed === undefined) world.reset(name);
  else world.set(name, parsed);
}

/** The value as such, or as a function of simulated ms; undefined for the daily curve. */
export function parseSignal(
  name: string, text: string, startMs: number,
): number | ((ms: number) => number) | undefined {
  if (text === "default") return undefined;
  if (text !== "" && Number.isFinite(Number(text))) return Number(text);
  const call = /^(step|ramp|sine)\(([^,]+),([^,]+),\s*(\d+(?:\.\d+)?)(ms|s|m|h|d)\s*\)$/.exec(text);
  const [a, b] = [Number(call?.[2]), Number(call?.[3])];
  const periodMs = Number(call?.[4]) * (UNITS_MS[call?.[5] ?? ""] ?? NaN);
  if (call === null || !Number.isFinite(a) || !Number.isFinite(b) || !(periodMs > 0)) {
    throw new Error(`"${text}" is no value for "${name}": write ${FORMS}`);
  }
  if (call[1] === "step") return (ms) => (ms - startMs < periodMs ? a : b);
  if (call[1] === "ramp") return (ms) => a + (b - a) * Math.min(1, (ms - startMs) / periodMs);
  return (ms) => a + b * Math.sin((2 * Math.PI * (ms - startMs)) / periodMs);
}
