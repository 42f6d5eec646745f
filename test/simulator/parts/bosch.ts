/**
 * The integer formulas of the BME280 (BST-BME280-DS001 4.2.3) and the BMP280 (BST-BMP280-DS001 3.11.3), which are the
 * same.
 */

/** 4.2.3: degC in 1/100, and t_fine. */
export function temperature([t1, t2, t3]: number[], adc: number): { centi: number; fine: number } {
  const a = (((adc >> 3) - (t1! << 1)) * t2!) >> 11;
  const b = (((((adc >> 4) - t1!) * ((adc >> 4) - t1!)) >> 12) * t3!) >> 14;
  return { centi: ((a + b) * 5 + 128) >> 8, fine: a + b };
}

/** 4.2.3, 64 bits: Pa. */
export function pressure(words: number[], adc: number, fine: number): number {
  const [p1, p2, p3, p4, p5, p6, p7, p8, p9] = words.map(BigInt) as [
    bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint,
  ];
  let a = BigInt(fine) - 128000n;
  let b = a * a * p6 + ((a * p5) << 17n) + (p4 << 35n);
  a = ((a * a * p3) >> 8n) + ((a * p2) << 12n);
  a = (((1n << 47n) + a) * p1) >> 33n;
  let p = (((1048576n - BigInt(adc)) << 31n) - b) * 3125n / a;
  a = (p9 * (p >> 13n) * (p >> 13n)) >> 25n;
  b = (p8 * p) >> 19n;
  p = ((p + a + b) >> 8n) + (p7 << 4n);
  return Number(p) / 256;
}
