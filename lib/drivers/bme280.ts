/**
 * Bosch BME280: temperature, humidity, pressure, on I2C (0x76 with SDO low, 0x77 with SDO high).
 * Source: BME280 data sheet BST-BME280-DS002 (older ones: DS001), revision 1.6, September 2018; sections are its.
 * Forced mode (3.3.3): each sample is one measurement, then the part sleeps. A measurement takes 10 to 113 ms (9.1).
 */
import type { I2cTransfer } from "../platform/types.ts";
import { bosch, compensated } from "./common/bosch.ts";
import { controlOf, filterOf, osrsOf, readingsOf } from "./host/oversampling.ts";
import type { Driver, DriverMeta, DriverOptions, Values } from "./types.ts";

/** Registers (5.3); 5.4.1: chip id. */
const CTRL_HUM = 0xf2;
const CTRL_MEAS = 0xf4;
const CONFIG = 0xf5;
const CHIP_ID = 0x60;

/** 0.01 %RH: the formula of 8.1 with dig_H1 to dig_H6; dig_H4 and dig_H5 have 12 bits each and share 0xE5. */
const humidityOf = (
  byte: (this: void, at: number) => number, signed: (this: void, at: number) => number, fine: number,
): number => {
  /** The byte after `at`, signed. */
  const signedByte = (at: number): number => Math.floor(signed(at) / 256);
  const x = (fine - 76800) / 67108864;
  let humidity = (byte(39) * 256 + byte(40)
    - 1024 * signedByte(28) - 64 * (byte(30) % 16) - x * 4096 * Math.floor(signed(30) / 16))
    * (signed(26) / 65536) * (1 + x * signedByte(31) * (1 + x * byte(28)));
  humidity *= 1 - humidity * byte(25) / 524288;
  return humidity < 0 ? 0 : humidity > 100 ? 10000 : Math.floor(humidity * 100 + 0.5);
};

/**
 * Values of a measurement: [0.01 degC, 0.01 %RH, Pa], none at all where temperature or pressure is outside of what the
 * part can measure: see {@link compensated}.
 * @param bytes 0x88 to 0xA1, 0xE1 to 0xE7 (4.2.2: the calibration), 0xF7 to 0xFE (the data)
 */
export const compensate = (bytes: string): Values => compensated(bytes, 33, humidityOf);

/**
 * Errors: see {@link bosch}.
 * @param controlHumidity ctrl_hum (5.4.3); it counts from the write of ctrl_meas on
 * @param controlMeasure ctrl_meas with forced mode (5.4.5)
 * @param config config (5.4.6)
 * @param measureMs the longest measurement (9.1)
 */
export const create = (
  transfer: I2cTransfer,
  address: number,
  controlHumidity: number,
  controlMeasure: number,
  config: number,
  measureMs: number,
): Driver =>
  bosch(
    transfer, address, CHIP_ID, 26, 7, String.fromCharCode(CTRL_HUM, controlHumidity, CTRL_MEAS, controlMeasure),
    String.fromCharCode(CONFIG, config), measureMs, 8, compensate,
  );

export const meta: DriverMeta = {
  title: "Bosch BME280: temperature, humidity, pressure",
  bus: "i2c",
  addresses: [0x76, 0x77],
  options: {
    oversampling: {
      type: "object",
      description: "How many readings each measurement is made of. More take longer and are less noisy.",
      default: {},
      examples: [{ temperature: 2, humidity: 1, pressure: 16 }],
      additionalProperties: false,
      properties: {
        temperature: { enum: [1, 2, 4, 8, 16], default: 1, description: "Readings of the temperature." },
        humidity: { enum: [1, 2, 4, 8, 16], default: 1, description: "Readings of the humidity." },
        pressure: { enum: [1, 2, 4, 8, 16], default: 1, description: "Readings of the pressure." },
      },
    },
    filter: {
      enum: ["off", 2, 4, 8, 16],
      default: "off",
      description: "Coefficient of the part's own low-pass filter for temperature and pressure. It counts in samples: "
        + "with 16, a step is followed to 75 % after 22 of them.",
      examples: ["off", 4],
    },
  },
  fields: () => [
    { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
    { name: "humidity", unit: "%", decimals: 2, deviceClass: "humidity", stateClass: "measurement" },
    { name: "pressure", unit: "hPa", decimals: 2, deviceClass: "atmospheric_pressure", stateClass: "measurement" },
  ],
  // 9.1: t_measure,max.
  conversionMs: (options: DriverOptions) => {
    const of = (quantity: string): number => readingsOf(options, quantity);
    const readings = of("temperature") + of("humidity") + of("pressure");
    return Math.ceil(1.25 + 2.3 * readings + 2 * 0.575);
  },
  constants: (options: DriverOptions) =>
    [osrsOf(options, "humidity"), controlOf(options), filterOf(options), meta.conversionMs(options)],
};
