/**
 * Texas Instruments HDC1080: temperature, humidity. I2C, 0x40.
 *
 * Datasheet SNAS672A (January 2016). Sections used: 7.5 and 7.6 (conversion and start-up times), 8.5 programming
 * (reads while a measurement runs are not acknowledged), 8.6 register map (tables 1 to 7, conversion), 9.2
 * measurement sequence. Where it is silent the comment says "assumed".
 */
import { hex } from "../buses/i2c.ts";
import type { I2cPart, PartContext, PartDefinition, SignalSpec } from "../types.ts";

// Register map, table 1.
const TEMPERATURE = 0x00;
const HUMIDITY = 0x01;
const CONFIGURATION = 0x02;
const SERIAL = 0xfb; // three registers: 41 bits
const MANUFACTURER = 0xfe;
const DEVICE = 0xff;

const MANUFACTURER_ID = 0x5449;
const DEVICE_ID = 0x1050;

// Configuration, table 4.
const RST = 1 << 15;
const MODE = 1 << 12; // temperature and humidity in sequence
const CONFIGURATION_RESET = MODE;
const WRITABLE = 0x3700; // heater, mode, resolutions; 11 is the battery's status

/** 7.5: conversion time, ms, by the field TRES and the field HRES. The datasheet gives one figure: typical. */
const TEMPERATURE_MS = [6.35, 3.65] as const;
const HUMIDITY_MS = [6.5, 3.85, 2.5, 2.5] as const;
const TEMPERATURE_BITS = [14, 11] as const;
const HUMIDITY_BITS = [14, 11, 8, 8] as const;
/** No maximum is given. Assumed: a slow part takes a tenth more. */
const SLOW = 1.1;
/** 7.6: start-up time, the maximum. */
const START_UP_MS = 15;

const SIGNALS: SignalSpec[] = [
  { name: "temperature", unit: "°C", mean: 21, swing: 5, min: -40, max: 125 },
  { name: "humidity", unit: "%", mean: 55, swing: -12, min: 0, max: 100 },
];

/** What a measurement gives when it ends. */
interface Running { endMs: number; temperature?: number; humidity?: number }

class Hdc1080 implements I2cPart {
  private readonly serial: number[];
  private pointer = TEMPERATURE;
  private configuration = CONFIGURATION_RESET;
  /** Assumed: 0 until the first measurement. */
  private temperature = 0;
  private humidity = 0;
  private running: Running | undefined;
  private asleepUntilMs: number;

  constructor(private readonly context: PartContext) {
    this.asleepUntilMs = context.poweredMs + START_UP_MS;
    this.serial = [context.rng.below(0x10000), context.rng.below(0x10000), context.rng.below(0x200) << 7];
  }

  write(bytes: Uint8Array): number {
    this.settle();
    if (this.context.clock.now() < this.asleepUntilMs) return -1;
    if (bytes.length === 0) return 0;
    const register = bytes[0]!;
    // Assumed: what comes while a measurement runs is acknowledged, and the pointer alone changes.
    this.pointer = register;
    if (bytes.length === 1) this.point();
    else if (register === CONFIGURATION && bytes.length === 3) this.configure((bytes[1]! << 8) | bytes[2]!);
    else this.context.warn(`write of ${bytes.length - 1} bytes to register ${hex(register)}: ignored`);
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    this.settle();
    if (this.context.clock.now() < this.asleepUntilMs) return undefined;
    const measured = this.pointer === TEMPERATURE || this.pointer === HUMIDITY;
    // 8.5: "if the read is attempted before the measurement is done, the HDC1080 answers with a NACK".
    if (measured && this.running !== undefined) return undefined;
    if (count === 0) return new Uint8Array();
    const words = this.pointer === TEMPERATURE && (this.configuration & MODE) !== 0
      ? [this.temperature, this.humidity] : [this.register(this.pointer)];
    const data = words.flatMap((word) => [word >> 8, word & 0xff]);
    return Uint8Array.from({ length: count }, (_, i) => data[i] ?? 0xff);
  }

  /** 8.5: a write of the pointer alone to 0x00 or 0x01 triggers a measurement. */
  private point(): void {
    if (this.pointer > HUMIDITY || this.running !== undefined) return;
    const both = this.pointer === TEMPERATURE && (this.configuration & MODE) !== 0;
    const temperature = this.context.signal("temperature");
    const humidity = this.context.signal("humidity");
    const tres = (this.configuration >> 10) & 1;
    const hres = (this.configuration >> 8) & 3;
    const slow = this.context.faults.has("slow") ? SLOW : 1;
    const running: Running = { endMs: this.context.clock.now() };
    if (both || this.pointer === TEMPERATURE) {
      // Table 2: T = S / 2^16 * 165 - 40.
      running.temperature = leftAligned((temperature + 40) / 165, TEMPERATURE_BITS[tres]!);
      running.endMs += TEMPERATURE_MS[tres]! * slow;
    }
    if (both || this.pointer === HUMIDITY) {
      // Table 3: RH = S / 2^16 * 100.
      running.humidity = leftAligned(humidity / 100, HUMIDITY_BITS[hres]!);
      running.endMs += HUMIDITY_MS[hres]! * slow;
    }
    this.running = running;
  }

  private configure(value: number): void {
    if ((value & RST) !== 0) return this.reset();
    if ((value & 0x40ff) !== 0) this.context.warn(`write of reserved bits to register ${hex(CONFIGURATION)}`);
    this.configuration = value & WRITABLE;
  }

  private register(register: number): number {
    switch (register) {
      case TEMPERATURE: return this.temperature;
      case HUMIDITY: return this.humidity;
      case CONFIGURATION: return this.configuration;
      case SERIAL: case SERIAL + 1: case SERIAL + 2: return this.serial[register - SERIAL]!;
      case MANUFACTURER: return this.context.faults.has("garbage") ? 0xffff : MANUFACTURER_ID;
      case DEVICE: return this.context.faults.has("garbage") ? 0xffff : DEVICE_ID;
    }
    this.context.warn(`read of unmapped register ${hex(register)}`);
    return 0xffff;
  }

  private settle(): void {
    const { running } = this;
    if (running === undefined || this.context.clock.now() < running.endMs) return;
    this.running = undefined;
    this.temperature = running.temperature ?? this.temperature;
    this.humidity = running.humidity ?? this.humidity;
  }

  private reset(): void {
    this.pointer = TEMPERATURE;
    this.configuration = CONFIGURATION_RESET;
    this.temperature = this.humidity = 0;
    this.running = undefined;
    this.asleepUntilMs = this.context.clock.now() + START_UP_MS;
  }
}

/** A share of 2^16 in the upper bits of a word. */
function leftAligned(share: number, bits: number): number {
  return Math.min(2 ** bits - 1, Math.max(0, Math.round(share * 2 ** bits))) << (16 - bits);
}

export const part: PartDefinition = {
  title: "Texas Instruments HDC1080",
  bus: "i2c",
  signals: () => SIGNALS,
  faults: {
    garbage: "wrong manufacturer and device ids",
    slow: "takes a tenth longer than the datasheet's conversion time",
  },
  create: (context) => new Hdc1080(context),
};
