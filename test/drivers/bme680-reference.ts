/**
 * The integer code for the BME680: data sheet BST-BME680-DS001 1.9, 3.3.1 to 3.4.1, in exact arithmetic; and the
 * calibration in the registers of its 5.2.
 */
export interface Calibration {
  t: [number, number, number];
  p: [number, number, number, number, number, number, number, number, number, number];
  h: [number, number, number, number, number, number, number];
  g: [number, number, number];
  heatRange: number;
  heatValue: number;
  switchError: number;
}

/** A chip as they are. */
export const EXAMPLE: Calibration = {
  t: [26041, 26469, 3], p: [35865, -10307, 88, 7024, -98, 30, 44, -1030, -2700, 30],
  h: [800, 1025, 0, 45, 20, 120, -100], g: [-60, -10500, 18], heatRange: 1, heatValue: 40, switchError: 1,
};

/** Bytes of 0x89 to 0xA1, 0xE1 to 0xF0, 0x00 to 0x04. */
export const registersOf = ({ t, p, h, g, heatRange, heatValue, switchError }: Calibration): number[] => {
  const first = new Array<number>(25).fill(0);
  const second = new Array<number>(16).fill(0);
  const put = (to: number[], at: number, value: number, size = 2): void => {
    for (let i = 0; i < size; i++) to[at + i] = (value >> (8 * i)) & 255;
  };
  const low = (register: number): number => register - 0x89;
  const high = (register: number): number => register - 0xe1;
  put(first, low(0x8a), t[1]);
  put(first, low(0x8c), t[2], 1);
  [0x8e, 0x90, 0x92, 0x94, 0x96, 0x99, 0x98, 0x9c, 0x9e, 0xa0].forEach((register, i) =>
    put(first, low(register), p[i]!, [2, 5, 6, 9].includes(i) ? 1 : 2));
  put(second, high(0xe9), t[0]);
  second[high(0xe1)] = h[1] >> 4;
  second[high(0xe2)] = (h[1] & 15) << 4 | h[0] & 15;
  second[high(0xe3)] = h[0] >> 4;
  [0xe4, 0xe5, 0xe6, 0xe7, 0xe8].forEach((register, i) => put(second, high(register), h[i + 2]!, 1));
  put(second, high(0xeb), g[1]);
  put(second, high(0xed), g[0], 1);
  put(second, high(0xee), g[2], 1);
  return [...first, ...second, heatValue & 255, 0, heatRange << 4, 0, (switchError & 15) << 4];
};

/** Bytes of 0x1D to 0x2B. */
export const dataOf = (
  adcT: number, adcP: number, adcH: number, adcGas: number, range: number, flags = 0x30,
): number[] => {
  const wide = (value: number): number[] => [value >> 12, (value >> 4) & 255, (value & 15) << 4];
  return [
    0x80, 0, ...wide(adcP), ...wide(adcT), adcH >> 8, adcH & 255, 0, 0, 0,
    adcGas >> 2, (adcGas & 3) << 6 | flags | range,
  ];
};

export interface Reference { temperature: number; pressure: number; humidity: number; ohms: number }

const RANGE_1 = [
  2147483647, 2147483647, 2147483647, 2147483647, 2147483647, 2126008810, 2147483647, 2130303777,
  2147483647, 2147483647, 2143188679, 2136746228, 2147483647, 2126008810, 2147483647, 2147483647,
].map(BigInt);
const RANGE_2 = [
  4096000000, 2048000000, 1024000000, 512000000, 255744255, 127110228, 64000000, 32258064, 16016016, 8000000, 4000000,
  2000000, 1000000, 500000, 250000, 125000,
].map(BigInt);

/** 0.01 degC, Pa, 0.001 %RH, ohm. */
export const reference = (
  c: Calibration, adcT: number, adcP: number, adcH: number, adcGas: number, range: number,
): Reference => {
  const [t1, t2, t3] = c.t.map(BigInt) as [bigint, bigint, bigint];
  let var1 = (BigInt(adcT) >> 3n) - (t1 << 1n);
  let var2 = (var1 * t2) >> 11n;
  let var3 = (((var1 >> 1n) * (var1 >> 1n)) >> 12n) * (t3 << 4n) >> 14n;
  const fine = var2 + var3;
  const centi = (fine * 5n + 128n) >> 8n;

  const [p1, p2, p3, p4, p5, p6, p7, p8, p9, p10] = c.p.map(BigInt);
  var1 = (fine >> 1n) - 64000n;
  var2 = ((((var1 >> 2n) * (var1 >> 2n)) >> 11n) * p6!) >> 2n;
  var2 += (var1 * p5!) << 1n;
  var2 = (var2 >> 2n) + (p4! << 16n);
  var1 = (((((var1 >> 2n) * (var1 >> 2n)) >> 13n) * (p3! << 5n)) >> 3n) + ((p2! * var1) >> 1n);
  var1 = ((32768n + (var1 >> 18n)) * p1!) >> 15n;
  let pressure = ((1048576n - BigInt(adcP) - (var2 >> 12n)) * 3125n << 1n) / var1;
  var1 = (p9! * (((pressure >> 3n) * (pressure >> 3n)) >> 13n)) >> 12n;
  var2 = ((pressure >> 2n) * p8!) >> 13n;
  var3 = ((pressure >> 8n) ** 3n * p10!) >> 17n;
  pressure += (var1 + var2 + var3 + (p7! << 7n)) >> 4n;

  const [h1, h2, h3, h4, h5, h6, h7] = c.h.map(BigInt);
  var1 = BigInt(adcH) - h1! * 16n - ((centi * h3! / 100n) >> 1n);
  var2 = (h2! * (centi * h4! / 100n + ((centi * (centi * h5! / 100n)) >> 6n) / 100n + 16384n)) >> 10n;
  var3 = var1 * var2;
  const var4 = ((h6! << 7n) + centi * h7! / 100n) >> 4n;
  const var5 = ((var3 >> 14n) * (var3 >> 14n)) >> 10n;
  const humidity = (((var3 + ((var4 * var5) >> 1n)) >> 10n) * 1000n) >> 12n;

  var1 = ((1340n + 5n * BigInt(c.switchError)) * RANGE_1[range]!) >> 16n;
  var2 = (BigInt(adcGas) << 15n) - 16777216n + var1;
  const ohms = (((RANGE_2[range]! * var1) >> 9n) + (var2 >> 1n)) / var2;
  return { temperature: Number(centi), pressure: Number(pressure), humidity: Number(humidity), ohms: Number(ohms) };
};

/** res_heat_0, 3.3.5 in integers. */
export const heater = (c: Calibration, celsius: number, ambient: number): number => {
  const [g1, g2, g3] = c.g;
  const var1 = Math.trunc(ambient * g3 / 1000) * 256;
  const var2 = (g1 + 784) * Math.trunc((Math.trunc((g2 + 154009) * celsius * 5 / 100) + 3276800) / 10);
  const var4 = Math.trunc((var1 + Math.trunc(var2 / 2)) / (c.heatRange + 4));
  const var5 = 131 * c.heatValue + 65536;
  return Math.trunc(((Math.trunc(var4 / var5) - 250) * 34 + 50) / 100);
};
