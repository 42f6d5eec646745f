/**
 * A meter that gives a pulse for each part of a unit: a reed contact or an open collector to ground,
 * which the chip's pull-up resistor (or with the option `pull` "none" one of the board) lets go up again.
 *
 * Options: `perUnit`, pulses in a unit; `ratePer`, the time that the signal `rate` is for ("min"); `rateUnit`.
 */
import type { Level, PartContext, PartDefinition, PinPart, Wire } from "../types.ts";

const PERIODS_MS: Record<string, number> = { s: 1000, min: 60_000, h: 3_600_000 };
/** The fastest that is simulated, and how long the line is low: half of the time, at most this. */
const FASTEST_PER_S = 50;
const LONGEST_LOW_MS = 50;

const perUnitOf = (options: Record<string, unknown>): number => (options.perUnit as number | undefined) ?? 1;
const periodOf = (options: Record<string, unknown>): number => PERIODS_MS[(options.ratePer as string | undefined) ?? "min"]!;

class Meter implements PinPart {
  readonly pulls: Record<string, Level>;
  private wire: Wire | undefined;
  /** Pulses a millisecond, since when, and how much of the next one had flowed then. */
  private perMs = 0;
  private sinceMs = 0;
  private share = 0;
  private timer: number | undefined;

  constructor(private readonly context: PartContext) {
    this.pulls = context.options.pull === "none" ? { pin: 1 } : {};
  }

  attach(wires: Record<string, Wire>): void {
    this.wire = wires["pin"]!;
    this.context.onSignal("rate", () => this.change());
    this.change();
  }

  private change(): void {
    const { clock, options } = this.context;
    const now = clock.now();
    this.share = Math.min(1, this.share + (now - this.sinceMs) * this.perMs);
    this.sinceMs = now;
    this.perMs = this.context.signal("rate") * perUnitOf(options) / periodOf(options);
    this.await();
  }

  private await(): void {
    const { clock } = this.context;
    if (this.timer !== undefined) clock.cancel(this.timer);
    const dueMs = this.sinceMs + (1 - this.share) / this.perMs;
    this.timer = this.perMs > 0 ? clock.after(dueMs - clock.now(), () => this.pulse(dueMs)) : undefined;
  }

  /** @param dueMs when it began: a clock of the host's calls late, and what is late once must not be late for ever */
  private pulse(dueMs: number): void {
    this.wire!.drive(0, dueMs);
    this.wire!.drive(undefined, dueMs + Math.min(LONGEST_LOW_MS, 0.5 / this.perMs));
    this.share = 0;
    this.sinceMs = dueMs;
    this.timer = undefined;
    this.await();
  }
}

export const part: PartDefinition = {
  title: "Meter with pulses",
  bus: "pins",
  signals(options) {
    const max = FASTEST_PER_S * periodOf(options) / 1000 / perUnitOf(options);
    return [{ name: "rate", unit: (options.rateUnit as string | undefined) ?? "", mean: max / 50, swing: 0, min: 0, max }];
  },
  faults: {},
  create: (context) => new Meter(context),
};
