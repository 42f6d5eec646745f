/**
 * Sensirion SCD30: CO2, temperature, humidity, on I2C (0x61).
 * Source: interface description Sensirion SCD30, version 1.0, May 2020; sections are its.
 * The part measures by itself, every 2 s or as the option says (1.4.3); a sample takes what is newest. It stretches the
 * clock up to 30 ms, and 150 ms once a day (1.1): the bus has to bear that.
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { word } from "./common/bytes.ts";
import { readWords } from "./common/command.ts";
import { sendArgument } from "./common/sensirion.ts";
import type { Driver, DriverMeta, DriverOptions, ReadError, Values } from "./types.ts";

/** Commands (1.4). */
const START_CONTINUOUS = 0x0010;
const SCD30_READY = "\x02\x02";
const SCD30_READ = "\x03\0";
const FIRMWARE_VERSION = "\xd1\0";
/** 1.4.1: from a command to the read of its answer. */
const ANSWER_MS = 4;
const SCD30_AGAIN_MS = 1000;

/** A number of IEEE 754 with 32 bits, of two words with a CRC after each (1.4.5). Finite ones above 2^-126 alone. */
export const floatAt = (bytes: string, at: number): number => {
  const high = word(bytes, at);
  const size = (1 + (high % 128 * 65536 + word(bytes, at + 3)) / 8388608)
    * Math.pow(2, Math.floor(high / 128) % 256 - 127);
  return high < 32768 ? size : -size;
};

/**
 * Values: [ppm, 0.01 degC, 0.01 %RH]. None outside of what the part can measure (data sheet SCD30, table 1 to 3: up to
 * 40000 ppm, -40 to 70 degC): it gives 0 ppm before its first measurement, and whatever where it has failed.
 */
export const scd30Values = (bytes: string): Values => {
  const co2 = floatAt(bytes, 0);
  const degrees = floatAt(bytes, 6);
  const humidity = floatAt(bytes, 12);
  return co2 >= 1 && co2 <= 40000 && degrees >= -40 && degrees <= 70 && humidity >= -1 && humidity <= 101
    ? [
      Math.floor(co2 + 0.5),
      Math.floor(degrees * 100 + 0.5),
      humidity < 0.005 ? 0 : humidity > 100 ? 10000 : Math.floor(humidity * 100 + 0.5),
    ]
    : [];
};

/**
 * Errors: "nack"; "crc"; "timeout": nothing new within one and a half periods; "range": see {@link scd30Values}.
 * @param pressure mbar, or 0 to go by the altitude
 * @param tries how often it is asked for a new value
 * @param settings commands and values, alternating. The part keeps them without power, in a memory that wears out
 *   (1.4): one that it has already is not written
 */
export const create = (
  transfer: I2cTransfer,
  address: number,
  pressure: number,
  tries: number,
  settings: number[],
): Driver => {
  const set = (at: number, done: (this: void, error: ReadError) => void): void => {
    if (at === settings.length) {
      const isTaken = sendArgument(transfer, address, START_CONTINUOUS, pressure);
      // It is busy with a command as long as with an answer.
      after(() => done(isTaken ? "" : "nack"), ANSWER_MS);
    } else {
      const command = settings[at]!;
      const value = settings[at + 1]!;
      const text = String.fromCharCode(command >>> 8, command & 255);
      readWords(transfer, address, text, ANSWER_MS, 1, 0xff, (error, bytes) => {
        if (error !== "") {
          done(error);
        } else if (word(bytes, 0) === value || sendArgument(transfer, address, command, value)) {
          after(() => set(at + 2, done), ANSWER_MS);
        } else {
          done("nack");
        }
      });
    }
  };

  const sampleIn = (left: number, done: (this: void, error: ReadError, values: Values) => void): void => {
    readWords(transfer, address, SCD30_READY, ANSWER_MS, 1, 0xff, (problem, ready) => {
      if (problem !== "") {
        done(problem, []);
      } else if (word(ready, 0) === 1) {
        readWords(transfer, address, SCD30_READ, ANSWER_MS, 6, 0xff, (error, data) => {
          const values = error === "" ? scd30Values(data) : [];
          done(error !== "" ? error : values[0] === undefined ? "range" : "", values);
        });
      } else if (left > 0) {
        after(() => sampleIn(left - 1, done), SCD30_AGAIN_MS);
      } else {
        done("timeout", []);
      }
    });
  };

  return {
    open: (done) => readWords(transfer, address, FIRMWARE_VERSION, ANSWER_MS, 1, 0xff, (error) => {
      if (error === "") {
        set(0, done);
      } else {
        done(error);
      }
    }),
    sample: (done) => sampleIn(tries, done),
  };
};

const periodS = (options: DriverOptions): number => options["period"] as number | undefined ?? 2;

export const meta: DriverMeta = {
  title: "Sensirion SCD30: CO2, temperature, humidity",
  bus: "i2c",
  addresses: [0x61],
  maxBitrate: 100_000, // 1.1; 50 kHz are recommended
  options: {
    period: {
      type: "integer", minimum: 2, maximum: 1800, default: 2,
      description: "Seconds from one measurement of the part to the next. Longer ones take less power.",
    },
    altitude: {
      type: "integer", minimum: 0, maximum: 5000, default: 0,
      description: "Metres above the sea: thinner air has less CO2 in it.",
    },
    pressure: {
      type: "integer", minimum: 700, maximum: 1400,
      description: "Pressure of the air in hPa, in place of the altitude.", examples: [985],
    },
    temperatureOffset: {
      type: "number", minimum: 0, maximum: 40, default: 0,
      description: "By how many degrees the part is warmer than the air, from its own heat and its neighbours'.",
    },
    selfCalibration: {
      type: "boolean", default: false,
      description: "Take the lowest CO2 of a week for fresh air of 400 ppm. Off where there never is fresh air.",
    },
  },
  fields: () => [
    { name: "co2", unit: "ppm", decimals: 0, deviceClass: "carbon_dioxide", stateClass: "measurement" },
    { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
    { name: "humidity", unit: "%", decimals: 2, deviceClass: "humidity", stateClass: "measurement" },
  ],
  conversionMs: (options: DriverOptions) => periodS(options) * 1000,
  constants: (options: DriverOptions) => [
    options["pressure"] as number | undefined ?? 0,
    Math.ceil(periodS(options) * 1.5) + 2,
    [
      // 1.4.3, 1.4.8, 1.4.7 (in 0.01 degC), 1.4.6.
      0x4600, periodS(options),
      0x5102, options["altitude"] as number | undefined ?? 0,
      0x5403, Math.round((options["temperatureOffset"] as number | undefined ?? 0) * 100),
      0x5306, options["selfCalibration"] === true ? 1 : 0,
    ],
  ],
  problems: (options: DriverOptions) => (options["pressure"] !== undefined && (options["altitude"] as number ?? 0) > 0
    ? [["/altitude", "the part goes by the pressure when it has one: leave one of the two out"]] : []),
};
