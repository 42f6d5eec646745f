/**
 * Vishay VEML7700: light, on I2C (0x10).
 * Source: VEML7700 data sheet 84286, revision 1.8, November 2024 ("Command register format", table "Resolution and
 * maximum detection range"), and application note 84323, revision 13-Nov-2024 ("Designing the VEML7700 into an
 * application": power-on delay, correction of strong light).
 * Between samples the part is shut down. A measurement takes an integration time of 25 to 800 ms, from 2.5 ms after the
 * power-on on; a quarter more is waited for, as no tolerance is given.
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import type { Driver, DriverMeta, DriverOptions, Values } from "./types.ts";

/** Command codes; words come low byte first. */
const ALS_CONF = 0;
const ALS = "\x04";
const ID = "\x07";
/** Low byte of the device id. */
const DEVICE = 0x81;
/** ALS_SD: shut down. */
const SHUT_DOWN = 1;
/** The count does not go further. */
const SATURATED = 65535;
/** Above this the application note corrects, lx. */
const STRONG_LUX = 1000;

/**
 * [0.1 lx] of a count; none where it cannot count further. Strong light is underrated with all settings alike, and
 * corrected by the polynomial of the application note.
 * @param resolution lx a count
 */
export const convert = (count: number, resolution: number): Values => {
  const lux = count * resolution;
  const corrected = lux > STRONG_LUX
    ? (((6.0135e-13 * lux - 9.3924e-9) * lux + 8.1488e-5) * lux + 1.0023) * lux
    : lux;
  return count === SATURATED ? [] : [Math.floor(corrected * 10 + 0.5)];
};

/**
 * Errors: "nack"; "id"; "reset": it lost its power in the measurement; "range": more light than it can count.
 * @param low low byte of ALS_CONF, powered on
 * @param high its high byte
 */
export const create = (
  transfer: I2cTransfer,
  address: number,
  low: number,
  high: number,
  resolution: number,
  measureMs: number,
): Driver => {
  const ask = (bytes: string): string | undefined => transfer(address, bytes, 2);
  const configure = (bits: number): boolean =>
    transfer(address, String.fromCharCode(ALS_CONF, low + bits, high), 0) !== undefined;

  return {
    open: (done) => {
      const id = ask(ID);
      done(id === undefined ? "nack" : id.charCodeAt(0) === DEVICE ? "" : "id");
    },
    sample: (done) => {
      if (configure(0)) {
        after(() => {
          const data = ask(ALS);
          // Last: the power may go between two messages.
          const config = ask(String.fromCharCode(ALS_CONF));
          if (config === undefined || data === undefined || !configure(SHUT_DOWN)) {
            done("nack", []);
          } else if (config !== String.fromCharCode(low, high)) {
            done("reset", []);
          } else {
            const values = convert(data.charCodeAt(0) + data.charCodeAt(1) * 256, resolution);
            done(values[0] === undefined ? "range" : "", values);
          }
        }, measureMs);
      } else {
        done("nack", []);
      }
    },
  };
};

/** ALS_GAIN (bits 12, 11) by gain, ALS_IT (bits 9 to 6) by ms. */
const GAINS: Record<string, number> = { "1/8": 2, "1/4": 3, 1: 0, 2: 1 };
const SHARES: Record<string, number> = { "1/8": 0.125, "1/4": 0.25, 1: 1, 2: 2 };
const TIMES: Record<number, number> = { 25: 12, 50: 8, 100: 0, 200: 1, 400: 2, 800: 3 };
const gainOf = (options: DriverOptions): string => String(options["gain"] as string | number | undefined ?? "1/8");
const timeOf = (options: DriverOptions): number => options["integrationMs"] as number | undefined ?? 100;

export const meta: DriverMeta = {
  title: "Vishay VEML7700: light",
  bus: "i2c",
  addresses: [0x10],
  maxBitrate: 400_000, // "I2C timing characteristics", fast mode
  options: {
    gain: {
      enum: ["1/8", "1/4", 1, 2],
      default: "1/8",
      description: "Gain: more is finer, and ends at less light.",
    },
    integrationMs: {
      enum: [25, 50, 100, 200, 400, 800],
      default: 100,
      description: "Integration time, ms: longer is finer, and ends at less light. Gain 1/8 and 100 ms: steps of 0.54 lx "
        + "up to 35 klx by the count, 25 ms: 2.15 lx up to 140 klx; gain 2 and 800 ms: 0.0042 lx up to 275 lx.",
    },
  },
  fields: () => [
    { name: "illuminance", unit: "lx", decimals: 1, deviceClass: "illuminance", stateClass: "measurement" },
  ],
  conversionMs: (options: DriverOptions) => Math.ceil(2.5 + 1.25 * timeOf(options)),
  constants: (options: DriverOptions) => {
    const command = GAINS[gainOf(options)]! * 2048 + TIMES[timeOf(options)]! * 64;
    // "Resolution": 0.0042 lx at gain 2 and 800 ms, in proportion to both.
    const resolution = 0.0042 * (2 / SHARES[gainOf(options)]!) * (800 / timeOf(options));
    return [command % 256, Math.floor(command / 256), Number(resolution.toPrecision(6)), meta.conversionMs(options)];
  },
};
