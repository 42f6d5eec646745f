/**
 * Sensirion SHT40, SHT41, SHT45: temperature, humidity. I2C, 0x44, 0x45 or 0x46 by the version that was bought.
 *
 * Datasheet SHT4x, version 6 (version 3 has the same numbers). Sections used: 3.2 timing (table 5), 4.3 I2C, 4.4 data
 * and CRC, 4.5 command overview (table 8), 4.6 conversion, 4.7 serial number, 4.8 reset and abort, 4.9 heater. Where
 * it is silent the comment says "assumed".
 */
import { hex } from "../buses/i2c.ts";
import type { I2cPart, PartContext, PartDefinition, SignalSpec } from "../types.ts";
import { wordsWithCrc } from "./common/crc8.ts";

/** Table 8 and table 5: measurement duration, ms. */
const MEASURE: Record<number, { typical: number; maximum: number }> = {
  0xfd: { typical: 6.9, maximum: 8.3 }, // high repeatability
  0xf6: { typical: 3.7, maximum: 4.5 }, // medium
  0xe0: { typical: 1.3, maximum: 1.6 }, // low
};
/** Table 8: the heater's time, ms (table 5: 10 % more or less); then a measurement of high repeatability. */
const HEAT_MS: Record<number, number> = {
  0x39: 1000, 0x32: 100, // 200 mW
  0x2f: 1000, 0x24: 100, // 110 mW
  0x1e: 1000, 0x15: 100, // 20 mW
};
const HIGH = 0xfd;
const SERIAL = 0x89;
const SOFT_RESET = 0x94;

/** Table 5: t_PU and t_SR, the maximum. */
const START_UP_MS = 1;

const SIGNALS: SignalSpec[] = [
  { name: "temperature", unit: "°C", mean: 21, swing: 5, min: -40, max: 125 },
  { name: "humidity", unit: "%", mean: 55, swing: -12, min: 0, max: 100 },
];

class Sht4x implements I2cPart {
  private readonly serial: number[];
  /** What a read message gives from `readyMs` on. */
  private answer: number[] | undefined;
  private readyMs = -Infinity;
  private measuring = false;
  private asleepUntilMs: number;

  constructor(private readonly context: PartContext) {
    this.asleepUntilMs = context.poweredMs + START_UP_MS;
    this.serial = [context.rng.below(0x10000), context.rng.below(0x10000)];
  }

  write(bytes: Uint8Array): number {
    if (this.deaf()) return -1;
    if (bytes.length === 0) return 0;
    const command = bytes[0]!;
    // 4.3: a part that measures or heats does not acknowledge; the soft reset aborts both (4.8).
    if (this.measuring && this.context.clock.now() < this.readyMs && command !== SOFT_RESET) return -1;
    if (bytes.length > 1) this.context.warn(`${bytes.length - 1} bytes after the command ${hex(command)}: ignored`);
    this.measuring = false;
    this.answer = undefined;
    this.command(command);
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    // 4.3: the read header is not acknowledged before there is something to read.
    if (this.deaf() || this.answer === undefined || this.context.clock.now() < this.readyMs) return undefined;
    if (count === 0) return new Uint8Array();
    const { answer } = this;
    this.answer = undefined;
    this.measuring = false;
    return Uint8Array.from({ length: count }, (_, i) => answer[i] ?? 0xff);
  }

  private command(command: number): void {
    const now = this.context.clock.now();
    this.readyMs = now;
    if (MEASURE[command] !== undefined) this.measure(MEASURE[command]);
    else if (HEAT_MS[command] !== undefined) {
      this.context.warn(`the heater warms nothing here: ${hex(command)} takes its time and measures the world as it is`);
      this.measure(MEASURE[HIGH]!, HEAT_MS[command]);
    } else if (command === SERIAL) this.answer = this.words(this.serial);
    else if (command === SOFT_RESET) this.asleepUntilMs = now + START_UP_MS;
    else this.context.warn(`${hex(command)} is no command`); // assumed: acknowledged, and nothing to read
  }

  private measure(duration: { typical: number; maximum: number }, heatMs = 0): void {
    const { faults, clock } = this.context;
    const temperature = this.context.signal("temperature");
    const humidity = this.context.signal("humidity");
    // 4.6, turned back. The humidity goes beyond 0 and 100 %: that is cropped by who reads it.
    this.answer = this.words([
      Math.round(((temperature + 45) / 175) * 65535), Math.round(((humidity + 6) / 125) * 65535),
    ]);
    this.measuring = true;
    const ms = heatMs + duration[faults.has("slow") ? "maximum" : "typical"];
    this.readyMs = clock.now() + ms;
  }

  private words(words: number[]): number[] {
    return wordsWithCrc(words, 0xff, this.context.faults.has("crc"));
  }

  private deaf(): boolean {
    return this.context.clock.now() < this.asleepUntilMs;
  }
}

export const part: PartDefinition = {
  title: "Sensirion SHT4x",
  bus: "i2c",
  signals: () => SIGNALS,
  faults: {
    crc: "the CRC of each word is wrong",
    slow: "takes the maximum measurement time instead of the typical one",
  },
  create: (context) => new Sht4x(context),
};
