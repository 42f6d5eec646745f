/**
 * TE Connectivity (MEAS) HTU21D and Silicon Labs Si7021: temperature, humidity. I2C, 0x40. The option `model` says
 * which.
 *
 * Datasheets HTU21D(F) HPC199_6 and Si7021-A20 revision 1.3. Sections used, HTU21D: "Sensor performance" (conversion
 * times), "Communication protocol", "User register", "CRC-8 checksum calculations", "Conversion of signal outputs",
 * "Temperature coefficient compensation equation"; Si7021: table 2 (conversion and power-up time), 5 (I2C, table 11),
 * 5.1 (measurements), 5.4 (serial number), 5.5 (firmware), 6 (registers). The serial number of the HTU21D is not in
 * its datasheet but in TE's own driver (generic driver HTU21D, "read serial number"). Else "assumed".
 */
import { hex } from "../buses/i2c.ts";
import type { I2cPart, PartContext, PartDefinition, SignalSpec } from "../types.ts";
import { crc8 } from "./common/crc8.ts";

const TEMPERATURE_HOLD = 0xe3;
const HUMIDITY_HOLD = 0xe5;
const TEMPERATURE = 0xf3;
const HUMIDITY = 0xf5;
const TEMPERATURE_OF_HUMIDITY = 0xe0; // Si7021 alone
const WRITE_USER = 0xe6;
const READ_USER = 0xe7;
const WRITE_HEATER = 0x51; // Si7021 alone
const READ_HEATER = 0x11;
const SOFT_RESET = 0xfe;
// Commands of two bytes.
const SERIAL_A = 0xfa0f;
const SERIAL_B = 0xfcc9;
const FIRMWARE = 0x84b8; // Si7021 alone

/** The two lowest bits of a result say what it is. */
const IS_HUMIDITY = 2;
/** Bits 7 and 0 of the user register: bits of humidity and temperature. */
const RESOLUTION: Record<number, [humidity: number, temperature: number]> = {
  0x00: [12, 14], 0x01: [8, 12], 0x80: [10, 13], 0x81: [11, 11],
};

interface Model {
  /** The user register after power-on, and its bits that can be written. */
  user: number;
  writable: number;
  /** ms by bits: typical, maximum. */
  temperatureMs: Record<number, [number, number]>;
  humidityMs: Record<number, [number, number]>;
  /** A humidity takes a temperature with it. */
  both: boolean;
  resetMs: number;
  startUpMs: number;
  /** % a degC: what is measured beside the truth, between 0 and 80 degC, for who reads it to put right. */
  coefficient: number;
  /** First byte of the second half of the serial number. */
  id: number;
}

const MODELS: Record<"htu21d" | "si7021", Model> = {
  htu21d: {
    user: 0x02, writable: 0x87,
    temperatureMs: { 14: [44, 50], 13: [22, 25], 12: [11, 13], 11: [6, 7] },
    humidityMs: { 12: [14, 16], 11: [7, 8], 10: [4, 5], 8: [2, 3] },
    both: false, resetMs: 15, startUpMs: 15, coefficient: -0.15, id: 0x32,
  },
  si7021: {
    user: 0x3a, writable: 0x85,
    temperatureMs: { 14: [7, 10.8], 13: [4, 6.2], 12: [2.4, 3.8], 11: [1.5, 2.4] },
    humidityMs: { 12: [10, 12], 11: [5.8, 7], 10: [3.7, 4.5], 8: [2.6, 3.1] },
    both: true, resetMs: 15, startUpMs: 80, coefficient: 0, id: 0x15,
  },
};

const SIGNALS: SignalSpec[] = [
  { name: "temperature", unit: "°C", mean: 21, swing: 5, min: -40, max: 125 },
  { name: "humidity", unit: "%", mean: 55, swing: -12, min: 0, max: 100 },
];

class Htu21d implements I2cPart {
  private readonly model: Model;
  private readonly serial: number[];
  private user: number;
  private heater = 0;
  private answer: number[] | undefined;
  private readyMs = -Infinity;
  private measuring: "hold" | "no hold" | undefined;
  /** Si7021: the temperature that the last humidity was measured at. */
  private lastTemperature = 0;
  private asleepUntilMs: number;

  constructor(private readonly context: PartContext) {
    this.model = MODELS[context.options["model"] === "si7021" ? "si7021" : "htu21d"];
    this.user = this.model.user;
    this.asleepUntilMs = context.poweredMs + this.model.startUpMs;
    this.serial = Array.from({ length: 4 }, () => context.rng.below(256));
  }

  write(bytes: Uint8Array): number {
    const now = this.context.clock.now();
    if (now < this.asleepUntilMs) return -1;
    if (bytes.length === 0) return 0;
    // Assumed: a part that measures acknowledges nothing but a soft reset.
    if (this.measuring !== undefined && now < this.readyMs && bytes[0] !== SOFT_RESET) return -1;
    this.measuring = this.answer = undefined;
    this.readyMs = now;
    this.command(bytes);
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    const now = this.context.clock.now();
    if (now < this.asleepUntilMs || this.answer === undefined) return undefined;
    if (now < this.readyMs) {
      if (this.measuring === "no hold") return undefined;
      if (count > 0) this.context.warn("a read that a held clock would block until the end of the measurement");
    }
    if (count === 0) return new Uint8Array();
    const { answer } = this;
    this.measuring = this.answer = undefined;
    return Uint8Array.from({ length: count }, (_, i) => answer[i] ?? 0xff);
  }

  private command(bytes: Uint8Array): void {
    const [first, second] = [bytes[0]!, bytes[1]];
    const word = second === undefined ? -1 : (first << 8) | second;
    if (bytes.length === 1 && this.measures(first)) return;
    if (first === WRITE_USER && bytes.length === 2) {
      const { writable } = this.model;
      if (((second! ^ this.user) & ~writable) !== 0) this.context.warn("a write that changes reserved bits of the user register");
      this.user = (this.user & ~writable) | (second! & writable);
    } else if (first === READ_USER && bytes.length === 1) this.answer = [this.user];
    else if (first === SOFT_RESET && bytes.length === 1) this.powerOn();
    else if (word === SERIAL_A && bytes.length === 2) {
      this.answer = this.serial.flatMap((byte, i) => [byte, this.crc(this.serial.slice(0, i + 1))]);
    } else if (word === SERIAL_B && bytes.length === 2) {
      const b = [this.model.id, 0xff, 0xff, 0xff];
      this.answer = [b[0]!, b[1]!, this.crc(b.slice(0, 2)), b[2]!, b[3]!, this.crc(b)];
    } else if (!this.model.both || !this.ofSi7021(bytes, word)) {
      this.context.warn(`${Array.from(bytes, hex).join(" ")} is no command: ignored`);
    }
  }

  private ofSi7021(bytes: Uint8Array, word: number): boolean {
    if (word === FIRMWARE) this.answer = [0x20];
    else if (bytes[0] === WRITE_HEATER && bytes.length === 2) this.heater = bytes[1]! & 0x0f;
    else if (bytes[0] === READ_HEATER && bytes.length === 1) this.answer = [this.heater];
    else if (bytes[0] === TEMPERATURE_OF_HUMIDITY && bytes.length === 1) {
      this.answer = [this.lastTemperature >> 8, this.lastTemperature & 0xff]; // 5.1.2: without a CRC
    } else return false;
    return true;
  }

  private measures(command: number): boolean {
    const [humidityBits, temperatureBits] = RESOLUTION[this.user & 0x81]!;
    if (command === TEMPERATURE || command === TEMPERATURE_HOLD) {
      this.start(this.temperatureCode(temperatureBits), this.ms(this.model.temperatureMs, temperatureBits));
    } else if (command === HUMIDITY || command === HUMIDITY_HOLD) {
      let ms = this.ms(this.model.humidityMs, humidityBits);
      if (this.model.both) {
        this.lastTemperature = this.temperatureCode(temperatureBits);
        ms += this.ms(this.model.temperatureMs, temperatureBits);
      }
      this.start(this.humidityCode(humidityBits) | IS_HUMIDITY, ms);
    } else return false;
    this.measuring = command === TEMPERATURE || command === HUMIDITY ? "no hold" : "hold";
    return true;
  }

  private start(code: number, ms: number): void {
    const bytes = [code >> 8, code & 0xff];
    this.answer = [...bytes, this.crc(bytes)];
    this.readyMs = this.context.clock.now() + ms;
  }

  private ms(times: Record<number, [number, number]>, bits: number): number {
    return times[bits]![this.context.faults.has("slow") ? 1 : 0];
  }

  /** T = -46.85 + 175.72 * S / 2^16, turned back; the code is left-aligned. */
  private temperatureCode(bits: number): number {
    return leftAligned((this.context.signal("temperature") + 46.85) / 175.72, bits);
  }

  /** RH = -6 + 125 * S / 2^16, turned back, and the temperature coefficient: RHc = RH + (25 - T) * coefficient. */
  private humidityCode(bits: number): number {
    const temperature = this.context.signal("temperature");
    const humidity = this.context.signal("humidity");
    const compensated = Math.min(80, Math.max(0, temperature));
    return leftAligned((humidity - (25 - compensated) * this.model.coefficient + 6) / 125, bits);
  }

  private crc(bytes: number[]): number {
    return crc8(bytes, 0) ^ (this.context.faults.has("crc") ? 0x10 : 0);
  }

  private powerOn(): void {
    this.user = this.model.user;
    this.heater = 0;
    this.measuring = this.answer = undefined;
    this.asleepUntilMs = this.context.clock.now() + this.model.resetMs;
  }
}

/** A share of 2^16 in the upper bits of a word, without the two of the status. */
function leftAligned(share: number, bits: number): number {
  const code = Math.round(share * 2 ** bits);
  return Math.min(2 ** bits - 1, Math.max(0, code)) << (16 - bits);
}

export const part: PartDefinition = {
  title: "TE HTU21D, Silicon Labs Si7021",
  bus: "i2c",
  signals: () => SIGNALS,
  faults: {
    crc: "each CRC is wrong",
    slow: "takes the maximum measurement time instead of the typical one",
  },
  create: (context) => new Htu21d(context),
};
