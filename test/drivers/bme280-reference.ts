/**
 * The integer code of the data sheet (BST-BME280-DS002 revision 1.6, 4.2.3) in exact arithmetic, and the calibration in
 * the registers of its Table 16. `undefined` where a 32- or 64-bit integer of the C code would have overflowed.
 */
export interface Calibration {
  T: [number, number, number];
  P: [number, number, number, number, number, number, number, number, number];
  H: [number, number, number, number, number, number];
}

/** Bytes of 0x88 to 0xA1 and of 0xE1 to 0xE7. */
export const registersOf = ({ T, P, H }: Calibration): number[] => {
  const words = [...T, ...P].flatMap((word) => [word & 255, word >> 8 & 255]);
  return [
    ...words, 0, H[0],
    H[1] & 255, H[1] >> 8 & 255, H[2], H[3] >> 4 & 255, H[3] & 15 | (H[4] & 15) << 4, H[4] >> 4 & 255, H[5] & 255,
  ];
};

/** Bytes of 0xF7 to 0xFE. */
export const dataOf = (adcT: number, adcP: number, adcH: number): number[] => [
  adcP >> 12, adcP >> 4 & 255, (adcP & 15) << 4, adcT >> 12, adcT >> 4 & 255, (adcT & 15) << 4, adcH >> 8, adcH & 255,
];

export interface Reference {
  /** 0.01 degC */
  temperature: number;
  /** Q24.8 Pa */
  pressure: number;
  /** Q22.10 %RH */
  humidity: number;
}

class Overflow extends Error {}

const fits = (bits: number) => (value: bigint): bigint => {
  if (BigInt.asIntN(bits, value) !== value) throw new Overflow();
  return value;
};
const i32 = fits(32);
const i64 = fits(64);

const temperature = ([T1, T2, T3]: bigint[], adc: bigint): bigint => {
  const var1 = i32(((adc >> 3n) - (T1! << 1n)) * T2!) >> 11n;
  const d = (adc >> 4n) - T1!;
  const var2 = i32((i32(d * d) >> 12n) * T3!) >> 14n;
  return i32(var1 + var2);
};

const pressure = ([P1, P2, P3, P4, P5, P6, P7, P8, P9]: bigint[], fine: bigint, adc: bigint): bigint => {
  let var1 = fine - 128000n;
  let var2 = i64(var1 * var1 * P6!);
  var2 = i64(var2 + i64((var1 * P5!) << 17n));
  var2 = i64(var2 + (P4! << 35n));
  var1 = i64(i64(var1 * var1 * P3!) >> 8n) + i64((var1 * P2!) << 12n);
  var1 = i64(((1n << 47n) + var1) * P1!) >> 33n;
  if (var1 === 0n) return 0n;
  let p = 1048576n - adc;
  p = i64(((p << 31n) - var2) * 3125n) / var1;
  var1 = i64(P9! * (p >> 13n) * (p >> 13n)) >> 25n;
  var2 = i64(P8! * p) >> 19n;
  return ((p + var1 + var2) >> 8n) + (P7! << 4n);
};

const humidity = ([H1, H2, H3, H4, H5, H6]: bigint[], fine: bigint, adc: bigint): bigint => {
  let v = fine - 76800n;
  const left = i32(i32((adc << 14n) - i32(H4! << 20n) - i32(H5! * v)) + 16384n) >> 15n;
  const inner = i32((i32(v * H6!) >> 10n) * ((i32(v * H3!) >> 11n) + 32768n)) >> 10n;
  v = i32(left * (i32(i32((inner + 2097152n) * H2!) + 8192n) >> 14n));
  v = i32(v - (i32((i32((v >> 15n) * (v >> 15n)) >> 7n) * H1!) >> 4n));
  v = v < 0n ? 0n : v;
  v = v > 419430400n ? 419430400n : v;
  return v >> 12n;
};

export const reference = (of: Calibration, adcT: number, adcP: number, adcH: number): Reference | undefined => {
  try {
    const fine = temperature(of.T.map(BigInt), BigInt(adcT));
    return {
      temperature: Number((fine * 5n + 128n) >> 8n),
      pressure: Number(pressure(of.P.map(BigInt), fine, BigInt(adcP))),
      humidity: Number(humidity(of.H.map(BigInt), fine, BigInt(adcH))),
    };
  } catch (error) {
    if (error instanceof Overflow) return undefined;
    throw error;
  }
};

/** The double precision code of the data sheet (8.1): degC, Pa, %RH. */
export const double = ({ T, P, H }: Calibration, adcT: number, adcP: number, adcH: number): Reference => {
  let var1 = (adcT / 16384.0 - T[0] / 1024.0) * T[1];
  let var2 = (adcT / 131072.0 - T[0] / 8192.0) * (adcT / 131072.0 - T[0] / 8192.0) * T[2];
  const fine = Math.trunc(var1 + var2);
  const temperature = (var1 + var2) / 5120.0;
  var1 = fine / 2.0 - 64000.0;
  var2 = var1 * var1 * P[5] / 32768.0;
  var2 = var2 + var1 * P[4] * 2.0;
  var2 = var2 / 4.0 + P[3] * 65536.0;
  var1 = (P[2] * var1 * var1 / 524288.0 + P[1] * var1) / 524288.0;
  var1 = (1.0 + var1 / 32768.0) * P[0];
  let pressure = 1048576.0 - adcP;
  pressure = (pressure - var2 / 4096.0) * 6250.0 / var1;
  var1 = P[8] * pressure * pressure / 2147483648.0;
  var2 = pressure * P[7] / 32768.0;
  pressure = pressure + (var1 + var2 + P[6]) / 16.0;
  let humidity = fine - 76800.0;
  humidity = (adcH - (H[3] * 64.0 + H[4] / 16384.0 * humidity))
    * (H[1] / 65536.0 * (1.0 + H[5] / 67108864.0 * humidity * (1.0 + H[2] / 67108864.0 * humidity)));
  humidity = humidity * (1.0 - H[0] * humidity / 524288.0);
  return { temperature, pressure, humidity: Math.min(Math.max(humidity, 0), 100) };
};

/** BMP280 data sheet BST-BMP280-DS001, 3.12; the part has the same T and P. The H are of a BME280 as they are sold. */
export const EXAMPLE: Calibration = {
  T: [27504, 26435, -1000],
  P: [36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000],
  H: [75, 370, 0, 313, 50, 30],
};

/** A calibration around those of parts as they are sold, each word with its sign at times the other way round. */
export const anyCalibration = (below: (n: number) => number): Calibration => {
  const between = (low: number, high: number): number => low + below(high - low + 1);
  return {
    T: [between(26000, 29500), between(24500, 28000), between(-1500, 1500)],
    P: [
      between(34000, 39500), between(-11500, -9000), between(2500, 3500), between(-2000, 11000), between(-300, 300),
      between(-10, 10), between(9000, 16500), between(-15500, -9500), between(3500, 6500),
    ],
    H: [
      between(0, 255), between(280, 420), between(0, 255), between(-400, 400), between(-200, 200), between(-128, 127),
    ],
  };
};
