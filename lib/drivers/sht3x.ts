/**
 * Sensirion SHT30, SHT31, SHT35: temperature, humidity, on I2C (0x44 with ADDR low, 0x45 with ADDR high).
 * Source: SHT3x-DIS data sheet, version 6, March 2019; sections are its.
 * Single shots (4.3) without clock stretching: between them the part idles. A measurement takes at most 4.5, 6.5 or
 * 15.5 ms by repeatability (table 4); it does not acknowledge a read before it has ended.
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { word } from "./common/bytes.ts";
import { readWords } from "./common/command.ts";
import type { Driver, DriverMeta, DriverOptions, Values } from "./types.ts";

/** 4.9: soft reset; table 4: it takes 1.5 ms at most. */
const SOFT_RESET = "\x30\xa2";
const RESET_MS = 2;
/** 4.11: the status register, an answer that only such a part gives, with a CRC. */
const STATUS = "\xf3\x2d";
/** Table 8: high byte of a single shot without clock stretching. */
const SINGLE_SHOT = 0x24;
const CRC_INITIAL = 0xff;

/** [0.01 degC, 0.01 %RH] of two words with their CRCs (4.13); none outside of -40 to 125 degC (2.2). */
export const convert = (bytes: string): Values => {
  const temperature = Math.floor(word(bytes, 0) / 65535 * 17500 - 4500 + 0.5);
  return temperature < -4000 || temperature > 12500
    ? []
    : [temperature, Math.floor(word(bytes, 3) / 65535 * 10000 + 0.5)];
};

/**
 * Errors: "nack": absent, or not ready in time; "crc" (4.12); "range".
 * @param repeatability low byte of the single shot (table 8)
 * @param measureMs the longest measurement (table 4)
 */
export const create = (transfer: I2cTransfer, address: number, repeatability: number, measureMs: number): Driver => ({
  open: (done) => {
    if (transfer(address, SOFT_RESET, 0) === undefined) {
      done("nack");
    } else {
      after(() => readWords(transfer, address, STATUS, 0, 1, CRC_INITIAL, (error) => done(error)), RESET_MS);
    }
  },
  sample: (done) => {
    const command = String.fromCharCode(SINGLE_SHOT, repeatability);
    readWords(transfer, address, command, measureMs, 2, CRC_INITIAL, (error, bytes) => {
      const values = error === "" ? convert(bytes) : [];
      done(error === "" && values[0] === undefined ? "range" : error, values);
    });
  },
});

/** By repeatability: low byte of the command (table 8), longest measurement. */
const SHOTS: Record<string, [number, number]> = { low: [0x16, 5], medium: [0x0b, 7], high: [0x00, 16] };
const shotOf = (options: DriverOptions): [number, number] => SHOTS[options["repeatability"] as string] ?? SHOTS["high"]!;

export const meta: DriverMeta = {
  title: "Sensirion SHT30, SHT31, SHT35: temperature, humidity",
  bus: "i2c",
  addresses: [0x44, 0x45],
  options: {
    repeatability: {
      enum: ["low", "medium", "high"],
      default: "high",
      description: "More takes longer (4.5, 6.5, 15.5 ms) and is less noisy.",
    },
  },
  fields: () => [
    { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
    { name: "humidity", unit: "%", decimals: 2, deviceClass: "humidity", stateClass: "measurement" },
  ],
  conversionMs: (options: DriverOptions) => shotOf(options)[1],
  constants: (options: DriverOptions) => shotOf(options),
};
