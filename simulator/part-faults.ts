/**
 * Faults that a part can have whatever it is: they lie between the part and what it lives on (its bus, its power, its
 * oscillator, the quantity that it measures), so that no part knows of them. A part that has a fault of the same name
 * in its own list minds it itself.
 */
import type { SeededRng } from "./rng.ts";
import type { Clock, I2cPart, PartDefinition, SignalSpec } from "./types.ts";

const DRIFT = "what it measures wanders off: by 1 % of its range a minute";

/** By the kind of bus, names and one-line descriptions. */
export const COMMON_FAULTS: Record<PartDefinition["bus"], Record<string, string>> = {
  i2c: {
    absent: "is not there: nothing is acknowledged",
    nack: "leaves about a third of the messages unacknowledged",
    stuck: "its oscillator stands still: what it is doing never ends, what it holds stays old",
    reset: "loses its power 1 ms after each message that no other follows: in the middle of each measurement",
    corrupt: "one bit of each answer is wrong",
    drift: DRIFT,
  },
  onewire: { drift: DRIFT },
  adc: { drift: DRIFT },
  uart: {
    absent: "is not there: it sends nothing",
    stuck: "its oscillator stands still: it does nothing more",
    reset: "loses its power in the middle of each message that it sends",
    corrupt: "one bit of each message that it sends is wrong",
    noise: "stray bytes come between those that it sends",
    low: "its line is held low: nothing of what it sends is to be read",
    drift: DRIFT,
  },
  pins: {
    absent: "is not there: it drives nothing",
    stuck: "its oscillator stands still: it does nothing more",
    noise: "about a tenth of the edges that it makes have a spike behind them",
    low: "its lines are held low",
    drift: DRIFT,
  },
  self: { drift: DRIFT },
};

/** Faults of a bus itself. */
export const BUS_FAULTS: Record<string, Record<string, string>> = {
  i2c: { low: "a line is held low: no message gets through" },
};

/** Share of messages that `nack` leaves unacknowledged. */
const NACK_SHARE = 0.3;
/** `reset`: how long after a message. No conversion that a node waits for is shorter. */
const BROWN_OUT_MS = 1;
/** `drift`, a millisecond, as a share of the range of the signal. */
const DRIFT_SHARE = 0.01 / 60_000;

export class PartFaults {
  /** Those that are switched on now. */
  readonly on = new Set<string>();
  /** Those that there are: the part's own and the common ones of its bus. */
  readonly possible: Record<string, string>;
  private readonly sinceMs = new Map<string, number>();
  /** Timers of the part that runs now; those that fell due while it was stuck. */
  private readonly timers = new Set<number>();
  private readonly held = new Map<number, () => void>();
  private readonly listeners: ((fault: string, on: boolean) => void)[] = [];
  private brownOut: number | undefined;
  /** During a message: its moment. A clock that runs by itself moves on while the part works it out. */
  private momentMs: number | undefined;

  constructor(
    private readonly definition: PartDefinition, readonly clock: Clock, readonly rng: SeededRng,
  ) {
    this.possible = { ...COMMON_FAULTS[definition.bus], ...definition.faults };
  }

  switch(fault: string, on: boolean): void {
    if (on === this.on.has(fault)) return;
    if (on) {
      this.on.add(fault);
      this.sinceMs.set(fault, this.clock.now());
      this.tell(fault);
      return;
    }
    this.on.delete(fault);
    if (fault === "reset") this.clock.cancel(this.brownOut ?? 0);
    if (fault === "stuck") {
      const due = [...this.held.values()];
      this.held.clear();
      for (const fn of due) fn();
    }
    this.tell(fault);
  }

  /** Has `fn` called when one is switched. */
  onSwitch(fn: (fault: string, on: boolean) => void): void {
    this.listeners.push(fn);
  }

  private tell(fault: string): void {
    for (const fn of this.listeners) fn(fault, this.on.has(fault));
  }

  /** All that the part was about to do is over. */
  cutPower(): void {
    for (const handle of this.timers) this.clock.cancel(handle);
    this.timers.clear();
    this.held.clear();
  }

  /** The clock that the part lives by. */
  partClock(): Clock {
    return {
      now: () => this.has("stuck") ? this.sinceMs.get("stuck")! : this.momentMs ?? this.clock.now(),
      after: (ms, fn) => {
        const handle = this.clock.after(ms, () => {
          this.timers.delete(handle);
          if (this.has("stuck")) this.held.set(handle, fn);
          else fn();
        });
        this.timers.add(handle);
        return handle;
      },
      cancel: (handle) => {
        this.clock.cancel(handle);
        this.timers.delete(handle);
        this.held.delete(handle);
      },
    };
  }

  /** What the part finds where the world has `value`. */
  drifted(spec: SignalSpec, value: number): number {
    if (!this.has("drift")) return value;
    const off = (spec.max - spec.min) * DRIFT_SHARE * (this.clock.now() - this.sinceMs.get("drift")!);
    return Math.min(spec.max, value + off);
  }

  /** A part on its bus. @param create makes the part as it is when power comes at this time */
  i2cPart(create: (poweredMs: number) => I2cPart): I2cPart {
    // It has had its power for long when the firmware starts.
    let part = create(-Infinity);
    const powerCycle = (): void => {
      this.cutPower();
      part = create(this.clock.now());
    };
    const answers = (): boolean =>
      !this.has("absent") && !(this.has("nack") && this.rng.next() < NACK_SHARE);
    const after = (): void => {
      if (!this.has("reset")) return;
      this.clock.cancel(this.brownOut ?? 0);
      this.brownOut = this.clock.after(BROWN_OUT_MS, powerCycle);
    };
    const inOneMoment = <T>(message: () => T): T => {
      this.momentMs = this.clock.now();
      const result = message();
      this.momentMs = undefined;
      return result;
    };
    return {
      write: (bytes) => {
        if (!answers()) return -1;
        const count = inOneMoment(() => part.write(bytes));
        after();
        return count;
      },
      read: (count) => {
        if (!answers()) return undefined;
        const bytes = inOneMoment(() => part.read(count));
        after();
        return bytes && this.has("corrupt") && count > 0 ? this.corrupted(bytes) : bytes;
      },
    };
  }

  /** Whether it is on, and not the part's own. */
  has(fault: string): boolean {
    return this.on.has(fault) && !Object.hasOwn(this.definition.faults, fault);
  }

  /** With one bit turned over. */
  corrupted(bytes: Uint8Array): Uint8Array {
    const wrong = Uint8Array.from(bytes);
    const at = this.rng.below(wrong.length * 8);
    wrong[at >> 3]! ^= 1 << (at & 7);
    return wrong;
  }
}
