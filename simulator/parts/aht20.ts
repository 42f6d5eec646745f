/**
 * ASAIR (Aosong) AHT20: temperature, humidity. I2C, 0x38. The DHT20 is the same in a case.
 *
 * Datasheet AHT20 product manual V1.0, and that of the DHT20 V1.0 (May 2021), which says more. Sections used: 7.1 start
 * (power-up time), 7.3 commands (table 8, status bits table 9), 7.4 reading process, CRC, 7.5 soft reset, 8 conversion.
 * Where they are silent the comment says "assumed".
 */
import { hex } from "../buses/i2c.ts";
import type { I2cPart, PartContext, PartDefinition, SignalSpec } from "../types.ts";
import { crc8 } from "./common/crc8.ts";

const INITIALISE = 0xbe; // with 0x08 0x00
const TRIGGER = 0xac; // with 0x33 0x00
const SOFT_RESET = 0xba;
/** The manuals call "sending 0x71" what is the address for reading; as a command it is harmless. */
const STATUS = 0x71;

// Status, table 9.
const BUSY = 1 << 7;
const CALIBRATED = 1 << 3;
/** Reserved; the DHT20's manual expects it set beside the calibration: status & 0x18 == 0x18. */
const RESERVED = 1 << 4;

/**
 * 7.4: "wait 80 ms for the measurement to be completed". Assumed: that is the longest, and three quarters are usual.
 */
const MEASURE_MS = { typical: 60, maximum: 80 };
/** 7.1: "after power-on it needs 100 ms" (DHT20; the AHT20's V1.0 says 20 ms, later ones 40 and 100). */
const START_UP_MS = 100;
/** 7.4: after 0xBE "wait for 10 ms". */
const INITIALISE_MS = 10;
/** 7.5: "the time required for soft reset does not exceed 20 ms". */
const SOFT_RESET_MS = 20;

const SIGNALS: SignalSpec[] = [
  { name: "temperature", unit: "°C", mean: 21, swing: 5, min: -40, max: 85 },
  { name: "humidity", unit: "%", mean: 55, swing: -12, min: 0, max: 100 },
];

class Aht20 implements I2cPart {
  private calibrated: boolean;
  /** Words of 20 bits. Assumed: 0 until the first measurement. */
  private humidity = 0;
  private temperature = 0;
  private running: { endMs: number; humidity: number; temperature: number } | undefined;
  private busyUntilMs = -Infinity;
  private asleepUntilMs: number;

  constructor(private readonly context: PartContext) {
    this.calibrated = this.loads();
    this.asleepUntilMs = context.poweredMs + START_UP_MS;
  }

  write(bytes: Uint8Array): number {
    if (this.context.clock.now() < this.asleepUntilMs) return -1;
    if (bytes.length === 0) return 0;
    this.settle();
    const message = Array.from(bytes, hex).join(" ");
    const is = (...command: number[]): boolean =>
      command.length === bytes.length && command.every((byte, i) => byte === bytes[i]);
    const now = this.context.clock.now();
    if (is(STATUS)) return 1;
    if (is(SOFT_RESET)) this.reset();
    else if (this.busy()) this.context.warn(`${message} while it is busy: ignored`); // assumed
    else if (is(INITIALISE, 0x08, 0x00)) {
      this.calibrated = true;
      this.busyUntilMs = now + INITIALISE_MS;
    } else if (is(TRIGGER, 0x33, 0x00)) this.trigger();
    else this.context.warn(`${message} is no command: ignored`);
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    if (this.context.clock.now() < this.asleepUntilMs) return undefined;
    if (count === 0) return new Uint8Array();
    this.settle();
    // 7.4: status, humidity and temperature of 20 bits each; those of the last measurement while it is busy (assumed).
    const { humidity: h, temperature: t } = this;
    const data = [this.status(), h >> 12, (h >> 4) & 0xff, ((h & 0x0f) << 4) | (t >> 16), (t >> 8) & 0xff, t & 0xff];
    data.push(crc8(data, 0xff) ^ (this.context.faults.has("crc") ? 0x10 : 0));
    return Uint8Array.from({ length: count }, (_, i) => data[i] ?? 0xff);
  }

  private trigger(): void {
    const { faults, clock } = this.context;
    const temperature = this.context.signal("temperature");
    const humidity = this.context.signal("humidity");
    // 8: RH = S_RH / 2^20 * 100 %, T = S_T / 2^20 * 200 - 50. 100 % would need 21 bits.
    this.running = {
      endMs: clock.now() + MEASURE_MS[faults.has("slow") ? "maximum" : "typical"],
      humidity: Math.min(0xfffff, Math.round((humidity / 100) * 2 ** 20)),
      temperature: Math.round(((temperature + 50) / 200) * 2 ** 20),
    };
  }

  private settle(): void {
    const { running } = this;
    if (running === undefined || this.context.clock.now() < running.endMs) return;
    this.running = undefined;
    // Without its calibration the part measures nothing that is true (assumed: zeros).
    this.humidity = this.calibrated ? running.humidity : 0;
    this.temperature = this.calibrated ? running.temperature : 0;
  }

  private busy(): boolean {
    return this.running !== undefined || this.context.clock.now() < this.busyUntilMs;
  }

  private status(): number {
    return RESERVED | (this.busy() ? BUSY : 0) | (this.calibrated ? CALIBRATED : 0);
  }

  private loads(): boolean {
    return !this.context.faults.has("uncalibrated");
  }

  private reset(): void {
    this.calibrated = this.loads();
    this.humidity = this.temperature = 0;
    this.running = undefined;
    this.busyUntilMs = -Infinity;
    this.asleepUntilMs = this.context.clock.now() + SOFT_RESET_MS;
  }
}

export const part: PartDefinition = {
  title: "ASAIR AHT20",
  bus: "i2c",
  signals: () => SIGNALS,
  faults: {
    crc: "the CRC is wrong",
    slow: "takes 80 ms for a measurement instead of 60",
    uncalibrated: "comes up without its calibration after a reset, until it is initialised",
  },
  create: (context) => new Aht20(context),
};
