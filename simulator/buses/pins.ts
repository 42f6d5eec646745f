/** The digital pins of the chip: who drives which level, and the edges of those that are watched. */
import type { Clock, Edge, Level, PinPart, Wire } from "../types.ts";

/** Sums of fractions of a millisecond are not exact. */
const EPSILON_MS = 1e-6;

/** A change that a part has planned. */
interface Plan { ms: number; level: Level | undefined }

interface Pin {
  name: string;
  /** What the firmware asked for; "" is left to what it does with the pin. */
  mode: string;
  /** Made an output by being written, without a mode. */
  isWritten: boolean;
  out: Level;
  part: PinPart | undefined;
  key: string;
  level: Level | undefined;
  plans: Plan[];
  watched: boolean;
  data: string | undefined;
  /** The level that the last edge ended in. */
  seen: Level;
}

export interface Pins {
  /** Levels of pins that nobody drives, set from outside: 0 without. */
  outside: Map<string, number>;
  /** Puts a part on pins: its keys to the names of the pins. */
  attach(part: PinPart, keys: Record<string, string>): void;
  mode(pin: string, mode: string): void;
  /** @param tookMs what it takes the chip: the next write and what is read then come later by so much */
  write(pin: string, level: Level, tookMs?: number): void;
  pulse(pin: string, level: Level, timesMs: number[]): void;
  read(pin: string): Level;
  shift(out: string, input: string, bytes: Uint8Array, baud: number): Uint8Array;
  watch(pin: string, on: boolean, data?: string): void;
  takeEdges(): Edge[];
  capture(pin: string, forMs: number): Edge[];
}

/** @param onEdges there are, or will be at this moment, edges to take */
export function createPins(clock: Clock, warn: (message: string) => void, onEdges: () => void): Pins {
  const pins = new Map<string, Pin>();
  const outside = new Map<string, number>();
  let edges: Edge[] = [];
  /** Until when bits and writes have taken the time of the pins, which is ahead of the chip's then. */
  let aheadMs = -Infinity;
  let waking: { ms: number; handle: number } | undefined;

  const pinOf = (name: string): Pin => {
    let pin = pins.get(name);
    if (pin === undefined) {
      pins.set(name, pin = {
        name, mode: "", isWritten: false, out: 0, part: undefined, key: "", level: undefined, plans: [],
        watched: false, data: undefined, seen: 0,
      });
    }
    return pin;
  };
  /** What the chip puts on the line. */
  const driven = ({ mode, out, isWritten }: Pin): Level | undefined => {
    if (mode === "output" || (mode === "" && isWritten)) return out;
    return mode.startsWith("opendrain") && out === 0 ? 0 : undefined;
  };
  const levelOf = (pin: Pin): Level => {
    const chip = driven(pin);
    if (chip !== undefined && pin.level !== undefined && chip !== pin.level) return 0;
    const pull = pin.mode.endsWith("pullup") ? 1 : pin.mode.endsWith("pulldown") ? 0 : undefined;
    return chip ?? pin.level ?? pin.part?.pulls?.[pin.key] ?? pull ?? (outside.get(pin.name) ? 1 : 0);
  };
  const notice = (pin: Pin, ms: number): void => {
    const level = levelOf(pin);
    if (level === pin.seen) return;
    pin.seen = level;
    const data = pin.data === undefined ? 0 : levelOf(pinOf(pin.data));
    if (pin.watched) edges.push({ pin: pin.name, level, ms, data });
  };
  /** Lets happen what parts have planned until a time, in order, whatever the pin. */
  const settle = (untilMs: number): void => {
    for (;;) {
      let next: Pin | undefined;
      for (const pin of pins.values()) {
        const at = pin.plans[0]?.ms ?? Infinity;
        if (at <= untilMs + EPSILON_MS && at < (next?.plans[0]?.ms ?? Infinity)) next = pin;
      }
      if (next === undefined) break;
      const { ms, level } = next.plans.shift()!;
      next.level = level;
      notice(next, ms);
    }
    for (const pin of pins.values()) if (pin.watched) notice(pin, Math.min(untilMs, clock.now()));
  };
  /** Tells when the plans of a watched pin have come to their end for now: of the one that is the first. */
  const wake = (fromMs = -Infinity): void => {
    const ends = [...pins.values()].filter(({ watched }) => watched).flatMap(({ plans }) => plans.at(-1)?.ms ?? []);
    const ms = Math.min(...ends.filter((end) => end > fromMs), Infinity);
    if (ms === Infinity || waking?.ms === ms) return;
    if (waking !== undefined) clock.cancel(waking.handle);
    const handle = clock.after(ms - clock.now(), () => {
      waking = undefined;
      onEdges();
      // Whoever is late to take them is told of the others' ends nevertheless.
      wake(ms);
    });
    waking = { ms, handle };
  };
  const wireOf = (pin: Pin): Wire => ({
    drive(level, atMs = clock.now()) {
      const before = pin.plans.findLastIndex((plan) => plan.ms <= atMs);
      pin.plans.splice(before + 1, 0, { ms: atMs, level });
      if (atMs <= clock.now() && !pin.watched) settle(clock.now());
      if (pin.watched) wake();
    },
    forget(fromMs) {
      pin.plans = pin.plans.filter((plan) => plan.ms < fromMs);
    },
  });
  /** Changes what the chip does with a pin, and tells the part. */
  const change = (pin: Pin, fn: () => void, ms = clock.now()): void => {
    settle(ms);
    const before = driven(pin);
    fn();
    const after = driven(pin);
    notice(pin, ms);
    if (after !== before) pin.part?.driven?.(pin.key, after, ms);
    if (after !== undefined && pin.level !== undefined && after !== pin.level) {
      warn(`${pin.name}: the chip drives it ${after}, the part ${pin.level}: a short circuit`);
    }
  };
  const write = (pin: Pin, level: Level, ms?: number): void => change(pin, () => {
    pin.out = level;
    pin.isWritten = true;
  }, ms);
  return {
    outside,
    attach(part, keys) {
      for (const [key, name] of Object.entries(keys)) {
        const pin = pinOf(name);
        if (pin.part !== undefined && pin.part !== part) throw new Error(`two parts on the pin ${name}`);
        Object.assign(pin, { part, key });
      }
      part.attach(Object.fromEntries(Object.entries(keys).map(([key, name]) => [key, wireOf(pinOf(name))])));
    },
    mode(name, mode) {
      const pin = pinOf(name);
      change(pin, () => {
        pin.mode = mode === "auto" ? "" : mode;
        pin.isWritten = false;
      });
    },
    write(name, level, tookMs = 0) {
      const ms = tookMs > 0 ? Math.max(clock.now(), aheadMs) : clock.now();
      write(pinOf(name), level, ms);
      if (tookMs > 0) aheadMs = ms + tookMs;
    },
    pulse(name, level, timesMs) {
      const pin = pinOf(name);
      let ms = clock.now();
      let now = level;
      for (const time of timesMs) {
        write(pin, now, ms);
        ms += time;
        now = now === 1 ? 0 : 1;
      }
      write(pin, now, ms);
    },
    read(name) {
      settle(Math.max(clock.now(), aheadMs));
      const pin = pinOf(name);
      if (pin.mode === "" && pin.part !== undefined) change(pin, () => pin.isWritten = false);
      return levelOf(pin);
    },
    shift(out, input, bytes, baud) {
      const [clockPin, dataPin] = [pinOf(out), pinOf(input)];
      let ms = Math.max(clock.now(), aheadMs);
      return bytes.map((byte) => {
        let read = 0;
        for (let bit = 7; bit >= 0; bit--) {
          write(clockPin, (byte >> bit & 1) as Level, ms);
          settle(ms);
          read |= levelOf(dataPin) << bit;
          aheadMs = ms += 1000 / baud;
        }
        return read;
      });
    },
    watch(name, on, data) {
      const pin = pinOf(name);
      settle(clock.now());
      Object.assign(pin, { watched: on, data, seen: levelOf(pin) });
      if (on) wake();
    },
    capture(name, forMs) {
      const pin = pinOf(name);
      settle(clock.now());
      const before = edges;
      const { watched } = pin;
      edges = [];
      Object.assign(pin, { watched: true, seen: levelOf(pin) });
      settle(clock.now() + forMs);
      const found = edges.filter((edge) => edge.pin === name);
      edges = [...before, ...edges.filter((edge) => edge.pin !== name)];
      pin.watched = watched;
      return found;
    },
    takeEdges() {
      settle(clock.now());
      const taken = edges;
      edges = [];
      return taken;
    },
  };
}
