/**
 * ROHM BH1750FVI: illuminance. I2C, 0x23 (ADDR low) or 0x5C (ADDR high).
 *
 * Datasheet 11046EDT01, technical note 2011.11 rev. D. Parts used: "Electrical characteristics" (measurement times,
 * counts a lux), "Measurement procedure", "Instruction set architecture", "Measurement mode explanation",
 * "Measurement sequence example", "Asynchronous reset", "Adjust measurement result for influence of optical window"
 * (MTreg). Where it is silent the comment says "assumed".
 */
import { hex } from "../buses/i2c.ts";
import type { I2cPart, PartContext, PartDefinition, SignalSpec } from "../types.ts";
import { Cycles } from "./common/cycles.ts";

// Instructions.
const POWER_DOWN = 0x00;
const POWER_ON = 0x01;
const RESET = 0x07;
const CONTINUOUS = 0x10; // with the mode's two bits
const ONE_TIME = 0x20;
const MT_HIGH = 0x40; // 01000 and bits 7 to 5
const MT_LOW = 0x60; // 011 and bits 4 to 0

interface Mode {
  /** Counts a lux at the default MTreg, and the step of the count. */
  countsPerLux: number;
  step: number;
  typicalMs: number;
  maximumMs: number;
}

/** By the two lowest bits of the instruction. Assumed: the 4 lx of the L mode are 4 counts (3.3 lx). */
const MODES: Record<number, Mode> = {
  0: { countsPerLux: 1.2, step: 1, typicalMs: 120, maximumMs: 180 },
  1: { countsPerLux: 2.4, step: 1, typicalMs: 120, maximumMs: 180 },
  3: { countsPerLux: 1.2, step: 4, typicalMs: 16, maximumMs: 24 },
};

const MT_DEFAULT = 69;
const MT_MIN = 31;
const MT_MAX = 254;

const SIGNALS: SignalSpec[] = [
  { name: "illuminance", unit: "lx", mean: 400, swing: 390, min: 0, max: 121_556 },
];

class Bh1750 implements I2cPart {
  private powered = false;
  private mt = MT_DEFAULT;
  /** "The initial state of the data register is 0 lx"; a power-down does not clear it. */
  private data = 0;
  private running: { cycles: Cycles; mode: Mode; continuous: boolean; mt: number; lux: number } | undefined;

  constructor(private readonly context: PartContext) {}

  write(bytes: Uint8Array): number {
    this.settle();
    if (bytes.length > 0) this.instruct(bytes[0]!);
    // "BH1750FVI is not able to accept plural command without stop condition."
    if (bytes.length > 1) this.context.warn(`${bytes.length - 1} bytes after the instruction ${hex(bytes[0]!)}: ignored`);
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    this.settle();
    const data = [this.data >> 8, this.data & 0xff];
    return Uint8Array.from({ length: count }, (_, i) => data[i] ?? 0xff);
  }

  private instruct(instruction: number): void {
    const mode = MODES[instruction & 3];
    const kind = instruction & 0xfc;
    if (instruction === POWER_DOWN) {
      this.powered = false;
      this.running = undefined;
    } else if (instruction === POWER_ON) this.powered = true;
    else if (instruction === RESET) {
      if (this.powered) this.data = 0;
      else this.context.warn("a reset in power-down: ignored");
    } else if ((kind === CONTINUOUS || kind === ONE_TIME) && mode !== undefined) {
      // A measurement from power-down powers the part on ("Measurement sequence example").
      this.powered = true;
      this.start(mode, kind === CONTINUOUS);
    } else if ((instruction & 0xf8) === MT_HIGH) this.mt = (this.mt & 0x1f) | ((instruction & 7) << 5);
    else if ((instruction & 0xe0) === MT_LOW) this.mt = (this.mt & 0xe0) | (instruction & 0x1f);
    else this.context.warn(`${hex(instruction)} is no instruction: ignored`);
  }

  /** MTreg is set in two halves, so that what it is in between does not matter before a measurement. */
  private start(mode: Mode, continuous: boolean): void {
    if (this.mt < MT_MIN || this.mt > MT_MAX) {
      this.context.warn(`a measurement with MTreg ${this.mt}, which is not within ${MT_MIN} to ${MT_MAX}`);
    }
    const ms = ((this.context.faults.has("slow") ? mode.maximumMs : mode.typicalMs) * this.mt) / MT_DEFAULT;
    const lux = this.context.signal("illuminance");
    this.running = { cycles: new Cycles(this.context.clock.now(), ms, ms), mode, continuous, mt: this.mt, lux };
  }

  private settle(): void {
    const { running } = this;
    if (running === undefined || running.cycles.ended(this.context.clock.now()) === 0) return;
    // Of the world between two accesses nothing is known: what it is now stands for the last continuous measurement.
    this.data = this.count(running, running.continuous ? this.context.signal("illuminance") : running.lux);
    // Assumed: a change counts for the data from the next measurement on, for the time from the next mode on.
    running.mt = this.mt;
    if (!running.continuous) {
      this.powered = false;
      this.running = undefined;
    }
  }

  /** Counts are 1.2 a lux with MTreg 69, more with a longer time; they stop at 16 bits. */
  private count({ mode: { countsPerLux, step }, mt }: { mode: Mode; mt: number }, lux: number): number {
    const counts = (lux * countsPerLux * mt) / MT_DEFAULT;
    return Math.min(0x10000 - step, Math.round(counts / step) * step);
  }
}

export const part: PartDefinition = {
  title: "ROHM BH1750FVI",
  bus: "i2c",
  signals: () => SIGNALS,
  faults: {
    slow: "takes the maximum measurement time instead of the typical one",
  },
  create: (context) => new Bh1750(context),
};
