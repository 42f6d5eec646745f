/**
 * Avia HX711 with a load cell, by its data sheet: "Output data rate and format" (24 bits, two's complement, the ends
 * when beyond), "Serial interface", table 3 (25, 26, 27 pulses: input and gain of the next conversion), figures 2 and 3
 * (a clock that is high for 60 us switches it off; when it falls the part begins anew, with input A, a gain of 128),
 * "Key electrical characteristics" (10 values a second, 400 ms to settle after power-on and after a change).
 *
 * Options: `zero` and `perUnit` are of the cell that is connected, measured with the option `gain`; 32 is input B, and
 * nothing is connected to the other input. The signal has the name of the option `field`.
 */
import type { Level, PartContext, PartDefinition, PinPart, Wire } from "../types.ts";

/** Table 3. */
const GAINS: Record<number, number> = { 25: 128, 26: 32, 27: 64 };
const BITS = 24;
const LOWEST = -(2 ** 23);
const HIGHEST = 2 ** 23 - 1;
const PERIOD_MS = 100;
const SETTLING_MS = 400;
const POWER_DOWN_MS = 0.06;

interface Cell { gain: number; zero: number; perUnit: number; field: string; unit: string }

function cellOf(options: Record<string, unknown>): Cell {
  return {
    gain: (options.gain as number | undefined) ?? 128, zero: (options.zero as number | undefined) ?? 0,
    perUnit: (options.perUnit as number | undefined) ?? 1, field: (options.field as string | undefined) ?? "weight",
    unit: (options.unit as string | undefined) ?? "g",
  };
}

class Hx711 implements PinPart {
  private data: Wire | undefined;
  private gain = 128;
  /** That of the value that is being read, and its pulses. */
  private used = 128;
  private pulses = 0;
  private raw = 0;
  private highSinceMs = Infinity;
  private timer: number | undefined;

  constructor(private readonly context: PartContext, private readonly cell: Cell) {}

  attach(wires: Record<string, Wire>): void {
    this.data = wires["data"]!;
    this.convert(SETTLING_MS, this.context.clock.now());
  }

  driven(pin: string, level: Level | undefined, ms: number): void {
    if (pin !== "clock") return;
    if (level === 1) {
      this.highSinceMs = ms;
      this.pulse(ms);
      return;
    }
    const highMs = ms - this.highSinceMs;
    this.highSinceMs = Infinity;
    if (highMs < POWER_DOWN_MS) return;
    if (highMs < Infinity) this.context.warn(`its clock was high for ${(highMs * 1000).toFixed(0)} us: it is reset`);
    this.gain = 128;
    this.convert(SETTLING_MS, ms);
  }

  /** Begins a conversion: the line is high until it is over. */
  private convert(durationMs: number, ms: number): void {
    const { clock } = this.context;
    this.data!.drive(1, ms);
    if (this.timer !== undefined) clock.cancel(this.timer);
    this.timer = clock.after(ms - clock.now() + durationMs, () => {
      this.pulses = 0;
      if (this.context.faults.has("reset")) this.convert(SETTLING_MS, clock.now());
      else this.data!.drive(0);
    });
  }

  private pulse(ms: number): void {
    this.pulses++;
    // The value is that of the last conversion, of which there is one every 100 ms.
    if (this.pulses === 1) {
      this.raw = this.measure();
      this.used = this.gain;
    }
    if (this.pulses <= BITS) {
      this.data!.drive((this.raw >> (BITS - this.pulses) & 1) as Level, ms);
    } else if (this.pulses in GAINS) {
      this.gain = GAINS[this.pulses]!;
      this.convert(this.gain !== this.used ? SETTLING_MS : PERIOD_MS, ms);
    } else {
      this.context.warn(`${this.pulses} pulses for one value: 25 to 27 are right`);
    }
  }

  private measure(): number {
    const { gain, zero, perUnit, field } = this.cell;
    const isConnected = (this.gain === 32) === (gain === 32);
    const atGain = isConnected ? (zero + this.context.signal(field) * perUnit) * this.gain / gain : 0;
    return Math.min(HIGHEST, Math.max(LOWEST, Math.round(atGain)));
  }
}

export const part: PartDefinition = {
  title: "Avia HX711 with a load cell",
  bus: "pins",
  signals(options) {
    const { field, unit, zero, perUnit } = cellOf(options);
    const [a, b] = [(LOWEST - zero) / perUnit, (HIGHEST - zero) / perUnit];
    const [min, max] = [Math.min(a, b), Math.max(a, b)];
    return [{ name: field, unit, mean: max / 10, swing: max / 20, min, max }];
  },
  faults: { reset: "loses its power at the end of each conversion" },
  create: (context) => new Hx711(context, cellOf(context.options)),
};
