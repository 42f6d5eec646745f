/**
 * Texas Instruments TMP117: temperature, on I2C (0x48 to 0x4B by what ADD0 is tied to).
 * Source: TMP117 data sheet SNOSD82D, September 2022; sections are its.
 * One-shot mode (7.4.3): between samples the part is shut down. A conversion takes at most 17.5 ms (6.5), and as many
 * times that as it averages.
 */
import type { I2cTransfer } from "../platform/types.ts";
import { signedWord, word } from "./common/bytes.ts";
import { askAfter, LATE } from "./common/wait.ts";
import type { Driver, DriverMeta, DriverOptions, Values } from "./types.ts";

/** Registers (7.6). */
const TEMPERATURE = "\x00";
const CONFIGURATION = 1;
const DEVICE_ID = "\x0f";

/** 7.6.9: the upper 4 bits are a revision. */
const ID = 0x0117;
/** High byte of the configuration (7.6.2): MOD, 11 for one shot, 00 for continuous as after a reset; Data_Ready. */
const ONE_SHOT = 0x0c;
const READY = 0x20;
/** A part that is not ready is asked again after RECHECK_MS, so many times. */
const RECHECK_MS = 10;
const RECHECKS = 4;

/** [0.001 degC] of a word in 1/128 degC (7.6.1); none beyond -55 to 150 degC: after a reset it is -256 degC. */
export const convert = (bytes: string): Values => {
  const temperature = Math.floor(signedWord(bytes, 0) * 7.8125 + 0.5);
  return temperature < -55000 || temperature > 150000 ? [] : [temperature];
};

/**
 * Errors: "nack"; "id"; "reset": it lost its power in the measurement; "timeout"; "range".
 * @param average low byte of the configuration: AVG (7.3.2)
 */
export const create = (transfer: I2cTransfer, address: number, average: number, measureMs: number): Driver => {
  const ask = (bytes: string, count: number): string | undefined => transfer(address, bytes, count);

  return {
    open: (done) => {
      const id = ask(DEVICE_ID, 2);
      done(id === undefined ? "nack" : word(id, 0) % 4096 === ID ? "" : "id");
    },
    sample: (done) => {
      if (ask(String.fromCharCode(CONFIGURATION, ONE_SHOT, average), 0) === undefined) {
        done("nack", []);
      } else {
        let values: Values = [];
        askAfter(measureMs, RECHECK_MS, RECHECKS, () => {
          const config = ask(String.fromCharCode(CONFIGURATION), 2);
          if (config === undefined) {
            return "nack";
          }
          if ((config.charCodeAt(0) & ONE_SHOT) === 0) {
            return "reset";
          }
          if ((config.charCodeAt(0) & READY) === 0) {
            return LATE;
          }
          const data = ask(TEMPERATURE, 2);
          values = data === undefined ? [] : convert(data);
          return data === undefined ? "nack" : values[0] === undefined ? "range" : "";
        }, (error) => done(error, values));
      }
    },
  };
};

/** AVG[1:0] by the number of conversions (7.3.2). */
const AVERAGES = [1, 8, 32, 64];
const countOf = (options: DriverOptions): number => options["average"] as number | undefined ?? 8;

export const meta: DriverMeta = {
  title: "Texas Instruments TMP117: temperature",
  bus: "i2c",
  addresses: [0x48, 0x49, 0x4a, 0x4b],
  maxBitrate: 400_000, // "Two-wire interface timing"
  options: {
    average: {
      enum: AVERAGES,
      default: 8,
      description: "How many conversions of 15.5 ms each measurement is the average of. More are less noisy.",
    },
  },
  fields: () => [
    { name: "temperature", unit: "°C", decimals: 3, deviceClass: "temperature", stateClass: "measurement" },
  ],
  conversionMs: (options: DriverOptions) => Math.ceil(17.5 * countOf(options)) + RECHECK_MS * RECHECKS,
  constants: (options: DriverOptions) => [
    AVERAGES.indexOf(countOf(options)) * 32,
    Math.ceil(17.5 * countOf(options)),
  ],
};
