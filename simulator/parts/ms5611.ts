/**
 * TE Connectivity (Measurement Specialties) MS5611-01BA03: pressure, temperature. I2C, 0x77 with CSB low, 0x76 high.
 *
 * Datasheet (June 2017; DA5611-01BA03_011): analog digital converter (conversion times), pressure and temperature
 * calculation (figure 2), second order temperature compensation (figure 3), commands (figure 4), I2C interface; AN520
 * for the CRC of the PROM. The converter's values are what those formulas turn back into the world's.
 */
import type { I2cPart, PartContext, PartDefinition } from "../types.ts";
import { hex } from "../buses/i2c.ts";

const RESET = 0x1e;
const ADC_READ = 0x00;
const CONVERT_D1 = 0x40;
const CONVERT_D2 = 0x50;
const PROM = 0xa0;

/** "the PROM is loaded": after a reset nothing is acknowledged for so long. */
const RELOAD_MS = 2.8;
/** OSR 256 to 4096: typical and longest conversion, ms. */
const TIMES_MS = [[0.54, 0.6], [1.06, 1.17], [2.08, 2.28], [4.13, 4.54], [8.22, 9.04]] as const;
const MOST = 2 ** 24 - 1;

/** C1 to C6 of the datasheet's example; each chip is some per cent off. */
export const EXAMPLE = [40127, 36924, 23317, 23282, 33464, 28312];
const SPREAD = 0.03;

/** AN520: 4 bits, polynomial 0x3000, over the eight words with the CRC itself taken for 0. */
export function crc4(words: number[]): number {
  let rest = 0;
  for (let i = 0; i < 16; i++) {
    const word = i < 14 ? words[i >> 1]! : words[7]! & 0xff00;
    rest ^= i % 2 === 1 ? word & 0xff : word >> 8;
    for (let bit = 0; bit < 8; bit++) rest = (rest & 0x8000 ? (rest << 1) ^ 0x3000 : rest << 1) & 0xffff;
  }
  return rest >> 12;
}

interface Computed { centi: number; pressure: number }

/** Figures 2 and 3 with fractions: 0.01 degC, 0.01 mbar. */
export function computed(c: number[], d1: number, d2: number): Computed {
  const [c1, c2, c3, c4, c5, c6] = c as [number, number, number, number, number, number];
  const dt = d2 - c5 * 256;
  let centi = 2000 + (dt * c6) / 2 ** 23;
  let offset = c2 * 2 ** 16 + (c4 * dt) / 2 ** 7;
  let sensitivity = c1 * 2 ** 15 + (c3 * dt) / 2 ** 8;
  if (centi < 2000) {
    const cold = (centi - 2000) ** 2;
    const veryCold = centi < -1500 ? (centi + 1500) ** 2 : 0;
    offset -= (5 * cold) / 2 + 7 * veryCold;
    sensitivity -= (5 * cold) / 4 + (11 * veryCold) / 2;
    centi -= dt ** 2 / 2 ** 31;
  }
  return { centi, pressure: ((d1 * sensitivity) / 2 ** 21 - offset) / 2 ** 15 };
}

/** The whole number for which a rising function comes closest to a value. */
function solve(wanted: number, rising: (x: number) => number): number {
  let [low, high] = [0, MOST];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising(middle) < wanted) low = middle + 1;
    else high = middle;
  }
  return low > 0 && wanted - rising(low - 1) < rising(low) - wanted ? low - 1 : low;
}

class Ms5611 implements I2cPart {
  private readonly prom: number[];
  private readonly coefficients: number[];
  private readonly late: number;
  private busyUntilMs: number;
  /** The PROM has to be loaded by a reset after power-on. */
  private isLoaded = false;
  private conversion: { endMs: number; value: number } | undefined;
  private result = 0;
  private answer: number[] = [];

  constructor(private readonly context: PartContext) {
    this.coefficients = EXAMPLE.map((value) => Math.round(value * (1 + (context.rng.next() * 2 - 1) * SPREAD)));
    const serial = context.rng.below(4096) << 4;
    this.prom = [context.rng.below(65536), ...this.coefficients, serial];
    this.prom[7] = serial | crc4(this.prom);
    this.late = context.rng.next();
    this.busyUntilMs = context.poweredMs + RELOAD_MS;
  }

  write(bytes: Uint8Array): number {
    if (this.isReloading()) return -1;
    this.settle();
    if (bytes.length > 1) this.context.warn(`a command of ${bytes.length} bytes: they are of one`);
    if (bytes.length > 0) this.command(bytes[0]!);
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    if (this.isReloading()) return undefined;
    const { answer } = this;
    if (count > answer.length) this.context.warn(`read of ${count} bytes where ${answer.length} are`);
    return Uint8Array.from({ length: count }, (_, i) => answer[i] ?? 0);
  }

  private isReloading(): boolean {
    return this.context.clock.now() < this.busyUntilMs;
  }

  private settle(): void {
    if (this.conversion === undefined || this.context.clock.now() < this.conversion.endMs) return;
    this.result = this.conversion.value;
    this.conversion = undefined;
  }

  private command(code: number): void {
    if (code === RESET) {
      this.isLoaded = true;
      this.conversion = undefined;
      this.result = 0;
      this.answer = [];
      this.busyUntilMs = this.context.clock.now() + RELOAD_MS;
    } else if (code === ADC_READ) {
      this.readAdc();
    } else if ((code & 0xf0) === PROM && (code & 1) === 0) {
      const word = this.isLoaded ? this.prom[(code & 15) >> 1]! : 0;
      this.answer = [word >> 8, word & 0xff];
    } else if ((code & 0xe0) === CONVERT_D1 && (code & 1) === 0 && (code & 15) <= 8) {
      this.convert((code & 0xf0) === CONVERT_D2, (code & 15) >> 1);
    } else {
      this.context.warn(`${hex(code)} is no command`);
    }
  }

  /** Read during a conversion it gives 0, and the conversion comes out wrong; read twice it gives 0. */
  private readAdc(): void {
    if (this.conversion) {
      this.context.warn("ADC read during a conversion: 0, and a wrong result");
      this.conversion.value = this.context.rng.below(MOST);
    }
    this.answer = [this.result >> 16, (this.result >> 8) & 0xff, this.result & 0xff];
    this.result = 0;
  }

  private convert(isTemperature: boolean, osr: number): void {
    const [typical, longest] = TIMES_MS[osr]!;
    const endMs = this.context.clock.now() + typical + (longest - typical) * this.late;
    if (this.conversion) this.context.warn("a conversion during a conversion: a wrong result");
    const value = this.conversion ? this.context.rng.below(MOST) : this.adc(isTemperature);
    this.conversion = { endMs, value };
  }

  private adc(isTemperature: boolean): number {
    const c = this.coefficients;
    const d2 = solve(this.context.signal("temperature") * 100, (x) => computed(c, 0, x).centi);
    if (isTemperature) return d2;
    return solve(this.context.signal("pressure") * 100, (x) => computed(c, x, d2).pressure);
  }
}

export const part: PartDefinition = {
  title: "TE MS5611-01BA03",
  bus: "i2c",
  signals: () => [
    { name: "pressure", unit: "hPa", mean: 1013, swing: 4, min: 10, max: 1200 },
    { name: "temperature", unit: "°C", mean: 21, swing: 5, min: -40, max: 85 },
  ],
  faults: {},
  create: (context) => new Ms5611(context),
};
