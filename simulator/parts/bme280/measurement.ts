/** How the BME280 measures: datasheet tables 20 to 28, oversampling and filter (3.4), measurement time (9.1). */

/** Section 5.4.3, 5.4.5: osrs 0 skips, 5 and above are x16. */
export const OVERSAMPLING = [0, 1, 2, 4, 8, 16, 16, 16] as const;
/** Table 28: filter[2:0]. */
export const COEFFICIENT = [1, 2, 4, 8, 16, 16, 16, 16] as const;

/** Quantities in the order of their signals. */
export interface Sample { temperature: number; humidity: number; pressure: number }

/**
 * Measurement time in ms (9.1): `typical` is what a part takes, `maximum` what a driver has to wait.
 * Each argument is the oversampling factor, 0 for skipped.
 */
export function measurementMs(t: number, p: number, h: number): { typical: number; maximum: number } {
  const part = (factor: number, each: number, fixed: number): number => (factor === 0 ? 0 : each * factor + fixed);
  return {
    typical: 1 + part(t, 2, 0) + part(p, 2, 0.5) + part(h, 2, 0.5),
    maximum: 1.25 + part(t, 2.3, 0) + part(p, 2.3, 0.575) + part(h, 2.3, 0.575),
  };
}

/** 3.4.2, 3.4.3: without the filter, 16 bits and one more for each doubling of the oversampling. */
export function quantised(adc: number, factor: number): number {
  const step = 16 / factor;
  return Math.min(0x100000 - step, Math.max(0, Math.round(adc / step) * step));
}

/** 3.4.4. The first value after a reset of the filter passes unchanged. */
export function filtered(memory: number | undefined, adc: number, coefficient: number): number {
  return memory === undefined ? adc : (memory * (coefficient - 1) + adc) / coefficient;
}

/** Byte 0 (msb), 1 (lsb), 2 (xlsb, bits 7 to 4) of a value of 20 bits. */
export function byteOf20(value: number, index: number): number {
  return index === 0 ? value >> 12 : index === 1 ? (value >> 4) & 0xff : (value & 0x0f) << 4;
}
