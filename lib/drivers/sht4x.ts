/**
 * Sensirion SHT40, SHT41, SHT45: temperature, humidity, on I2C (0x44, 0x45, 0x46 by order code).
 * Source: SHT4x data sheet, version 6.6, June 2024; sections are its.
 * Single shots: between them the part idles. A measurement takes at most 1.6, 4.5 or 8.3 ms by precision (3.1, table
 * 5); it does not acknowledge a read before it has ended.
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { word } from "./common/bytes.ts";
import { readWords } from "./common/command.ts";
import type { Driver, DriverMeta, DriverOptions, Values } from "./types.ts";

/** 4.5 (table 7): soft reset, 1 ms at most (table 5). */
const SOFT_RESET = "\x94";
const RESET_MS = 2;
/** 4.7: the serial number, two words with CRC: every SHT4x has one. */
const SERIAL = "\x89";
const CRC_INITIAL = 0xff;

/**
 * [0.01 degC, 0.01 %RH] of two words with their CRCs (4.6); none outside of -40 to 125 degC (2.2). Humidity can come
 * out between -6 and 119 %RH and is to be cropped (4.6).
 */
export const convert = (bytes: string): Values => {
  const temperature = Math.floor(word(bytes, 0) / 65535 * 17500 - 4500 + 0.5);
  const humidity = Math.floor(word(bytes, 3) / 65535 * 12500 - 600 + 0.5);
  return temperature < -4000 || temperature > 12500
    ? []
    : [temperature, humidity < 0 ? 0 : humidity > 10000 ? 10000 : humidity];
};

/**
 * Errors: "nack": absent, or not ready in time; "crc" (4.4); "range".
 * @param command the measurement of a precision (table 7)
 * @param measureMs the longest measurement
 */
export const create = (transfer: I2cTransfer, address: number, command: number, measureMs: number): Driver => ({
  open: (done) => {
    if (transfer(address, SOFT_RESET, 0) === undefined) {
      done("nack");
    } else {
      after(() => readWords(transfer, address, SERIAL, RESET_MS, 2, CRC_INITIAL, (error) => done(error)), RESET_MS);
    }
  },
  sample: (done) =>
    readWords(transfer, address, String.fromCharCode(command), measureMs, 2, CRC_INITIAL, (error, bytes) => {
      const values = error === "" ? convert(bytes) : [];
      done(error === "" && values[0] === undefined ? "range" : error, values);
    }),
});

/** By precision: command (table 7), longest measurement. */
const SHOTS: Record<string, [number, number]> = { low: [0xe0, 2], medium: [0xf6, 5], high: [0xfd, 9] };
const shotOf = (options: DriverOptions): [number, number] => SHOTS[options["precision"] as string] ?? SHOTS["high"]!;

export const meta: DriverMeta = {
  title: "Sensirion SHT40, SHT41, SHT45: temperature, humidity",
  bus: "i2c",
  addresses: [0x44, 0x45, 0x46],
  options: {
    precision: {
      enum: ["low", "medium", "high"],
      default: "high",
      description: "More takes longer (1.6, 4.5, 8.3 ms) and is less noisy.",
    },
  },
  fields: () => [
    { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
    { name: "humidity", unit: "%", decimals: 2, deviceClass: "humidity", stateClass: "measurement" },
  ],
  conversionMs: (options: DriverOptions) => shotOf(options)[1],
  constants: (options: DriverOptions) => shotOf(options),
};
