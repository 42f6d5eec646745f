/**
 * Vishay VEML7700: illuminance. I2C, 0x10.
 *
 * Datasheet 84286, revision 1.8, and application note 84323, "Designing the VEML7700 Into an Application" (both have
 * the resolution of 0.0042 lx a count; before 2021 they said 0.0036). Parts used: "I2C interface" (words, low byte
 * first), "Command register format" (tables 1 to 8), the resolution and the refresh times by gain, integration and
 * power saving mode, the correction above 1000 lx. Where they are silent the comment says "assumed".
 */
import { hex } from "../buses/i2c.ts";
import type { I2cPart, PartContext, PartDefinition, SignalSpec } from "../types.ts";
import { Cycles } from "./common/cycles.ts";

// Command codes.
const ALS_CONF = 0x00;
const ALS_WH = 0x01;
const ALS_WL = 0x02;
const POWER_SAVING = 0x03;
const ALS = 0x04;
const WHITE = 0x05;
const ALS_INT = 0x06;
const ID = 0x07;

// ALS_CONF, table 1.
const SHUTDOWN = 1 << 0;
const INTERRUPT = 1 << 1;
const GAIN = [1, 2, 1 / 8, 1 / 4] as const; // bits 12 and 11
const INTEGRATION_MS: Record<number, number> = { 12: 25, 8: 50, 0: 100, 1: 200, 2: 400, 3: 800 }; // bits 9 to 6
const PERSISTENCE = [1, 2, 4, 8] as const; // bits 5 and 4
const RESERVED = 0xe40c;

/** Table 4: bits 2 and 1 are the mode, bit 0 switches it on. The mode's pause between two integrations. */
const PAUSE_MS = [500, 1000, 2000, 4000] as const;

// ALS_INT, table 7.
const BELOW = 1 << 15;
const ABOVE = 1 << 14;

const DEVICE_ID = 0xc481; // table 8: 0x81, and 0xC4 for the address 0x10

/** lx a count at gain 2 and 800 ms; all else is in proportion. */
const FINEST_LUX = 0.0042;
/** "A waiting time of at least 2.5 ms" from the end of the shutdown to the first integration. */
const WAKE_MS = 2.5;

/**
 * "Illumination values higher than 1000 lx show non-linearity": the light in lx by what counts times resolution give.
 */
function corrected(lux: number): number {
  return 6.0135e-13 * lux ** 4 - 9.3924e-9 * lux ** 3 + 8.1488e-5 * lux ** 2 + 1.0023 * lux;
}

/**
 * The correction turned back. At 1000 lx it leaps to 1073 lx: between the two the part is taken to stand still.
 */
function uncorrected(lux: number): number {
  if (lux <= 1000) return lux;
  let [low, high] = [1000, 60_000];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (corrected(middle) < lux) low = middle;
    else high = middle;
  }
  return low;
}

const SIGNALS: SignalSpec[] = [{ name: "illuminance", unit: "lx", mean: 400, swing: 390, min: 0, max: 140_000 }];

class Veml7700 implements I2cPart {
  private pointer = 0;
  private conf = SHUTDOWN;
  private high = 0;
  private low = 0;
  private powerSaving = 0;
  private als = 0;
  private interrupts = 0;
  /** Integrations in a row that were beyond a threshold. */
  private above = 0;
  private below = 0;
  private running: Cycles | undefined;

  constructor(private readonly context: PartContext) {}

  write(bytes: Uint8Array): number {
    this.settle();
    if (bytes.length > 0) this.pointer = bytes[0]!;
    if (bytes.length === 3) this.writeWord(this.pointer, bytes[1]! | (bytes[2]! << 8));
    else if (bytes.length > 1) {
      this.context.warn(`write of ${bytes.length - 1} bytes to register ${hex(this.pointer)}: it takes words`);
    }
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    this.settle();
    if (count === 0) return new Uint8Array();
    const word = this.readWord(this.pointer);
    return Uint8Array.from({ length: count }, (_, i) => (i === 0 ? word & 0xff : i === 1 ? word >> 8 : 0xff));
  }

  private writeWord(register: number, value: number): void {
    if (register === ALS_CONF) this.configure(value);
    else if (register === ALS_WH) this.high = value;
    else if (register === ALS_WL) this.low = value;
    else if (register === POWER_SAVING) {
      this.powerSaving = value & 7;
      this.restart(0); // assumed: with the integration that begins now
    } else this.context.warn(`write to ${register > ID ? "unmapped" : "read-only"} register ${hex(register)}: ignored`);
  }

  private configure(value: number): void {
    if ((value & RESERVED) !== 0) this.context.warn(`write of reserved bits to register ${hex(ALS_CONF)}`);
    const wakes = (this.conf & SHUTDOWN) !== 0;
    this.conf = value & ~RESERVED;
    if (this.integrationMs() === undefined) this.context.warn(`there is no integration time ${(value >> 6) & 15}`);
    this.restart(wakes ? WAKE_MS : 0);
  }

  private integrationMs(): number | undefined {
    return INTEGRATION_MS[(this.conf >> 6) & 15];
  }

  private restart(wakeMs: number): void {
    this.above = this.below = 0;
    this.running = undefined;
    if ((this.conf & SHUTDOWN) !== 0) return;
    const ms = (this.integrationMs() ?? 100) * (this.context.faults.has("slow") ? 1.1 : 1);
    const pauseMs = (this.powerSaving & 1) === 0 ? 0 : PAUSE_MS[this.powerSaving >> 1]!;
    this.running = new Cycles(this.context.clock.now() + wakeMs, ms, ms + pauseMs);
  }

  private readWord(register: number): number {
    switch (register) {
      case ALS_CONF: return this.conf;
      case ALS_WH: return this.high;
      case ALS_WL: return this.low;
      case POWER_SAVING: return this.powerSaving;
      case ALS: return this.als;
      case WHITE: return this.als; // assumed: of light without infrared it has as many counts
      case ALS_INT: {
        const flags = this.interrupts;
        this.interrupts = 0; // assumed: read and cleared
        return flags;
      }
      case ID: return this.context.faults.has("garbage") ? 0xffff : DEVICE_ID;
    }
    this.context.warn(`read of unmapped register ${hex(register)}`);
    return 0;
  }

  /** What the world is now stands for the last integration, which ended a moment before. */
  private settle(): void {
    const ended = this.running?.ended(this.context.clock.now()) ?? 0;
    if (ended === 0) return;
    const luxPerCount = (FINEST_LUX * 2 * 800) / (GAIN[(this.conf >> 11) & 3]! * (this.integrationMs() ?? 100));
    const lux = uncorrected(this.context.signal("illuminance"));
    this.als = Math.min(0xffff, Math.round(lux / luxPerCount));
    this.above = this.als > this.high ? this.above + ended : 0;
    this.below = this.als < this.low ? this.below + ended : 0;
    if ((this.conf & INTERRUPT) === 0) return;
    const needed = PERSISTENCE[(this.conf >> 4) & 3]!;
    if (this.above >= needed) this.interrupts |= ABOVE;
    if (this.below >= needed) this.interrupts |= BELOW;
  }
}

export const part: PartDefinition = {
  title: "Vishay VEML7700",
  bus: "i2c",
  signals: () => SIGNALS,
  faults: {
    garbage: "a wrong device id",
    slow: "takes a tenth longer than its integration time says",
  },
  create: (context) => new Veml7700(context),
};
