/**
 * Trimming and converters of the BME680: the compensation of its datasheet (BST-BME680-DS001 revision 1.9, 3.3 and
 * 3.4.1, floating point as in Bosch's BME68x API) and its inverse.
 */
import type { Rng } from "../../types.ts";
import { inverse } from "../bme280/trimming.ts";

/** Tables 11 to 15: the compensation words. */
export interface Trimming {
  T: [T1: number, T2: number, T3: number];
  P: [
    P1: number, P2: number, P3: number, P4: number, P5: number,
    P6: number, P7: number, P8: number, P9: number, P10: number,
  ];
  H: [H1: number, H2: number, H3: number, H4: number, H5: number, H6: number, H7: number];
  G: [G1: number, G2: number, G3: number];
  heaterRange: number;
  heaterValue: number;
  rangeError: number;
}

/** The trimming of one chip: no two are alike, around what parts on the market carry. */
export function trimmingOf(rng: Rng): Trimming {
  const about = (value: number, spread: number): number => value - spread + rng.below(2 * spread + 1);
  return {
    T: [about(26_000, 300), about(26_350, 150), 3],
    P: [
      about(36_500, 700), about(-10_450, 120), 88, about(7000, 600), about(-130, 60), 30, about(46, 12),
      about(-3000, 1200), about(-2450, 300), 30,
    ],
    H: [about(780, 60), about(1010, 30), 0, 45, 20, 120, about(-100, 4)],
    G: [about(-30, 20), about(-8000, 3000), 18],
    heaterRange: 1, heaterValue: about(40, 12), rangeError: about(0, 4),
  };
}

/** Register address to byte, as tables 11 to 15 lay the words out. */
export function trimmingBytes({ T, P, H, G, heaterRange, heaterValue, rangeError }: Trimming): Map<number, number> {
  const bytes = new Map<number, number>();
  for (let register = 0x89; register <= 0xa1; register++) bytes.set(register, 0);
  for (let register = 0xe1; register <= 0xf0; register++) bytes.set(register, 0);
  const byte = (register: number, value: number): void => void bytes.set(register, value & 0xff);
  const word = (register: number, value: number): void => {
    byte(register, value);
    byte(register + 1, value >> 8);
  };
  word(0xe9, T[0]);
  word(0x8a, T[1]);
  byte(0x8c, T[2]);
  const [p1, p2, p3, p4, p5, p6, p7, p8, p9, p10] = P;
  word(0x8e, p1);
  word(0x90, p2);
  byte(0x92, p3);
  word(0x94, p4);
  word(0x96, p5);
  byte(0x99, p6);
  byte(0x98, p7);
  word(0x9c, p8);
  word(0x9e, p9);
  byte(0xa0, p10);
  // H1 and H2 of 12 bits share 0xE2.
  byte(0xe1, H[1] >> 4);
  byte(0xe2, ((H[1] & 15) << 4) | (H[0] & 15));
  byte(0xe3, H[0] >> 4);
  H.slice(2).forEach((value, i) => byte(0xe4 + i, value));
  byte(0xed, G[0]);
  word(0xeb, G[1]);
  byte(0xee, G[2]);
  byte(0x00, heaterValue);
  byte(0x02, heaterRange << 4);
  byte(0x04, rangeError << 4);
  // Reserved (5.2), and read all the same: Bosch's API 4.4 takes 0x00 to 0x04 in one transfer.
  byte(0x01, 0);
  byte(0x03, 0);
  return bytes;
}

/** 3.3.1: t_fine, 5120 a degree. */
function fineTemperature([t1, t2, t3]: Trimming["T"], adc: number): number {
  const a = (adc / 16384 - t1 / 1024) * t2;
  return a + (adc / 131072 - t1 / 8192) ** 2 * t3 * 16;
}

/** 3.3.2: Pa. */
function pressurePa([p1, p2, p3, p4, p5, p6, p7, p8, p9, p10]: Trimming["P"], adc: number, tFine: number): number {
  let a = tFine / 2 - 64000;
  let b = a * a * (p6 / 131072) + a * p5 * 2;
  b = b / 4 + p4 * 65536;
  a = ((p3 * a * a) / 16384 + p2 * a) / 524288;
  a = (1 + a / 32768) * p1;
  const p = ((1048576 - adc - b / 4096) * 6250) / a;
  return p + ((p9 * p * p) / 2147483648 + p * (p8 / 32768) + (p / 256) ** 3 * (p10 / 131072) + p7 * 128) / 16;
}

/** 3.3.3: % relative humidity, before it is limited to 0 to 100. */
function humidity([h1, h2, h3, h4, h5, h6, h7]: Trimming["H"], adc: number, degrees: number): number {
  const a = adc - (h1 * 16 + (h3 / 2) * degrees);
  const b = a * ((h2 / 262144) * (1 + (h4 / 16384) * degrees + (h5 / 1048576) * degrees * degrees));
  return b + (h6 / 16384 + (h7 / 2097152) * degrees) * b * b;
}

/** The converter's value, 20 bits with a fraction. */
export function temperatureAdc({ T }: Trimming, degrees: number): number {
  return inverse((adc) => fineTemperature(T, adc), degrees * 5120, 0x100000);
}

/** The converter's value, 20 bits with a fraction. */
export function pressureAdc({ P }: Trimming, pascal: number, degrees: number): number {
  return inverse((adc) => -pressurePa(P, adc, degrees * 5120), -pascal, 0x100000);
}

/** The converter's value, 16 bits. */
export function humidityAdc({ H }: Trimming, percent: number, degrees: number): number {
  return Math.min(0xffff, Math.round(inverse((adc) => humidity(H, adc, degrees), percent, 0x10000)));
}

/** 3.4.1, table 16: by gas_range_r. */
const CONST_1 = [1, 1, 1, 1, 1, 0.99, 1, 0.992, 1, 1, 0.998, 0.995, 1, 0.99, 1, 1];
const CONST_2 = [
  8_000_000, 4_000_000, 2_000_000, 1_000_000, 499_500.4995, 248_262.1648, 125_000, 63_004.03226, 31_281.28128, 15_625,
  7812.5, 3906.25, 1953.125, 976.5625, 488.28125, 244.140625,
];

/** 3.4.1: the resistance, turned back: of the ranges that can show it the one that is nearest to its middle. */
export function gasAdc({ rangeError }: Trimming, ohms: number): { range: number; adc: number } {
  let best = { range: 0, adc: Infinity };
  for (let range = 0; range < 16; range++) {
    const slope = (1340 + 5 * rangeError) * CONST_1[range]!;
    const adc = (slope * CONST_2[range]!) / ohms + 512 - slope;
    if (Math.abs(adc - 512) < Math.abs(best.adc - 512)) best = { range, adc };
  }
  return { range: best.range, adc: Math.min(1023, Math.max(0, Math.round(best.adc))) };
}

/** 3.3.5: degC that the heater is asked for by res_heat_x. */
export function heaterTarget(trimming: Trimming, code: number, ambient: number): number {
  const { G: [g1, g2, g3], heaterRange, heaterValue } = trimming;
  const resistance = (code / 3.4 + 25) * ((4 + heaterRange) / 4) * (1 + heaterValue * 0.002);
  const base = g1 / 16 + 49;
  const slope = (g2 / 32768) * 0.0005 + 0.00235;
  return ((resistance - (g3 / 1024) * ambient) / base - 1) / slope;
}
