/** What a part senses of the world: now, or at a moment since its last access. */
import type { PartContext, SignalSpec } from "../../types.ts";

/** The fault `drift`: so much of a signal's range is added an hour. */
const DRIFT_SHARE = 0.01;
const HOUR_MS = 3_600_000;

/**
 * The signals of a part. A part that converts by itself is asked about its conversions only when it is accessed: what
 * the world was when one of them began is on a line between the last access and now. So whoever uses `at` ends each
 * access with `touch`.
 */
export class Sensed<Name extends string> {
  private lastMs: number;
  private last: Record<Name, number>;
  private driftingFromMs: number | undefined;

  constructor(private readonly context: PartContext, private readonly specs: (SignalSpec & { name: Name })[]) {
    this.lastMs = context.clock.now();
    this.last = this.now();
  }

  /** The world now. */
  now(): Record<Name, number> {
    const drifted = this.driftedHours() * DRIFT_SHARE;
    const values = this.specs.map(({ name, min, max }) => {
      const value = this.context.signal(name) + drifted * (max - min);
      return [name, Math.min(max, Math.max(min, value))] as const;
    });
    return Object.fromEntries(values) as Record<Name, number>;
  }

  /** The world at a moment between the last `touch` and now. */
  at(ms: number): Record<Name, number> {
    const nowMs = this.context.clock.now();
    const now = this.now();
    const share = nowMs > this.lastMs ? Math.min(1, Math.max(0, (ms - this.lastMs) / (nowMs - this.lastMs))) : 1;
    for (const { name } of this.specs) now[name] = this.last[name] + (now[name] - this.last[name]) * share;
    return now;
  }

  /** Ends an access. */
  touch(): void {
    this.lastMs = this.context.clock.now();
    this.last = this.now();
  }

  private driftedHours(): number {
    if (!this.context.faults.has("drift")) {
      this.driftingFromMs = undefined;
      return 0;
    }
    const nowMs = this.context.clock.now();
    this.driftingFromMs ??= nowMs;
    return (nowMs - this.driftingFromMs) / HOUR_MS;
  }
}
