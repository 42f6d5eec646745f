/**
 * ST LIS3DH: acceleration on three axes, and the chip's temperature. I2C, 0x18 with SDO/SA0 low, 0x19 high.
 *
 * Datasheet DocID17530 revision 2 (December 2016): table 4 (sensitivity by range and mode), 3.2.1 operating modes
 * (tables 10 and 11), 5.1.1 (bit 7 of the address makes a message go on through the registers), 7 register map (table
 * 21), 8.1 to 8.16 registers. FIFO, interrupts and clicks are not modelled: their registers can be written and read.
 */
import type { PartContext, PartDefinition } from "../types.ts";
import { Converter, oscillator } from "./common/converter.ts";
import { RegisterPart } from "./common/registers.ts";

const STATUS_AUX = 0x07;
const OUT_ADC3_L = 0x0c;
const OUT_ADC3_H = 0x0d;
const WHO_AM_I = 0x0f;
const CTRL_REG0 = 0x1e;
const TEMP_CFG = 0x1f;
const CTRL_REG1 = 0x20;
const CTRL_REG4 = 0x23;
const CTRL_REG5 = 0x24;
const STATUS = 0x27;
const OUT_X_L = 0x28;
const OUT_Z_H = 0x2d;
const FIFO_SRC = 0x2f;
const LAST = 0x3f;

const CHIP_ID = 0x33;
const BOOT = 0x80;
const LOW_POWER = 0x08;
const BDU = 0x80;
const HIGH_RESOLUTION = 0x08;
const BIG_ENDIAN = 0x40;
/** ADC_EN and TEMP_EN. */
const TEMPERATURE = 0xc0;
const BOOT_MS = 5;

/** CTRL_REG1 ODR[3:0], Hz; 8 is for low power alone, 9 is 1344 Hz, or 5376 in low power. */
const RATE_HZ = [0, 1, 10, 25, 50, 100, 200, 400, 1600, 1344];
/** Of the rate (table 5 gives none of its own; assumed). */
const RATE_OFF = 0.05;
/** Table 4: mg a digit at 12 bits by FS; 10 bits are 4 times, 8 bits 16 times as coarse. */
const SENSITIVITY_MG = [1, 2, 4, 12];

const AXES = ["x", "y", "z"] as const;
type Name = (typeof AXES)[number] | "temperature";
const NAMES: Name[] = [...AXES, "temperature"];

/** Registers that can be written, as they are after a reset, where that is not 0 (table 21). */
const DEFAULTS: [number, number][] = [[CTRL_REG0, 0x10], [CTRL_REG1, 0x07]];

class Lis3dh extends RegisterPart {
  private values = new Map<number, number>(DEFAULTS);
  private out = [0, 0, 0];
  private adc3 = 0;
  /** New data of X, Y, Z; data that was overwritten unread. */
  private fresh = 0;
  private overrun = 0;
  private readonly factor: number;
  private readonly converter: Converter<Name>;
  private bootedMs: number;

  constructor(context: PartContext) {
    super(context);
    this.factor = oscillator(context, RATE_OFF);
    this.converter = new Converter(context, NAMES);
    this.bootedMs = context.poweredMs + BOOT_MS;
  }

  /** Nothing is acknowledged before the trimming is loaded (assumed). */
  protected override acknowledges(): boolean {
    return this.context.clock.now() >= this.bootedMs;
  }

  protected override address(pointer: number): number {
    return pointer & 0x7f;
  }

  protected override next(pointer: number): number {
    return pointer & 0x80 ? 0x80 | ((pointer + 1) & 0x7f) : pointer;
  }

  protected has(register: number): boolean {
    const isOutput = register >= STATUS_AUX && register <= WHO_AM_I && register !== 0x0e;
    return isOutput || (register >= CTRL_REG0 && register <= LAST);
  }

  protected readRegister(register: number): number {
    if (register === WHO_AM_I) return CHIP_ID;
    if (register === OUT_ADC3_L) return 0;
    if (register === OUT_ADC3_H) return this.adc3 & 0xff;
    if (register >= OUT_X_L && register <= OUT_Z_H) return this.readOut(register - OUT_X_L);
    if (register === STATUS) return this.flags(this.fresh) | (this.flags(this.overrun) << 4);
    return this.values.get(register) ?? 0;
  }

  protected writeRegister(register: number, value: number): void {
    const isOutput = (register >= STATUS && register <= OUT_Z_H) || register === FIFO_SRC;
    if (register < CTRL_REG0 || register > LAST || isOutput) return this.ignored(register, value);
    if (register === CTRL_REG5 && (value & BOOT) !== 0) {
      this.bootedMs = this.context.clock.now() + BOOT_MS;
      this.values = new Map(DEFAULTS);
    } else {
      this.values.set(register, value);
    }
    if (register === CTRL_REG1 || register === CTRL_REG5 || register === CTRL_REG4) this.run();
  }

  protected begin(): void {
    const done = this.converter.finished();
    if (!done) return;
    const enabled = this.get(CTRL_REG1) & 7;
    this.overrun |= done.count > 1 ? enabled : this.fresh & enabled;
    this.fresh |= enabled;
    this.out = AXES.map((axis, i) => enabled & (1 << i) ? this.code(done.world[axis]) : this.out[i]!);
    // 8.3, 8.6: the temperature comes by ADC3, with BDU; one digit a degree, from 25 degC on (assumed: no zero is
    // given).
    const hasTemperature = (this.get(TEMP_CFG) & TEMPERATURE) === TEMPERATURE && (this.get(CTRL_REG4) & BDU) !== 0;
    if (hasTemperature) this.adc3 = Math.round(done.world.temperature - 25);
  }

  protected end(): void {
    this.converter.touch();
  }

  private get(register: number): number {
    return this.values.get(register) ?? 0;
  }

  /** Bit 3 of each half: all three. */
  private flags(bits: number): number {
    return bits | (bits === 7 ? 8 : 0);
  }

  private run(): void {
    const control = this.get(CTRL_REG1);
    const isLow = (control & LOW_POWER) !== 0;
    const code = control >> 4;
    const hertz = code === 9 && isLow ? 5376 : code === 8 && !isLow ? 0 : RATE_HZ[code] ?? 0;
    if (hertz === 0) return this.converter.stop();
    this.converter.start((1000 / hertz) * this.factor, true);
  }

  /** Left-aligned in 16 bits: 12, 10 or 8 of them. */
  private code(g: number): number {
    const isLow = (this.get(CTRL_REG1) & LOW_POWER) !== 0;
    const isHigh = !isLow && (this.get(CTRL_REG4) & HIGH_RESOLUTION) !== 0;
    const missing = isLow ? 4 : isHigh ? 0 : 2;
    const digit = (SENSITIVITY_MG[(this.get(CTRL_REG4) >> 4) & 3]! / 1000) * (1 << missing);
    const most = 2048 >> missing;
    const count = Math.min(most - 1, Math.max(-most, Math.round(g / digit)));
    return (count << (4 + missing)) & 0xffff;
  }

  /** The low byte first, or the high one with BLE; reading the second byte of an axis clears its flags. */
  private readOut(at: number): number {
    const axis = at >> 1;
    if (at & 1) {
      this.fresh &= ~(1 << axis);
      this.overrun &= ~(1 << axis);
    }
    const isHigh = ((at & 1) === 1) !== ((this.get(CTRL_REG4) & BIG_ENDIAN) !== 0);
    return isHigh ? this.out[axis]! >> 8 : this.out[axis]! & 0xff;
  }
}

export const part: PartDefinition = {
  title: "ST LIS3DH",
  bus: "i2c",
  signals: () => [
    { name: "x", unit: "g", mean: 0, swing: 0.2, min: -16, max: 16 },
    { name: "y", unit: "g", mean: 0, swing: 0.3, min: -16, max: 16 },
    { name: "z", unit: "g", mean: 1, swing: 0.1, min: -16, max: 16 },
    { name: "temperature", unit: "°C", mean: 25, swing: 5, min: -40, max: 85 },
  ],
  faults: {},
  create: (context) => new Lis3dh(context),
};
