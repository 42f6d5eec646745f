/**
 * ams (TAOS) TSL2561: illuminance, from a diode for all light and one for infrared. I2C, 0x39, 0x29 or 0x49 by the pin
 * ADDR SEL. The option `package` is "t" (T, FN and CL: the default) or "cs".
 *
 * Datasheet TSL2560, TSL2561 v1-00 (2016-May-05; TAOS059N has the same). Parts used: "Electrical characteristics"
 * notes 5 to 7 (integration times, full scale, gain), "Register set" (command, control, timing, interrupt, ID, data),
 * "Calculating Lux" (the empirical formulas, which are turned back here). Where it is silent the comment says
 * "assumed".
 */
import { hex } from "../buses/i2c.ts";
import type { I2cPart, PartContext, PartDefinition, SignalSpec } from "../types.ts";
import { Cycles } from "./common/cycles.ts";

// Command register.
const COMMAND = 0x80;
const CLEAR = 0x40;
const ADDRESS = 0x0f;

// Register addresses.
const CONTROL = 0x00;
const TIMING = 0x01;
const THRESHOLDS = 0x02; // four bytes: low word, high word
const INTERRUPT = 0x06;
const CRC = 0x08; // factory test
const ID = 0x0a;
const DATA0 = 0x0c; // channel 0 low, high, channel 1 low, high

const POWER = 0x03;
// Timing register.
const GAIN_16 = 1 << 4;
const MANUAL = 1 << 3;
const INTEGRATION = 0x03;
const TIMING_RESET = 0x02;

/** By the field INTEG: nominal time; share of the counts at 402 ms; full scale. 3 is manual. */
const TIMES = [
  { ms: 13.7, share: 11 / 322, full: 5047 },
  { ms: 101, share: 81 / 322, full: 37_177 },
  { ms: 402, share: 1, full: 65_535 },
] as const;
/** The slowest oscillator, 690 kHz, in place of the nominal one of 735 kHz. */
const SLOW = 735 / 690;

/**
 * "Calculating Lux", at gain 16 and 402 ms: lux for each count of channel 0 by the ratio of channel 1 to channel 0.
 */
const LUX_PER_COUNT = {
  t(ratio: number): number {
    if (ratio <= 0.5) return 0.0304 - 0.062 * ratio ** 1.4;
    if (ratio <= 0.61) return 0.0224 - 0.031 * ratio;
    if (ratio <= 0.8) return 0.0128 - 0.0153 * ratio;
    return 0.00146 - 0.00112 * ratio;
  },
  cs(ratio: number): number {
    if (ratio <= 0.52) return 0.0315 - 0.0593 * ratio ** 1.4;
    if (ratio <= 0.65) return 0.0229 - 0.0291 * ratio;
    if (ratio <= 0.8) return 0.0157 - 0.018 * ratio;
    return 0.00338 - 0.0026 * ratio;
  },
};

/** Beyond a ratio of 1.3 the formulas give 0 lx, which cannot be turned back. */
const SIGNALS: SignalSpec[] = [
  { name: "illuminance", unit: "lx", mean: 400, swing: 390, min: 0, max: 40_000 },
  { name: "infrared", unit: "", mean: 0.3, swing: 0.1, min: 0, max: 1.29 },
];

class Tsl2561 implements I2cPart {
  private readonly cs: boolean;
  private address = 0;
  private powered = false;
  private timing = TIMING_RESET;
  private thresholds = [0, 0, 0, 0];
  private interrupt = 0;
  private channels: [number, number] = [0, 0];
  /** The upper bytes as they were when the lower ones were read. */
  private shadows: [number, number] = [0, 0];
  private running: Cycles | undefined;
  /** A manual integration that runs, since when. */
  private manualMs: number | undefined;

  constructor(private readonly context: PartContext) {
    this.cs = context.options["package"] === "cs";
  }

  write(bytes: Uint8Array): number {
    this.settle();
    if (bytes.length === 0) return 0;
    const command = bytes[0]!;
    if ((command & COMMAND) === 0) {
      this.context.warn(`a message that begins with ${hex(command)}, not with a command: ignored`);
      return bytes.length;
    }
    // CLEAR alone clears the interrupt, which is wired to nothing here.
    if ((command & CLEAR) === 0 || bytes.length > 1) this.address = command & ADDRESS;
    for (const byte of bytes.subarray(1)) {
      this.writeRegister(this.address, byte);
      this.address = (this.address + 1) & ADDRESS;
    }
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    this.settle();
    // Assumed: bytes follow one another, whatever protocol of the SMBus the command asked for.
    return Uint8Array.from({ length: count }, () => {
      const value = this.readRegister(this.address);
      this.address = (this.address + 1) & ADDRESS;
      return value;
    });
  }

  private writeRegister(register: number, value: number): void {
    if (register === CONTROL) {
      const powered = (value & POWER) === POWER;
      if (powered && !this.powered) this.integrate();
      if (!powered) this.running = undefined;
      this.powered = powered;
    } else if (register === TIMING) this.writeTiming(value);
    else if (register < INTERRUPT) this.thresholds[register - THRESHOLDS] = value;
    else if (register === INTERRUPT) this.interrupt = value & 0x3f;
    else {
      const kind = register === ID || register >= DATA0 ? "read-only" : "unmapped";
      this.context.warn(`write of ${hex(value)} to ${kind} register ${hex(register)}: ignored`);
    }
  }

  private writeTiming(value: number): void {
    if ((value & 0xe4) !== 0) this.context.warn(`write of reserved bits to register ${hex(TIMING)}`);
    const began = (value & MANUAL) !== 0 && (this.timing & MANUAL) === 0;
    const ended = (value & MANUAL) === 0 && this.manualMs !== undefined;
    this.timing = value & 0x1b;
    if ((value & INTEGRATION) !== INTEGRATION) {
      this.manualMs = undefined;
      if (this.powered) this.integrate(); // assumed: a change of the timing begins anew
      return;
    }
    this.running = undefined;
    const now = this.context.clock.now();
    if (began) this.manualMs = now;
    if (ended) {
      const share = (now - this.manualMs!) / TIMES[2].ms;
      this.manualMs = undefined;
      this.measure(share, 65_535);
    }
  }

  private integrate(): void {
    const time = TIMES[this.timing & INTEGRATION];
    if (time === undefined) return;
    const ms = time.ms * (this.context.faults.has("slow") ? SLOW : 1);
    this.running = new Cycles(this.context.clock.now(), ms, ms);
  }

  private readRegister(register: number): number {
    if (register === CONTROL) return this.powered ? POWER : 0;
    if (register === TIMING) return this.timing;
    if (register >= THRESHOLDS && register < INTERRUPT) return this.thresholds[register - THRESHOLDS]!;
    if (register === INTERRUPT) return this.interrupt;
    if (register === ID) return this.context.faults.has("garbage") ? 0xff : this.cs ? 0x10 : 0x50; // revision 0
    if (register >= DATA0) {
      const channel = (register - DATA0) >> 1 as 0 | 1;
      if ((register & 1) === 1) return this.shadows[channel];
      this.shadows[channel] = this.channels[channel] >> 8;
      return this.channels[channel] & 0xff;
    }
    if (register !== CRC) this.context.warn(`read of unmapped register ${hex(register)}`);
    return 0;
  }

  /** What the world is now stands for the last integration, which ended a moment before. */
  private settle(): void {
    const time = TIMES[this.timing & INTEGRATION];
    const ended = this.running?.ended(this.context.clock.now()) ?? 0;
    if (time !== undefined && ended > 0) this.measure(time.share, time.full);
  }

  private measure(share: number, full: number): void {
    const ratio = this.context.signal("infrared");
    const atBest = this.context.signal("illuminance") / LUX_PER_COUNT[this.cs ? "cs" : "t"](ratio);
    const counts = atBest * share * ((this.timing & GAIN_16) === 0 ? 1 / 16 : 1);
    this.channels = [Math.min(full, Math.round(counts)), Math.min(full, Math.round(counts * ratio))];
  }
}

export const part: PartDefinition = {
  title: "ams TSL2561",
  bus: "i2c",
  signals: () => SIGNALS,
  faults: {
    garbage: "a wrong id",
    slow: "has the slowest oscillator that the datasheet allows",
  },
  create: (context) => new Tsl2561(context),
};
