/**
 * Texas Instruments INA219: current by a shunt, voltage, power. I2C, 0x40 to 0x4F by A0 and A1.
 *
 * Datasheet SBOS448G, December 2015: 7.5 electrical characteristics (conversion times: the longest are 10 % above the
 * typical ones), 8.5.1 calibration, 8.6.2.1 configuration (tables 3 to 6), 8.6.3 data output registers, 8.6.4.1
 * calibration register. The board's option `shuntOhms` is the resistor, 0.1 ohm without it; the signals are the current
 * through it and the voltage of the bus behind it.
 */
import type { PartContext, PartDefinition } from "../types.ts";
import { Converter, oscillator } from "./common/converter.ts";
import { signed16, WordPart, word16 } from "./common/words.ts";

const CONFIGURATION = 0;
const SHUNT = 1;
const BUS = 2;
const POWER = 3;
const CURRENT = 4;
const CALIBRATION = 5;

const AFTER_RESET = 0x399f;
const RST = 0x8000;
/** BRNG: 16 V or 32 V full scale. */
const BRNG = 0x2000;
const CNVR = 2;
const OVF = 1;
// MODE[2:0], table 6.
const MEASURES_SHUNT = 1;
const MEASURES_BUS = 2;
const CONTINUOUS = 4;

const SHUNT_LSB_VOLTS = 10e-6;
const BUS_LSB_VOLTS = 4e-3;
/** Table 5: conversion time, ms; the codes of 9 to 12 bits ignore ADC3. */
const RESOLUTION_MS = [0.084, 0.148, 0.276, 0.532];
const SAMPLES_MS = [0.532, 1.06, 2.13, 4.26, 8.51, 17.02, 34.05, 68.1];
const TIME_OFF = 0.1;

export const SHUNT_OHMS = 0.1;

/** What the 4 bits of BADC or SADC ask for: its time, and the bits that are missing to 12. */
function adc(code: number): { ms: number; missing: number } {
  return code & 8
    ? { ms: SAMPLES_MS[code & 7]!, missing: 0 }
    : { ms: RESOLUTION_MS[code & 3]!, missing: 3 - (code & 3) };
}

/** Assumed: each bit of resolution less is a step of twice the size. */
function steps(value: number, missing: number): number {
  return Math.round(value / (1 << missing)) * (1 << missing);
}

class Ina219 extends WordPart {
  private configuration = AFTER_RESET;
  private calibration = 0;
  private shunt = 0;
  private bus = 0;
  private current = 0;
  private power = 0;
  private isReady = false;
  private isOver = false;
  private readonly converter: Converter<"current" | "voltage">;
  private readonly factor: number;
  private readonly shuntOhms: number;

  constructor(context: PartContext) {
    super(context);
    this.converter = new Converter(context, ["current", "voltage"]);
    this.factor = oscillator(context, TIME_OFF);
    this.shuntOhms = (context.options["shuntOhms"] as number | undefined) ?? SHUNT_OHMS;
    // Power comes up in continuous mode.
    this.convert();
  }

  protected has(register: number): boolean {
    return register <= CALIBRATION;
  }

  protected readWord(register: number): number {
    switch (register) {
      case CONFIGURATION: return this.configuration;
      case SHUNT: return word16(this.shunt);
      case BUS: return (this.bus << 3) | (this.isReady ? CNVR : 0) | (this.isOver ? OVF : 0);
      case POWER:
        this.isReady = false;
        return this.power;
      case CURRENT: return word16(this.current);
      default: return this.calibration;
    }
  }

  protected writeWord(register: number, word: number): void {
    if (register === CONFIGURATION) this.configure(word);
    // FS0 is void: it is always 0.
    else if (register === CALIBRATION) this.calibration = word & 0xfffe;
    else this.ignored(register, word);
  }

  protected begin(): void {
    const done = this.converter.finished();
    if (done) this.load(done.world);
  }

  protected end(): void {
    this.converter.touch();
  }

  private configure(word: number): void {
    if ((word & RST) !== 0) {
      this.configuration = AFTER_RESET;
      this.calibration = this.shunt = this.bus = this.current = this.power = 0;
      this.isReady = this.isOver = false;
    } else {
      this.configuration = word & 0x3fff;
      // A mode of power-down or ADC off leaves the flag.
      if ((word & 3) !== 0) this.isReady = false;
    }
    this.convert();
  }

  /** A write of the configuration begins anew, a triggered mode once. */
  private convert(): void {
    const mode = this.configuration & 7;
    const ms = (mode & MEASURES_SHUNT ? adc((this.configuration >> 3) & 15).ms : 0)
      + (mode & MEASURES_BUS ? adc((this.configuration >> 7) & 15).ms : 0);
    if (ms === 0) this.converter.stop();
    else this.converter.start(ms * this.factor, (mode & CONTINUOUS) !== 0);
  }

  private load({ current, voltage }: { current: number; voltage: number }): void {
    const mode = this.configuration & 7;
    if (mode & MEASURES_SHUNT) {
      // PG: 40, 80, 160, 320 mV.
      const most = 4000 << ((this.configuration >> 11) & 3);
      const raw = steps((current * this.shuntOhms) / SHUNT_LSB_VOLTS, adc((this.configuration >> 3) & 15).missing);
      this.shunt = Math.min(most, Math.max(-most, raw));
    }
    if (mode & MEASURES_BUS) {
      const most = (this.configuration & BRNG) !== 0 ? 8000 : 4000;
      const raw = steps(voltage / BUS_LSB_VOLTS, adc((this.configuration >> 7) & 15).missing);
      this.bus = Math.min(most, Math.max(0, raw));
    }
    // 8.5.1: equations 4 and 5.
    const exact = Math.trunc((this.shunt * this.calibration) / 4096);
    const power = Math.trunc((Math.abs(exact) * this.bus) / 5000);
    this.isOver = exact !== signed16(word16(exact)) || power > 0xffff;
    this.current = exact;
    this.power = power & 0xffff;
    this.isReady = true;
  }
}

export const part: PartDefinition = {
  title: "Texas Instruments INA219",
  bus: "i2c",
  signals: ({ shuntOhms = SHUNT_OHMS }) => {
    const most = 0.32 / (shuntOhms as number);
    return [
      { name: "current", unit: "A", mean: most / 8, swing: most / 16, min: -most, max: most },
      { name: "voltage", unit: "V", mean: 12, swing: 1, min: 0, max: 26 },
    ];
  },
  faults: {},
  create: (context) => new Ina219(context),
};
