/**
 * Sensirion SCD40, SCD41: CO2, temperature, humidity, on I2C (0x62). Source: SCD4x data sheet, version 1.5, April
 * 2023; sections are its. Periodic measurement (3.5): every 5 s, or every 30 s with low power (3.8); the first value
 * comes after that time, too.
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { word } from "./common/bytes.ts";
import { readWords } from "./common/command.ts";
import { sendArgument, sendCommand } from "./common/sensirion.ts";
import type { Driver, DriverMeta, DriverOptions, ReadError, Values } from "./types.ts";

/** Commands (table 9): as bytes where something is read after them. */
const STOP_PERIODIC = 0x3f86;
const READ_SERIAL = "\x36\x82";
const DATA_READY = "\xe4\xb8";
const READ_MEASUREMENT = "\xec\x05";

/** 3.5.3: after the end of the measurements so much time goes by before the part answers again. */
const STOP_MS = 500;
/** Table 9: of all other commands that are used here. */
const COMMAND_MS = 2;
/** A part that has nothing new is asked again after so many ms. */
const SCD4X_AGAIN_MS = 1000;

/**
 * Values: [ppm, 0.01 degC, 0.01 %RH] of a measurement (3.5.2). None where the CO2 is 0, which the part gives when it
 * could not measure.
 */
export const scd4xValues = (bytes: string): Values => {
  const co2 = word(bytes, 0);
  return co2 === 0 ? [] : [
    co2,
    Math.floor(word(bytes, 3) * (17500 / 65535) - 4499.5),
    Math.floor(word(bytes, 6) * (10000 / 65535) + 0.5),
  ];
};

/**
 * Errors: "nack"; "crc"; "timeout": nothing new within one and a half periods, as of a part that has lost its power;
 * "range": the part could not measure.
 * @param start the command that starts the measurements
 * @param tries how often it is asked for a new value
 * @param settings commands and their arguments, alternating, before the start
 */
export const create = (
  transfer: I2cTransfer,
  address: number,
  start: number,
  tries: number,
  settings: number[],
): Driver => {
  const begin = (at: number, done: (this: void, error: ReadError) => void): void => {
    if (at === settings.length) {
      done(sendCommand(transfer, address, start) ? "" : "nack");
    } else if (sendArgument(transfer, address, settings[at]!, settings[at + 1]!)) {
      after(() => begin(at + 2, done), COMMAND_MS);
    } else {
      done("nack");
    }
  };

  const sampleIn = (left: number, done: (this: void, error: ReadError, values: Values) => void): void => {
    readWords(transfer, address, DATA_READY, COMMAND_MS, 1, 0xff, (problem, ready) => {
      if (problem !== "") {
        done(problem, []);
      } else if (word(ready, 0) % 2048 > 0) {
        // 3.8.2: of the word the 11 lowest bits say it.
        readWords(transfer, address, READ_MEASUREMENT, COMMAND_MS, 3, 0xff, (error, data) => {
          const values = error === "" ? scd4xValues(data) : [];
          done(error !== "" ? error : values[0] === undefined ? "range" : "", values);
        });
      } else if (left > 0) {
        after(() => sampleIn(left - 1, done), SCD4X_AGAIN_MS);
      } else {
        done("timeout", []);
      }
    });
  };

  return {
    // A part that measures answers little; it may, when the chip alone was restarted.
    open: (done) => {
      if (!sendCommand(transfer, address, STOP_PERIODIC)) {
        done("nack");
      } else {
        after(() => readWords(transfer, address, READ_SERIAL, COMMAND_MS, 3, 0xff, (error) => {
          if (error === "") {
            begin(0, done);
          } else {
            done(error);
          }
        }), STOP_MS);
      }
    },
    sample: (done) => sampleIn(tries, done),
  };
};

const lowPower4x = (options: DriverOptions): boolean => options["lowPower"] === true;

export const meta: DriverMeta = {
  title: "Sensirion SCD4x: CO2, temperature, humidity",
  bus: "i2c",
  addresses: [0x62],
  maxBitrate: 100_000, // 2.4, "SCL clock frequency"
  options: {
    lowPower: {
      type: "boolean", default: false,
      description: "Measure every 30 s instead of every 5 s: 3 mA instead of 15 mA.",
    },
    altitude: {
      type: "integer", minimum: 0, maximum: 3000, default: 0,
      description: "Metres above the sea: thinner air has less CO2 in it.",
    },
    temperatureOffset: {
      type: "number", minimum: 0, maximum: 20, default: 4,
      description: "By how many degrees the part is warmer than the air, from its own heat and its neighbours'.",
    },
    selfCalibration: {
      type: "boolean", default: true,
      description: "Take the lowest CO2 of a week for fresh air of 400 ppm. Off where there never is fresh air.",
    },
  },
  fields: () => [
    { name: "co2", unit: "ppm", decimals: 0, deviceClass: "carbon_dioxide", stateClass: "measurement" },
    { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
    { name: "humidity", unit: "%", decimals: 2, deviceClass: "humidity", stateClass: "measurement" },
  ],
  conversionMs: (options: DriverOptions) => (lowPower4x(options) ? 30000 : 5000),
  constants: (options: DriverOptions) => [
    lowPower4x(options) ? 0x21ac : 0x21b1,
    lowPower4x(options) ? 45 : 8,
    [
      // 3.6.1, 3.6.3, 3.7.2.
      0x241d, Math.round((options["temperatureOffset"] as number | undefined ?? 4) * 65535 / 175),
      0x2427, options["altitude"] as number | undefined ?? 0,
      0x2416, options["selfCalibration"] === false ? 0 : 1,
    ],
  ],
};
