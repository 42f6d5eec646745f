/**
 * Bosch BME680: temperature, humidity, pressure, resistance of its gas sensor, on I2C (0x76 with SDO low, 0x77 high).
 * Source: BME680 data sheet BST-BME680-DS001, revision 1.9, February 2024; sections are its. Scale of the calibration:
 * Bosch's BME68x sensor API 4.4 (floating point), to which the data sheet refers.
 * Forced mode (3.1): a sample is one measurement, of 2 ms a reading, 7 ms, and the heater's time; then the part sleeps.
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { compensate, heaterCode } from "./common/bme680.ts";
import { controlOf, osrsOf, readingsOf } from "./host/oversampling.ts";
import { askAfter, LATE } from "./common/wait.ts";
import type { Driver, DriverMeta, DriverOptions, Field, Values } from "./types.ts";

/** Registers (5.2), as the byte that a transfer starts with; calibration in three pieces. */
const CHIP = "\xd0";
const RESET_WORD = "\xe0\xb6";
const CALIBRATION = "\x89";
const CALIBRATION_2 = "\xe1";
const CALIBRATION_3 = "\x00";
const RES_HEAT_0 = 0x5a;
const GAS_WAIT_0 = 0x64;
const CTRL_GAS_1 = 0x71;
const CTRL_HUM = 0x72;
const CTRL_MEAS = 0x74;
const MEAS_STATUS_0 = "\x1d";

const CHIP_ID = 0x61;
/** 1.1, table 1: 2 ms to the first communication. */
const STARTUP_MS = 5;
/** `new_data_0` alone (5.3.5.1): neither measuring nor heating. A part that is busy is asked again, so many times. */
const NEW_DATA = 0x80;
const RECHECK_MS = 10;
const RECHECKS = 5;

/**
 * Errors: "nack"; "id"; "timeout": no new data after the longest measurement, as of a part that was reset; "range";
 * "heater": the gas sensor is not as hot as it should be, what else was measured is good.
 * @param controlHumidity ctrl_hum, @param controlMeasure ctrl_meas with forced mode (5.3.1)
 * @param heater degC of the gas sensor, 0 to leave it off
 * @param gasWait gas_wait_0 (5.3.3.3)
 */
export const create = (
  transfer: I2cTransfer,
  address: number,
  controlHumidity: number,
  controlMeasure: number,
  heater: number,
  gasWait: number,
  measureMs: number,
): Driver => {
  let calibration = "";
  let ambient = 25;

  const ask = (bytes: string, count: number): string | undefined => transfer(address, bytes, count);

  return {
    open: (done) => {
      const chip = ask(CHIP, 1);
      if (chip !== undefined && chip.charCodeAt(0) !== CHIP_ID) {
        done("id");
      } else if (chip === undefined || ask(RESET_WORD, 0) === undefined) {
        done("nack");
      } else {
        after(() => {
          const first = ask(CALIBRATION, 25);
          const second = ask(CALIBRATION_2, 16);
          const third = ask(CALIBRATION_3, 5);
          const isMissing = first === undefined || second === undefined || third === undefined;
          calibration = isMissing ? "" : first + second + third;
          done(isMissing ? "nack" : "");
        }, STARTUP_MS);
      }
    },
    // All settings each time: a part that lost its power since has lost them.
    sample: (done) => {
      const settings = String.fromCharCode(
        CTRL_HUM, controlHumidity, RES_HEAT_0, heaterCode(calibration, heater, ambient), GAS_WAIT_0, gasWait,
        CTRL_GAS_1, heater > 0 ? 0x10 : 0, CTRL_MEAS, controlMeasure,
      );
      if (ask(settings, 0) === undefined) {
        done("nack", []);
      } else {
        let values: Values = [];
        askAfter(measureMs, RECHECK_MS, RECHECKS, () => {
          const data = ask(MEAS_STATUS_0, 15);
          if (data === undefined) {
            return "nack";
          }
          if (Math.floor(data.charCodeAt(0) / 32) * 32 !== NEW_DATA) {
            return LATE;
          }
          values = compensate(calibration + data);
          const temperature = values[0];
          ambient = temperature === undefined ? 25 : temperature / 100;
          return temperature === undefined ? "range" : heater > 0 && values[3] === undefined ? "heater" : "";
        }, (error) => done(error, values));
      }
    },
  };
};

const heaterOf = (options: DriverOptions): number => options["heater"] as number | undefined ?? 320;
/** gas_wait_0: 6 bits of ms, times 1, 4, 16 or 64 (5.3.3.3); ms that it is. */
const waitOf = (options: DriverOptions): [number, number] => {
  const wantedMs = options["heaterMs"] as number | undefined ?? 150;
  const power = [0, 1, 2, 3].find((n) => wantedMs / Math.pow(4, n) < 63.5) ?? 3;
  const count = Math.min(63, Math.floor(wantedMs / Math.pow(4, power) + 0.5));
  return [power * 64 + count, count * Math.pow(4, power)];
};
const READINGS = { enum: [1, 2, 4, 8, 16], default: 1, description: "Readings of this quantity." };

export const meta: DriverMeta = {
  title: "Bosch BME680: temperature, humidity, pressure, gas resistance",
  bus: "i2c",
  addresses: [0x76, 0x77],
  options: {
    oversampling: {
      type: "object",
      description: "How many readings each measurement is made of. More take longer and are less noisy.",
      default: {},
      examples: [{ temperature: 2, humidity: 1, pressure: 16 }],
      additionalProperties: false,
      properties: { temperature: READINGS, humidity: READINGS, pressure: READINGS },
    },
    heater: {
      type: "integer", minimum: 0, maximum: 400, default: 320,
      description: "Temperature of the gas sensor, °C: 200 to 400, or 0 to leave it off, which warms the part less.",
    },
    heaterMs: {
      type: "integer", minimum: 20, maximum: 4032, default: 150,
      description: "How long the gas sensor heats before its resistance is measured, ms.",
    },
  },
  fields: (options: DriverOptions) => {
    const fields: Field[] = [
      { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
      { name: "humidity", unit: "%", decimals: 2, deviceClass: "humidity", stateClass: "measurement" },
      { name: "pressure", unit: "hPa", decimals: 2, deviceClass: "atmospheric_pressure", stateClass: "measurement" },
    ];
    const gas: Field = { name: "gas_resistance", unit: "Ω", decimals: 0, stateClass: "measurement" };
    return heaterOf(options) > 0 ? fields.concat(gas) : fields;
  },
  // Bosch's API 4.4, bme68x_get_meas_dur: 1.963 ms a reading, 9 x 0.477 ms between them, 1 ms to wake; a tenth more.
  conversionMs: (options: DriverOptions) => {
    const readings = ["temperature", "humidity", "pressure"].reduce((sum, name) => sum + readingsOf(options, name), 0);
    return Math.ceil(1.1 * (1.963 * readings + 9 * 0.477 + 1 + (heaterOf(options) > 0 ? waitOf(options)[1] : 0)));
  },
  constants: (options: DriverOptions) => [
    osrsOf(options, "humidity"), controlOf(options), heaterOf(options), waitOf(options)[0], meta.conversionMs(options),
  ],
  problems: (options: DriverOptions) => {
    const heater = heaterOf(options);
    return heater > 0 && heater < 200 ? [["/heater", `${heater} °C is too cold for a gas sensor: 200 to 400, or 0`]] : [];
  },
};
