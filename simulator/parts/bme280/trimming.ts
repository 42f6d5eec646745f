/**
 * Trimming and converter of the BME280: the compensation of datasheet 8.1 in double precision, and its
 * inverse.
 */
import type { Rng } from "../../types.ts";

/** The compensation words of table 16. */
export interface Trimming {
  T: [T1: number, T2: number, T3: number];
  P: [P1: number, P2: number, P3: number, P4: number, P5: number, P6: number, P7: number, P8: number, P9: number];
  H: [H1: number, H2: number, H3: number, H4: number, H5: number, H6: number];
}

/**
 * The trimming of one chip. No two are alike: around the example of the BMP280 datasheet (BST-BMP280-DS001,
 * 3.12), and for the humidity around what parts on the market carry, as far as such parts differ.
 */
export function trimmingOf(rng: Rng): Trimming {
  const about = (value: number, spread: number): number => value - spread + rng.below(2 * spread + 1);
  return {
    T: [about(27504, 600), about(26435, 400), about(-475, 525)],
    P: [about(36477, 800), about(-10685, 150), 3024, about(4300, 2600), about(20, 180), -7, 15500, -14600, 6000],
    H: [75, about(362, 12), 0, about(320, 30), about(25, 25), 30],
  };
}

/** Register address to byte, as table 16 lays the words out: little endian, H4 and H5 of 12 bits sharing 0xE5. */
export function trimmingBytes({ T, P, H }: Trimming, hasHumidity: boolean): Map<number, number> {
  const bytes = new Map<number, number>();
  for (let register = 0x88; register <= 0xa1; register++) bytes.set(register, 0);
  const word = (register: number, value: number): void => {
    bytes.set(register, value & 0xff).set(register + 1, (value >> 8) & 0xff);
  };
  [...T, ...P].forEach((value, i) => word(0x88 + 2 * i, value));
  if (!hasHumidity) return bytes;
  for (let register = 0xe1; register <= 0xf0; register++) bytes.set(register, 0);
  const [h1, h2, h3, h4, h5, h6] = H;
  bytes.set(0xa1, h1);
  word(0xe1, h2);
  bytes.set(0xe3, h3);
  bytes.set(0xe4, (h4 >> 4) & 0xff);
  bytes.set(0xe5, (h4 & 0x0f) | ((h5 & 0x0f) << 4));
  bytes.set(0xe6, (h5 >> 4) & 0xff);
  bytes.set(0xe7, h6 & 0xff);
  return bytes;
}

/** 8.1: t_fine, 5120 a degree. */
function fineTemperature({ T: [t1, t2, t3] }: Trimming, adc: number): number {
  const a = (adc / 16384 - t1 / 1024) * t2;
  const b = (adc / 131072 - t1 / 8192) ** 2 * t3;
  return a + b;
}

/** 8.1: Pa. */
function pressurePa({ P: [p1, p2, p3, p4, p5, p6, p7, p8, p9] }: Trimming, adc: number, tFine: number): number {
  let a = tFine / 2 - 64000;
  let b = (a * a * p6) / 32768;
  b += a * p5 * 2;
  b = b / 4 + p4 * 65536;
  a = ((p3 * a * a) / 524288 + p2 * a) / 524288;
  a = (1 + a / 32768) * p1;
  const p = ((1048576 - adc - b / 4096) * 6250) / a;
  return p + ((p9 * p * p) / 2147483648 + (p * p8) / 32768 + p7) / 16;
}

/** 8.1: % relative humidity, before it is limited to 0 to 100. */
function humidity({ H: [h1, h2, h3, h4, h5, h6] }: Trimming, adc: number, tFine: number): number {
  const x = tFine - 76800;
  const h = (adc - (h4 * 64 + (h5 / 16384) * x))
    * ((h2 / 65536) * (1 + (h6 / 67108864) * x * (1 + (h3 / 67108864) * x)));
  return h * (1 - (h1 * h) / 524288);
}

/** The converter's value, 20 bits with a fraction, at a temperature. */
export function temperatureAdc(trimming: Trimming, temperatureC: number): number {
  return inverse((adc) => fineTemperature(trimming, adc), temperatureC * 5120, 0x100000);
}

/** The converter's value, 20 bits with a fraction, at a pressure; the chip has the air's temperature. */
export function pressureAdc(trimming: Trimming, pascal: number, temperatureC: number): number {
  return inverse((adc) => -pressurePa(trimming, adc, temperatureC * 5120), -pascal, 0x100000);
}

/** The converter's value, 16 bits (3.4.1). */
export function humidityAdc(trimming: Trimming, percent: number, temperatureC: number): number {
  const adc = inverse((value) => humidity(trimming, value, temperatureC * 5120), percent, 0x10000);
  return Math.min(0xffff, Math.round(adc));
}

/**
 * Where the rising function `f` has the value `target`, between 0 and `limit`; the nearer end where it never
 * has.
 */
export function inverse(f: (x: number) => number, target: number, limit: number): number {
  let low = 0;
  let high = limit;
  for (let i = 0; i < 44; i++) {
    const middle = (low + high) / 2;
    if (f(middle) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
