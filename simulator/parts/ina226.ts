/**
 * Texas Instruments INA226: current by a shunt, voltage, power, averaged. I2C, 0x40 to 0x4F by A0 and A1.
 *
 * Datasheet SBOS547B, September 2024 (in SBOS547A chapter 7 is what 6 and 7 are here): 5.5 electrical characteristics
 * (conversion times: the longest are 10 % above the typical ones), 6.3 basic ADC functions, 6.5 programming, 7.1
 * registers with tables 7-3 to 7-6. The board's option `shuntOhms` is the resistor, 0.1 ohm without it; the signals are
 * the current through it and the voltage of the bus. The alert pin is not modelled.
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
const MASK_ENABLE = 6;
const ALERT_LIMIT = 7;
const MANUFACTURER = 0xfe;
const DIE = 0xff;

const AFTER_RESET = 0x4127;
const RST = 0x8000;
// MODE[2:0], table 7-6.
const MEASURES_SHUNT = 1;
const MEASURES_BUS = 2;
const CONTINUOUS = 4;
// Mask/Enable.
const CVRF = 0x0008;
const OVF = 0x0004;
const WRITABLE = 0xfc03;

const SHUNT_LSB_VOLTS = 2.5e-6;
const BUS_LSB_VOLTS = 1.25e-3;
/** AVG[2:0], table 7-3. */
const AVERAGES = [1, 4, 16, 64, 128, 256, 512, 1024];
/** VBUSCT and VSHCT, tables 7-4 and 7-5, ms. */
const TIME_MS = [0.14, 0.204, 0.332, 0.588, 1.1, 2.116, 4.156, 8.244];
const TIME_OFF = 0.1;

export const SHUNT_OHMS = 0.1;

class Ina226 extends WordPart {
  private configuration = AFTER_RESET;
  private calibration = 0;
  private mask = 0;
  private limit = 0;
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
    this.convert();
  }

  protected has(register: number): boolean {
    return register <= ALERT_LIMIT || register >= MANUFACTURER;
  }

  protected readWord(register: number): number {
    switch (register) {
      case CONFIGURATION: return this.configuration;
      case SHUNT: return word16(this.shunt);
      case BUS: return this.bus;
      case POWER: return this.power;
      case CURRENT: return word16(this.current);
      case CALIBRATION: return this.calibration;
      case MASK_ENABLE: {
        const flags = (this.isReady ? CVRF : 0) | (this.isOver ? OVF : 0);
        this.isReady = false;
        return this.mask | flags;
      }
      case ALERT_LIMIT: return this.limit;
      case MANUFACTURER: return 0x5449;
      case DIE: return 0x2260;
      default: return 0;
    }
  }

  protected writeWord(register: number, word: number): void {
    if (register === CONFIGURATION) this.configure(word);
    else if (register === CALIBRATION) this.calibration = word & 0x7fff;
    else if (register === MASK_ENABLE) this.mask = word & WRITABLE;
    else if (register === ALERT_LIMIT) this.limit = word;
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
      this.calibration = this.mask = this.limit = this.shunt = this.bus = this.current = this.power = 0;
      this.isReady = this.isOver = false;
    } else {
      // Bits 14 to 12 read 100.
      this.configuration = (word & 0x0fff) | 0x4000;
      if ((word & 3) !== 0) this.isReady = false;
    }
    this.convert();
  }

  private convert(): void {
    const mode = this.configuration & 7;
    const once = (mode & MEASURES_SHUNT ? TIME_MS[(this.configuration >> 3) & 7]! : 0)
      + (mode & MEASURES_BUS ? TIME_MS[(this.configuration >> 6) & 7]! : 0);
    if (once === 0) return this.converter.stop();
    const averages = AVERAGES[(this.configuration >> 9) & 7]!;
    this.converter.start(once * averages * this.factor, (mode & CONTINUOUS) !== 0);
  }

  private load({ current, voltage }: { current: number; voltage: number }): void {
    const mode = this.configuration & 7;
    if (mode & MEASURES_SHUNT) this.shunt = signed16(word16((current * this.shuntOhms) / SHUNT_LSB_VOLTS));
    if (mode & MEASURES_BUS) this.bus = Math.min(0x7fff, Math.max(0, Math.round(voltage / BUS_LSB_VOLTS)));
    // 6.5: equations 3 and 4.
    const exact = Math.trunc((this.shunt * this.calibration) / 2048);
    const power = Math.trunc((Math.abs(exact) * this.bus) / 20000);
    this.isOver = exact !== signed16(word16(exact)) || power > 0xffff;
    this.current = exact;
    this.power = power & 0xffff;
    this.isReady = true;
  }
}

export const part: PartDefinition = {
  title: "Texas Instruments INA226",
  bus: "i2c",
  signals: ({ shuntOhms = SHUNT_OHMS }) => {
    const most = 0.08192 / (shuntOhms as number);
    return [
      { name: "current", unit: "A", mean: most / 4, swing: most / 8, min: -most, max: most },
      { name: "voltage", unit: "V", mean: 12, swing: 1, min: 0, max: 36 },
    ];
  },
  faults: {},
  create: (context) => new Ina226(context),
};
