/**
 * The chip of the Bosch BME280, and that of the BMP280, which is the same without humidity and with longer standby
 * times.
 *
 * Datasheet BST-BME280-DS001 revision 1.1 (the same facts in DS002-15, revision 1.6); sections and tables are its
 * own. BST-BMP280-DS001-19 has the same registers, modes, filter and times in its 3.3 to 3.11, 4 and 5. Sections
 * used: table 1 (start-up), 3.3 modes, 3.4 measurement flow and IIR filter, 4.2.2 trimming (table 16), 5.3 memory map
 * (table 18), 5.4 registers, 6.2 I2C, 8.1 compensation in double precision, 9.1 measurement time. The converter's
 * values are what those formulas turn back into the world's. Where the datasheet is silent the comment at the place
 * says "assumed".
 */
import { hex } from "../../buses/i2c.ts";
import type { I2cPart, PartContext } from "../../types.ts";
import {
  byteOf20, COEFFICIENT, filtered, measurementMs, OVERSAMPLING, quantised, type Sample,
} from "./measurement.ts";
import { humidityAdc, pressureAdc, temperatureAdc, trimmingBytes, trimmingOf, type Trimming } from "./trimming.ts";

// Registers, table 18; the trimming at 0x88 to 0xA1 and 0xE1 to 0xF0 is in trimming.ts.
const ID = 0xd0;
const RESET = 0xe0;
const CTRL_HUM = 0xf2;
const STATUS = 0xf3;
const CTRL_MEAS = 0xf4;
const CONFIG = 0xf5;
const RESERVED_IN_BURST = 0xf6; // reserved, but figure 10 itself reads on over it
const PRESS_MSB = 0xf7;
const TEMP_MSB = 0xfa;
const HUM_MSB = 0xfd; // hum_lsb is the next, the last of the map

const RESET_WORD = 0xb6; // 5.4.2
const MEASURING = 1 << 3; // 5.4.4
const IM_UPDATE = 1 << 0;
const SLEEP = 0; // mode[1:0], table 25: 01 and 10 are forced mode
const NORMAL = 3;

/**
 * What the data registers hold after a reset and for a skipped measurement (5.4.7 to 5.4.9, tables 20, 23,
 * 24).
 */
const SKIPPED = 0x80000;
const SKIPPED_HUMIDITY = 0x8000;

/** Table 1: time from power-on to the first communication. */
const START_UP_MS = 2;
/** The trimming is copied anew before each conversion (5.4.4). Assumed: half of the fixed millisecond of 9.1. */
const COPY_MS = 0.5;

/** The filter has forgotten what is older than so many samples of the largest coefficient. */
const MEMORABLE_SAMPLES = 200;

/** In what the two chips differ. */
export interface Model {
  chipId: number;
  hasHumidity: boolean;
  /** Of normal mode, by t_sb. */
  standbyMs: readonly number[];
}

export class BoschChip implements I2cPart {
  private readonly trimming: Trimming;
  private readonly calibration: Map<number, number>;
  private pointer = 0;
  private ctrlHum = 0;
  private ctrlMeas = 0;
  private config = 0;
  /** osrs_h in effect: what ctrl_hum held when ctrl_meas was last written (5.4.3). */
  private osrsH = 0;
  private press = SKIPPED;
  private temp = SKIPPED;
  private hum = SKIPPED_HUMIDITY;
  private filterT: number | undefined;
  private filterP: number | undefined;
  private readyMs: number;
  /** The running measurement. */
  private running: { startMs: number; endMs: number; sample: Sample } | undefined;
  /** Normal mode: when the next measurement starts. */
  private nextStartMs = Infinity;
  /** A write of ctrl_meas that waits for the end of the running measurement (3.3.1). */
  private waiting: number | undefined;
  private lastMs: number;
  private lastSample: Sample;

  constructor(private readonly context: PartContext, private readonly model: Model) {
    this.trimming = trimmingOf(context.rng);
    this.calibration = trimmingBytes(this.trimming, model.hasHumidity);
    this.readyMs = context.poweredMs + START_UP_MS;
    this.lastMs = context.clock.now();
    this.lastSample = this.present();
  }

  write(bytes: Uint8Array): number {
    this.settle();
    // 6.2.1: pairs of register address and data. A lone address is the start of a read (6.2.2).
    for (let i = 0; i < bytes.length; i += 2) {
      this.pointer = bytes[i]!;
      if (i + 1 < bytes.length) this.writeRegister(this.pointer, bytes[i + 1]!);
    }
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    this.settle();
    // One message is one moment: data cannot change inside of it, as the shadowing of 4.1 promises.
    return Uint8Array.from({ length: count }, () => {
      const value = this.readRegister(this.pointer);
      this.pointer = (this.pointer + 1) & 0xff;
      return value;
    });
  }

  private writeRegister(register: number, value: number): void {
    if (register === RESET) {
      if (value === RESET_WORD) this.powerOn(this.context.clock.now());
    } else if ((register !== CTRL_HUM || !this.model.hasHumidity) && register !== CTRL_MEAS && register !== CONFIG) {
      const kind = this.readRegister(register, true) === undefined ? "unmapped" : "read-only";
      this.context.warn(`write of ${hex(value)} to ${kind} register ${hex(register)}`);
    } else if (this.starting()) {
      this.context.warn(`write to register ${hex(register)} within the start-up time of ${START_UP_MS} ms: ignored`);
    } else if (register === CTRL_HUM) {
      if (this.waiting === undefined) this.ctrlHum = value & 0x07;
    } else if (register === CTRL_MEAS) {
      this.writeCtrlMeas(value);
    } else if (this.mode() === NORMAL) {
      // 5.4.6: "may be ignored" in normal mode; the strict reading is taken.
      this.context.warn(`write to register ${hex(CONFIG)} (config) in normal mode: ignored`);
    } else {
      this.config = value & 0xfd;
      this.filterT = this.filterP = undefined;
    }
  }

  private writeCtrlMeas(value: number): void {
    if (this.running === undefined) this.applyCtrlMeas(value, this.context.clock.now());
    else this.waiting ??= value;
  }

  private applyCtrlMeas(value: number, ms: number): void {
    this.ctrlMeas = value;
    this.osrsH = this.ctrlHum;
    this.nextStartMs = Infinity;
    if (this.mode() !== SLEEP) this.start(ms);
  }

  private mode(): number {
    return this.ctrlMeas & 3;
  }

  private starting(): boolean {
    return this.context.clock.now() < this.readyMs;
  }

  /**
   * The value of a register; a reserved one reads 0 with a warning, or `undefined` when only asked whether it
   * is there.
   */
  private readRegister(register: number): number;
  private readRegister(register: number, asked: true): number | undefined;
  private readRegister(register: number, asked = false): number | undefined {
    if (this.context.faults.has("garbage") && !asked && (register === ID || register >= PRESS_MSB)) {
      const byte = this.context.rng.below(256);
      return register === ID && byte === this.model.chipId ? 0xff : byte;
    }
    const calibration = this.calibration.get(register);
    // Assumed: what was not yet copied from the NVM reads 0.
    if (calibration !== undefined) return this.starting() ? 0 : calibration;
    if (register >= PRESS_MSB && register < TEMP_MSB) return byteOf20(this.press, register - PRESS_MSB);
    if (register >= TEMP_MSB && register < HUM_MSB) return byteOf20(this.temp, register - TEMP_MSB);
    switch (register) {
      case ID: return this.model.chipId;
      case RESET: return 0; // 5.4.2
      case STATUS: return this.status();
      case CTRL_MEAS: return this.ctrlMeas;
      case CONFIG: return this.config;
      case RESERVED_IN_BURST: return 0;
    }
    if (this.model.hasHumidity && register === CTRL_HUM) return this.ctrlHum;
    if (this.model.hasHumidity && register === HUM_MSB) return this.hum >> 8;
    if (this.model.hasHumidity && register === HUM_MSB + 1) return this.hum & 0xff;
    if (asked) return undefined;
    this.context.warn(`read of unmapped register ${hex(register)}`);
    return 0;
  }

  private status(): number {
    const copying = this.starting()
      || (this.running !== undefined && this.context.clock.now() < this.running.startMs + COPY_MS);
    return (this.running === undefined ? 0 : MEASURING) | (copying ? IM_UPDATE : 0);
  }

  private powerOn(ms: number): void {
    this.ctrlHum = this.ctrlMeas = this.config = this.osrsH = 0;
    this.press = this.temp = SKIPPED;
    this.hum = SKIPPED_HUMIDITY;
    this.filterT = this.filterP = this.running = this.waiting = undefined;
    this.nextStartMs = Infinity;
    this.readyMs = ms + START_UP_MS;
  }

  /** Catches up with the clock: what has ended since the last access, and in normal mode what has begun. */
  private settle(): void {
    const now = this.context.clock.now();
    for (;;) {
      const { running } = this;
      if (running !== undefined) {
        if (now < running.endMs) break;
        this.finish(running.endMs, running.sample);
      } else if (this.nextStartMs <= now) {
        this.skipForgotten(now);
        this.start(this.nextStartMs);
      } else {
        break;
      }
    }
    this.lastMs = now;
    this.lastSample = this.present();
  }

  /** Of the cycles that nobody looked at, the filter remembers the last ones. */
  private skipForgotten(now: number): void {
    const cycleMs = this.durationMs() + this.model.standbyMs[this.config >> 5]!;
    const skipped = Math.floor((now - this.nextStartMs) / cycleMs) - MEMORABLE_SAMPLES;
    if (skipped > 0) this.nextStartMs += skipped * cycleMs;
  }

  private factors(): [t: number, p: number, h: number] {
    return [OVERSAMPLING[this.ctrlMeas >> 5]!, OVERSAMPLING[(this.ctrlMeas >> 2) & 7]!, OVERSAMPLING[this.osrsH]!];
  }

  private durationMs(): number {
    const { typical, maximum } = measurementMs(...this.factors());
    return this.context.faults.has("slow") ? maximum : typical;
  }

  private start(ms: number): void {
    this.running = { startMs: ms, endMs: ms + this.durationMs(), sample: this.sampleAt(ms) };
    this.nextStartMs = Infinity;
  }

  /** 3.4: measure, filter, hand over to the data registers; then sleep, or the standby of normal mode. */
  private finish(ms: number, sample: Sample): void {
    const [t, p, h] = this.factors();
    const coefficient = COEFFICIENT[(this.config >> 2) & 7]!;
    this.running = undefined;
    this.temp = this.press = SKIPPED;
    this.hum = SKIPPED_HUMIDITY;
    if (t > 0) {
      const adc = quantised(temperatureAdc(this.trimming, sample.temperature), t);
      this.filterT = filtered(this.filterT, adc, coefficient);
      this.temp = Math.round(this.filterT);
    }
    if (p > 0) {
      const adc = quantised(pressureAdc(this.trimming, sample.pressure * 100, sample.temperature), p);
      this.filterP = filtered(this.filterP, adc, coefficient);
      this.press = Math.round(this.filterP);
    }
    if (h > 0) this.hum = humidityAdc(this.trimming, sample.humidity, sample.temperature);
    if (this.mode() === NORMAL) this.nextStartMs = ms + this.model.standbyMs[this.config >> 5]!;
    else this.ctrlMeas &= ~3;
    const value = this.waiting;
    this.waiting = undefined;
    if (value !== undefined) this.applyCtrlMeas(value, ms);
  }

  private present(): Sample {
    const value = (name: keyof Sample): number => this.context.signal(name);
    const humidity = this.model.hasHumidity ? value("humidity") : 0;
    return { temperature: value("temperature"), humidity, pressure: value("pressure") };
  }

  /** The world at a moment since the last access: between then and now a line is assumed. */
  private sampleAt(ms: number): Sample {
    const now = this.context.clock.now();
    const present = this.present();
    const share = now > this.lastMs ? (ms - this.lastMs) / (now - this.lastMs) : 1;
    const between = (name: keyof Sample): number =>
      this.lastSample[name] + (present[name] - this.lastSample[name]) * share;
    return { temperature: between("temperature"), humidity: between("humidity"), pressure: between("pressure") };
  }
}
