/**
 * Compensation of the Bosch BME680. Source and sections: see ../bme680.ts. `bytes` begin with the calibration: 0x89 to
 * 0xA1, 0xE1 to 0xF0, 0x00 to 0x04.
 */
import type { Values } from "../types.ts";

/** 5.3.5.5: gas_valid_r, heat_stab_r. */
const GAS_GOOD = 0x30;
/** 3.4.1, tables of constants by gas range, in 0.1 %. */
const RANGE_1 = [0, 0, 0, 0, 0, -10, 0, -8, 0, 0, -2, -5, 0, -10, 0, 0];
const RANGE_2 = [0, 0, 0, 0, 1, 7, 0, -8, -1, 0, 0, 0, 0, 0, 0, 0];

/** Words of the calibration, low byte first. */
const lowWord = (bytes: string, at: number): number => bytes.charCodeAt(at) + bytes.charCodeAt(at + 1) * 256;
const signedLowWord = (bytes: string, at: number): number =>
  lowWord(bytes, at) - (bytes.charCodeAt(at + 1) < 128 ? 0 : 65536);
/** 20 bits, left-aligned in 24. */
const twentyBits = (bytes: string, at: number): number =>
  bytes.charCodeAt(at) * 4096 + bytes.charCodeAt(at + 1) * 16 + bytes.charCodeAt(at + 2) / 16;
const signedByte = (bytes: string, at: number): number =>
  bytes.charCodeAt(at) - (bytes.charCodeAt(at) < 128 ? 0 : 256);

/**
 * Values of a measurement: [0.01 degC, 0.01 %RH, Pa, ohm]; no gas where its heater was off or not stable; none at all
 * where temperature or pressure is outside of what the part can measure (tables 3, 4). Formulas: 3.3.1, 3.3.2, 3.3.3,
 * 3.4.1 in floating point.
 * @param bytes 0x89 to 0xA1, 0xE1 to 0xF0, 0x00 to 0x04 (calibration), 0x1D to 0x2B (data)
 */
export const compensate = (bytes: string): Values => {
  const byte = (at: number): number => bytes.charCodeAt(at);
  const short = (at: number): number => signedByte(bytes, at);
  const signed = (at: number): number => signedLowWord(bytes, at);

  const x = twentyBits(bytes, 51) / 16384 - lowWord(bytes, 33) / 1024;
  const fine = x * signed(1) + x * x * short(3) / 4;
  const celsius = fine / 5120;
  const temperature = Math.floor(celsius * 100 + 0.5);

  const y = fine / 2 - 64000;
  let pressure = (1048576 - twentyBits(bytes, 48)
    - (y * (y * short(16) / 131072 + signed(13) * 2) / 4 + signed(11) * 65536) / 4096) * 6250
    / ((1 + y * (y * short(9) / 16384 + signed(7)) / 524288 / 32768) * lowWord(bytes, 5));
  const z = pressure / 256;
  pressure += (pressure * (pressure * signed(21) / 65536 + signed(19)) / 32768
    + z * z * z * byte(23) / 131072 + short(15) * 128) / 16;

  let humidity = (byte(54) * 256 + byte(55) - (byte(27) * 16 + byte(26) % 16) * 16 - short(28) / 2 * celsius)
    * ((byte(25) * 16 + Math.floor(byte(26) / 16)) / 262144)
    * (1 + celsius * (short(29) / 16384 + celsius * short(30) / 1048576));
  humidity += (byte(31) / 16384 + short(32) / 2097152 * celsius) * humidity * humidity;

  const range = byte(60) % 16;
  const gain = (1340 + 5 * Math.floor(short(45) / 16)) * (1 + RANGE_1[range]! / 1000);
  const low = byte(59) * 4 + Math.floor(byte(60) / 64) - 512;
  const ohms = 8000000 / ((1 + RANGE_2[range]! / 1000) * Math.pow(2, range) * (low / gain + 1));

  return temperature >= -4000 && temperature <= 8500 && pressure >= 30000 && pressure <= 110000
    ? [
      temperature,
      humidity < 0 ? 0 : humidity > 100 ? 10000 : Math.floor(humidity * 100 + 0.5),
      Math.floor(pressure + 0.5),
      (byte(60) & GAS_GOOD) === GAS_GOOD ? Math.floor(ohms + 0.5) : undefined,
    ]
    : [];
};

/** res_heat_0 for a temperature of the heater at one of the air, degC (3.3.5). @param bytes the calibration */
export const heaterCode = (bytes: string, celsius: number, ambient: number): number => {
  const slope = signedLowWord(bytes, 35) / 32768 * 0.0005 + 0.00235;
  const wanted = (signedByte(bytes, 37) / 16 + 49) * (1 + slope * celsius) + signedByte(bytes, 38) / 1024 * ambient;
  const range = Math.floor(bytes.charCodeAt(43) / 16) % 4;
  return Math.floor(3.4 * (wanted * 4 / (4 + range) / (1 + signedByte(bytes, 41) * 0.002) - 25));
};
