/**
 * A converter that works while nobody looks: its state is found out at the next access. `Line` tells what the world was
 * when a conversion began.
 */
import type { PartContext } from "../../types.ts";

/** The signals of a part at moments since its last access: each is on a line from then to now. */
export class Line<Name extends string> {
  private lastMs: number;
  private last: Record<Name, number>;

  constructor(private readonly context: PartContext, private readonly names: readonly Name[]) {
    this.lastMs = context.clock.now();
    this.last = this.now();
  }

  now(): Record<Name, number> {
    return Object.fromEntries(this.names.map((name) => [name, this.context.signal(name)])) as Record<Name, number>;
  }

  /** The world at a moment between the last `touch` and now. */
  at(ms: number): Record<Name, number> {
    const nowMs = this.context.clock.now();
    const present = this.now();
    const share = nowMs > this.lastMs ? Math.min(1, Math.max(0, (ms - this.lastMs) / (nowMs - this.lastMs))) : 1;
    for (const name of this.names) present[name] = this.last[name] + (present[name] - this.last[name]) * share;
    return present;
  }

  /** To be called at the end of each access. */
  touch(): void {
    this.lastMs = this.context.clock.now();
    this.last = this.now();
  }
}

/** A conversion that has ended, the last one of `count` since the last question, and the world as it began. */
export interface Finished<Name extends string> {
  world: Record<Name, number>;
  startMs: number;
  endMs: number;
  count: number;
}

/**
 * One conversion, or one after another. Its owner asks `finished` at the begin of each access, and calls `touch` at the
 * end.
 */
export class Converter<Name extends string> {
  private running: { startMs: number; durationMs: number; repeats: boolean; world: Record<Name, number> } | undefined;
  private readonly line: Line<Name>;

  constructor(private readonly context: PartContext, names: readonly Name[]) {
    this.line = new Line(context, names);
  }

  /** Begins anew; what was under way is lost. `startMs` is now, or was since the last access. */
  start(durationMs: number, repeats: boolean, startMs = this.context.clock.now()): void {
    this.running = { startMs, durationMs, repeats, world: this.line.at(startMs) };
  }

  /** The conversion under way is the last one. */
  last(): void {
    if (this.running) this.running.repeats = false;
  }

  stop(): void {
    this.running = undefined;
  }

  /** True while it converts; ask `finished` first. */
  get busy(): boolean {
    return this.running !== undefined;
  }

  /** What has ended since the last question. */
  finished(): Finished<Name> | undefined {
    const { running } = this;
    if (running === undefined) return undefined;
    const { startMs, durationMs, repeats, world } = running;
    // A billionth of a conversion is what the sums of times are off.
    const count = Math.floor((this.context.clock.now() - startMs) / durationMs + 1e-9);
    if (count < 1) return undefined;
    if (!repeats) {
      this.running = undefined;
      return { world, startMs, endMs: startMs + durationMs, count: 1 };
    }
    running.startMs += count * durationMs;
    running.world = this.line.at(running.startMs);
    const lastMs = running.startMs - durationMs;
    return { world: count === 1 ? world : this.line.at(lastMs), startMs: lastMs, endMs: running.startMs, count };
  }

  touch(): void {
    this.line.touch();
  }
}

/** A factor between 1 - share and 1 + share: how far the oscillator of this very chip is off. */
export function oscillator(context: PartContext, share: number): number {
  return 1 + (context.rng.next() * 2 - 1) * share;
}
