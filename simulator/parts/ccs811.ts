/**
 * ScioSense (ams) CCS811: equivalents of CO2 and of volatile organic compounds. I2C, 0x5A with ADDR low, 0x5B high.
 *
 * Datasheet DS000459 version 1-06 (February 2019; SC-001232-DS-2): timing characteristics (start-up), modes of
 * operation, figures 14 to 26 (application registers), figure 27 (bootloader registers), ERROR_ID codes. Registers are
 * mailboxes: each has a size, and a message does not go on to the next. nWAKE is taken to be low.
 *
 * Signals: both outputs themselves. The baseline is not modelled but for its word, nor is the run-in of 20 minutes.
 */
import { hex } from "../buses/i2c.ts";
import type { I2cPart, PartContext, PartDefinition } from "../types.ts";
import { Converter, oscillator } from "./common/converter.ts";

const STATUS = 0x00;
const MEAS_MODE = 0x01;
const ALG_RESULT_DATA = 0x02;
const RAW_DATA = 0x03;
const ENV_DATA = 0x05;
const NTC = 0x06;
const THRESHOLDS = 0x10;
const BASELINE = 0x11;
const HW_ID = 0x20;
const HW_VERSION = 0x21;
const FW_BOOT_VERSION = 0x23;
const FW_APP_VERSION = 0x24;
const ERROR_ID = 0xe0;
const APP_START = 0xf4;
const SW_RESET = 0xff;
const RESET_WORD = [0x11, 0xe5, 0x72, 0x8a];

// STATUS.
const FW_MODE = 0x80;
const APP_VALID = 0x10;
const DATA_READY = 0x08;
const ERROR = 0x01;
// ERROR_ID.
const WRITE_REG_INVALID = 0x01;
const READ_REG_INVALID = 0x02;
const MEASMODE_INVALID = 0x04;
const HEATER_FAULT = 0x10;

/** Timing: from power, from a reset, from APP_START to a part that answers, ms. */
const POWER_MS = 20;
const RESET_MS = 2;
const APP_START_MS = 1;
/** DRIVE_MODE 1 to 4; the last one makes raw data alone. */
const PERIOD_MS = [0, 1000, 10_000, 60_000, 250];
const RAW_MODE = 4;
/** Of the part's clock (the datasheet: 1 s +-1 % in mode 1). */
const TIME_OFF = 0.01;

/** Sizes of the mailboxes that can be read, and written, in application mode and by the bootloader. */
const READABLE = new Map([
  [STATUS, 1], [MEAS_MODE, 1], [ALG_RESULT_DATA, 8], [RAW_DATA, 2], [NTC, 4], [BASELINE, 2], [HW_ID, 1],
  [HW_VERSION, 1], [FW_BOOT_VERSION, 2], [FW_APP_VERSION, 2], [ERROR_ID, 1],
]);
const WRITABLE = new Map([[MEAS_MODE, 1], [ENV_DATA, 4], [THRESHOLDS, 5], [BASELINE, 2], [SW_RESET, 4]]);
const BOOT_READABLE = [STATUS, HW_ID, HW_VERSION, FW_BOOT_VERSION, FW_APP_VERSION, ERROR_ID];

class Ccs811 implements I2cPart {
  private busyUntilMs: number;
  private isApplication = false;
  private mailbox = STATUS;
  private measMode = 0;
  private errors = 0;
  private isReady = false;
  private eco2 = 0;
  private tvoc = 0;
  private raw = 0;
  private baseline: number[];
  private readonly factor: number;
  private readonly converter: Converter<"eco2" | "tvoc">;

  constructor(private readonly context: PartContext) {
    this.factor = oscillator(context, TIME_OFF);
    this.baseline = [context.rng.below(256), context.rng.below(256)];
    this.converter = new Converter(context, ["eco2", "tvoc"]);
    this.busyUntilMs = context.poweredMs + POWER_MS;
  }

  write(bytes: Uint8Array): number {
    if (this.isBusy()) return -1;
    this.settle();
    if (bytes.length > 0) {
      this.mailbox = bytes[0]!;
      if (this.mailbox === APP_START) this.start(bytes.length);
      else if (bytes.length > 1) this.put(this.mailbox, [...bytes.subarray(1)]);
    }
    this.converter.touch();
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    if (this.isBusy()) return undefined;
    this.settle();
    const data = count === 0 ? [] : this.get(this.mailbox, count);
    this.converter.touch();
    return Uint8Array.from({ length: count }, (_, i) => data[i] ?? 0xff);
  }

  private isBusy(): boolean {
    return this.context.clock.now() < this.busyUntilMs;
  }

  private settle(): void {
    const done = this.converter.finished();
    if (!done) return;
    const { eco2, tvoc } = done.world;
    // Assumed: 10 uA, and a voltage that falls where there is more in the air.
    this.raw = (10 << 10) | Math.round(900 / (1 + tvoc / 500));
    if (this.context.faults.has("heater")) this.errors |= HEATER_FAULT;
    if (this.measMode >> 4 === RAW_MODE) return;
    this.eco2 = Math.round(eco2);
    this.tvoc = Math.round(tvoc);
    this.isReady = true;
  }

  private status(): number {
    return (this.isApplication ? FW_MODE : 0) | APP_VALID | (this.isReady ? DATA_READY : 0)
      | (this.errors === 0 ? 0 : ERROR);
  }

  private get(mailbox: number, count: number): number[] {
    const size = READABLE.get(mailbox);
    if (size === undefined || (!this.isApplication && !BOOT_READABLE.includes(mailbox))) {
      this.errors |= READ_REG_INVALID;
      this.context.warn(`read of ${this.isApplication ? "" : "the bootloader's "}mailbox ${hex(mailbox)}, which is not there`);
      return [];
    }
    if (count > size) this.context.warn(`read of ${count} bytes from mailbox ${hex(mailbox)}, which has ${size}`);
    const word = (value: number): number[] => [value >> 8, value & 0xff];
    switch (mailbox) {
      case STATUS: return [this.status()];
      case MEAS_MODE: return [this.measMode];
      case ALG_RESULT_DATA: {
        const data = [...word(this.eco2), ...word(this.tvoc), this.status(), this.errors, ...word(this.raw)];
        this.isReady = false;
        return data;
      }
      case RAW_DATA: return word(this.raw);
      case NTC: return [0, 0, 0, 0];
      case BASELINE: return this.baseline;
      case HW_ID: return [0x81];
      case HW_VERSION: return [0x12];
      case FW_BOOT_VERSION: return [0x10, 0x00];
      case FW_APP_VERSION: return [0x20, 0x01];
      default: {
        // ERROR_ID: reading it clears it, and the bit of STATUS with it.
        const { errors } = this;
        this.errors = 0;
        return [errors];
      }
    }
  }

  private put(mailbox: number, data: number[]): void {
    const size = WRITABLE.get(mailbox);
    if (size === undefined || data.length > size || (!this.isApplication && mailbox !== SW_RESET)) {
      this.errors |= WRITE_REG_INVALID;
      this.context.warn(`write of ${data.length} bytes to mailbox ${hex(mailbox)}, which takes ${
        this.isApplication ? size ?? 0 : 0}`);
    } else if (mailbox === MEAS_MODE) {
      this.measure(data[0]!);
    } else if (mailbox === BASELINE && data.length === 2) {
      this.baseline = data;
    } else if (mailbox === SW_RESET && data.length === RESET_WORD.length && data.every((b, i) => b === RESET_WORD[i])) {
      this.reset();
    }
  }

  private measure(mode: number): void {
    const drive = mode >> 4;
    if (drive > RAW_MODE) {
      this.errors |= MEASMODE_INVALID;
      return this.context.warn(`drive mode ${drive}: ignored`);
    }
    this.measMode = mode & 0x7c;
    if (drive === 0) this.converter.stop();
    else this.converter.start(PERIOD_MS[drive]! * this.factor, true);
  }

  /** APP_START: from the bootloader to the application, by a write without data. */
  private start(length: number): void {
    if (this.isApplication || length > 1) {
      this.errors |= WRITE_REG_INVALID;
      return this.context.warn("APP_START where the application runs, or with data: ignored");
    }
    this.isApplication = true;
    this.busyUntilMs = this.context.clock.now() + APP_START_MS;
  }

  private reset(): void {
    this.isApplication = this.isReady = false;
    this.measMode = this.errors = this.eco2 = this.tvoc = this.raw = 0;
    this.converter.stop();
    this.busyUntilMs = this.context.clock.now() + RESET_MS;
  }
}

export const part: PartDefinition = {
  title: "ScioSense CCS811",
  bus: "i2c",
  signals: () => [
    { name: "eco2", unit: "ppm", mean: 700, swing: 250, min: 400, max: 29_206 },
    { name: "tvoc", unit: "ppb", mean: 150, swing: 120, min: 0, max: 32_768 },
  ],
  faults: {
    heater: "its heater's current is out of range: it says so by STATUS and ERROR_ID",
  },
  create: (context) => new Ccs811(context),
};
