/**
 * Sensirion SHT30, SHT31, SHT35 (SHT3x-DIS): temperature, humidity. I2C, 0x44 or 0x45.
 *
 * Datasheet SHT3x-DIS, version 5 (May 2018; version 7 has the same tables). Sections used: 2.2 timing (table 4), 4.1
 * power-up, 4.3 to 4.8 measurements (tables 9 to 13), 4.9 reset, 4.10 heater, 4.11 status register (table 18), 4.12
 * CRC, 4.13 conversion. The serial number is that of version 7, table 20. Where it is silent the comment says
 * "assumed".
 */
import { hex } from "../buses/i2c.ts";
import type { I2cPart, PartContext, PartDefinition, SignalSpec } from "../types.ts";
import { wordsWithCrc } from "./common/crc8.ts";

type Repeatability = "high" | "medium" | "low";

/** Table 9; those with clock stretching and those without. */
const SINGLE: Record<number, [Repeatability, "stretching" | "polling"]> = {
  0x2c06: ["high", "stretching"], 0x2c0d: ["medium", "stretching"], 0x2c10: ["low", "stretching"],
  0x2400: ["high", "polling"], 0x240b: ["medium", "polling"], 0x2416: ["low", "polling"],
};
/** Table 10 and 12 (ART): measurements a second. */
const PERIODIC: Record<number, [Repeatability, perSecond: number]> = {
  0x2032: ["high", 0.5], 0x2024: ["medium", 0.5], 0x202f: ["low", 0.5],
  0x2130: ["high", 1], 0x2126: ["medium", 1], 0x212d: ["low", 1],
  0x2236: ["high", 2], 0x2220: ["medium", 2], 0x222b: ["low", 2],
  0x2334: ["high", 4], 0x2322: ["medium", 4], 0x2329: ["low", 4],
  0x2737: ["high", 10], 0x2721: ["medium", 10], 0x272a: ["low", 10],
  0x2b32: ["high", 4],
};
const FETCH = 0xe000; // 4.6
const BREAK = 0x3093; // 4.8
const SOFT_RESET = 0x30a2; // 4.9
const HEATER_ON = 0x306d; // 4.10
const HEATER_OFF = 0x3066;
const STATUS = 0xf32d; // 4.11
const CLEAR_STATUS = 0x3041;
const SERIAL = 0x3780;

// Status bits, table 18.
const ALERT_PENDING = 1 << 15;
const HEATER = 1 << 13;
const ALERTS = (1 << 11) | (1 << 10);
const RESET_DETECTED = 1 << 4;
const COMMAND_FAILED = 1 << 1;

/** Table 4: measurement duration, ms. */
const DURATION_MS: Record<Repeatability, { typical: number; maximum: number }> = {
  low: { typical: 2.5, maximum: 4 }, medium: { typical: 4.5, maximum: 6 }, high: { typical: 12.5, maximum: 15 },
};
/** Table 4: t_PU and t_SR, the maximum. */
const START_UP_MS = 1;

const SIGNALS: SignalSpec[] = [
  { name: "temperature", unit: "°C", mean: 21, swing: 5, min: -40, max: 125 },
  { name: "humidity", unit: "%", mean: 55, swing: -12, min: 0, max: 100 },
];

class Sht3x implements I2cPart {
  private readonly serial: number[];
  private status = ALERT_PENDING | RESET_DETECTED;
  /** What a read message gives from `readyMs` on. */
  private answer: number[] | undefined;
  private readyMs = -Infinity;
  /** The single measurement that runs until `readyMs`, and may be asked for earlier. */
  private measuring: "stretching" | "polling" | undefined;
  private periodic: { startMs: number; periodMs: number; durationMs: number; fetched: number } | undefined;
  private asleepUntilMs: number;

  constructor(private readonly context: PartContext) {
    this.asleepUntilMs = context.poweredMs + START_UP_MS;
    this.serial = [context.rng.below(0x10000), context.rng.below(0x10000)];
  }

  write(bytes: Uint8Array): number {
    const now = this.context.clock.now();
    if (now < this.asleepUntilMs) return -1;
    if (bytes.length === 0) return 0;
    const command = (bytes[0]! << 8) | (bytes[1] ?? 0);
    // Assumed: while a single measurement runs, the part hears nothing but the break command.
    if (this.measuring !== undefined && now < this.readyMs && command !== BREAK) return -1;
    if (bytes.length === 1) {
      this.context.warn(`half a command, ${hex(bytes[0]!)}: ignored`);
      return 1;
    }
    this.measuring = this.answer = undefined;
    this.readyMs = now;
    this.command(command, bytes.subarray(2));
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    if (this.context.clock.now() < this.asleepUntilMs || this.answer === undefined) return undefined;
    if (this.context.clock.now() < this.readyMs) {
      // 4.4: without clock stretching the read header is not acknowledged.
      if (this.measuring !== "stretching") return undefined;
      if (count > 0) this.context.warn("a read that clock stretching would block until the end of the measurement");
    }
    const { answer } = this;
    if (count === 0) return new Uint8Array();
    this.measuring = this.answer = undefined;
    return Uint8Array.from({ length: count }, (_, i) => answer[i] ?? 0xff);
  }

  private command(command: number, rest: Uint8Array): void {
    const now = this.context.clock.now();
    const single = SINGLE[command];
    const periodic = PERIODIC[command];
    this.status &= ~COMMAND_FAILED;
    if (rest.length > 0) this.fail(`bytes after the command ${hex16(command)}`);
    else if (this.periodic !== undefined && command !== FETCH && command !== BREAK) {
      // 4.5: "it is recommended to stop the periodic data acquisition prior to sending another command".
      this.fail(`the command ${hex16(command)} in periodic mode without a break before`);
    } else if (single !== undefined) {
      this.answer = this.measurement();
      this.measuring = single[1];
      this.readyMs = now + this.durationMs(single[0]);
    } else if (periodic !== undefined) {
      const durationMs = this.durationMs(periodic[0]);
      this.periodic = { startMs: now, periodMs: 1000 / periodic[1], durationMs, fetched: -1 };
    } else this.other(command);
  }

  private other(command: number): void {
    switch (command) {
      case FETCH: return this.fetch();
      case BREAK: this.periodic = undefined; return;
      case SOFT_RESET: return this.powerOn(this.context.clock.now());
      case HEATER_ON: this.status |= HEATER; return;
      case HEATER_OFF: this.status &= ~HEATER; return;
      case STATUS: this.answer = this.words([this.status]); return;
      case CLEAR_STATUS: this.status &= ~(ALERT_PENDING | ALERTS | RESET_DETECTED); return;
      case SERIAL: this.answer = this.words(this.serial); return;
      default: this.fail(`${hex16(command)} is no command`);
    }
  }

  /** 4.6: the newest measurement once; none is no acknowledgement of the read. */
  private fetch(): void {
    const { periodic } = this;
    if (periodic === undefined) return this.fail("a fetch without periodic measurements");
    const newest = Math.floor((this.context.clock.now() - periodic.startMs - periodic.durationMs) / periodic.periodMs);
    if (newest <= periodic.fetched) return;
    periodic.fetched = newest;
    this.answer = this.measurement(); // assumed: the world has not changed since that measurement
  }

  private fail(why: string): void {
    this.status |= COMMAND_FAILED;
    this.context.warn(why);
  }

  /** 4.13, turned back: 16 bits each. */
  private measurement(): number[] {
    const temperature = this.context.signal("temperature");
    const humidity = this.context.signal("humidity");
    return this.words([Math.round(((temperature + 45) / 175) * 65535), Math.round((humidity / 100) * 65535)]);
  }

  private words(words: number[]): number[] {
    return wordsWithCrc(words, 0xff, this.context.faults.has("crc"));
  }

  private durationMs(repeatability: Repeatability): number {
    return DURATION_MS[repeatability][this.context.faults.has("slow") ? "maximum" : "typical"];
  }

  private powerOn(ms: number): void {
    this.status = ALERT_PENDING | RESET_DETECTED;
    this.answer = this.measuring = this.periodic = undefined;
    this.asleepUntilMs = ms + START_UP_MS;
  }
}

function hex16(word: number): string {
  return `0x${word.toString(16).toUpperCase().padStart(4, "0")}`;
}

export const part: PartDefinition = {
  title: "Sensirion SHT3x-DIS",
  bus: "i2c",
  signals: () => SIGNALS,
  faults: {
    crc: "the CRC of each word is wrong",
    slow: "takes the maximum measurement time instead of the typical one",
  },
  create: (context) => new Sht3x(context),
};
