/**
 * Bosch BMP280: temperature, pressure, on I2C (0x76 with SDO low, 0x77 with SDO high).
 * Source: BMP280 data sheet BST-BMP280-DS001, revision 1.26, October 2021; sections are its.
 * Forced mode (3.6.2): each sample is one measurement, then the part sleeps. A measurement takes 6.4 to 75 ms (3.8.1).
 */
import type { I2cTransfer } from "../platform/types.ts";
import { bosch, compensated } from "./common/bosch.ts";
import { controlOf, filterOf, readingsOf } from "./host/oversampling.ts";
import type { Driver, DriverMeta, DriverOptions, Values } from "./types.ts";

/** Registers (4.3.4); 4.3.1: chip id. */
const CTRL_MEAS = 0xf4;
const CONFIG = 0xf5;
const CHIP_ID = 0x58;

/** [0.01 degC, Pa] of 0x88 to 0x9F (3.11.2: the calibration) and 0xF7 to 0xFC (the data). */
export const compensate = (bytes: string): Values => compensated(bytes, 24, undefined);

/**
 * Errors: see {@link bosch}.
 * @param control ctrl_meas with forced mode (4.3.4)
 * @param config config (4.3.5)
 * @param measureMs the longest measurement (3.8.1)
 */
export const create = (
  transfer: I2cTransfer,
  address: number,
  control: number,
  config: number,
  measureMs: number,
): Driver =>
  bosch(
    transfer, address, CHIP_ID, 24, 0, String.fromCharCode(CTRL_MEAS, control), String.fromCharCode(CONFIG, config),
    measureMs, 6, compensate,
  );

export const meta: DriverMeta = {
  title: "Bosch BMP280: temperature, pressure",
  bus: "i2c",
  addresses: [0x76, 0x77],
  options: {
    oversampling: {
      type: "object",
      description: "How many readings each measurement is made of. More take longer and are less noisy.",
      default: {},
      examples: [{ temperature: 2, pressure: 16 }],
      additionalProperties: false,
      properties: {
        temperature: { enum: [1, 2, 4, 8, 16], default: 1, description: "Readings of the temperature." },
        pressure: { enum: [1, 2, 4, 8, 16], default: 1, description: "Readings of the pressure." },
      },
    },
    filter: {
      enum: ["off", 2, 4, 8, 16],
      default: "off",
      description: "Coefficient of the part's own low-pass filter. It counts in samples: with 16, a step is followed to "
        + "75 % after 22 of them.",
      examples: ["off", 4],
    },
  },
  fields: () => [
    { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
    { name: "pressure", unit: "hPa", decimals: 2, deviceClass: "atmospheric_pressure", stateClass: "measurement" },
  ],
  // 3.8.1, table 13: 6.4 ms with one reading each, 13.3 with 1 and 4, 43.2 with 2 and 16.
  conversionMs: (options: DriverOptions) => {
    const readings = readingsOf(options, "temperature") + readingsOf(options, "pressure");
    return Math.ceil(1.25 + 2.3 * readings + 0.575);
  },
  constants: (options: DriverOptions) => [controlOf(options), filterOf(options), meta.conversionMs(options)],
};
