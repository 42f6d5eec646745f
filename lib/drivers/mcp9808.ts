/**
 * Microchip MCP9808: temperature, on I2C (0x18 to 0x1F by A2 to A0).
 * Source: MCP9808 data sheet DS20005095B, 2018 (first DS25095A, 2011); sections are its.
 * Between samples the part is shut down (5.2.1). A conversion takes 30, 65, 130 or 250 ms by resolution (1.0,
 * "typical": a third more is waited for).
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { word } from "./common/bytes.ts";
import type { Driver, DriverMeta, DriverOptions, Values } from "./types.ts";

/** Registers (5.1, register 5-1). */
const CONFIG = 1;
const TEMPERATURE = "\x05";
const MANUFACTURER = "\x06";
const DEVICE = "\x07";
const RESOLUTION = 8;

/** 5.1.4, 5.1.5; the low byte of the device is a revision. */
const MANUFACTURER_ID = 0x0054;
const DEVICE_ID = 4;
/**
 * High byte of the configuration (5.1.1): a hysteresis of 1.5 degC, of no use without alerts, tells a part that has
 * kept its settings from one that has lost its power, whose hysteresis is 0; and shutdown.
 */
const AWAKE = 2;
const ASLEEP = 3;

/** [0.01 degC] of T_A (5.1.3): flags in the three highest bits, then 13 bits in 1/16 degC; none beyond -40 to 125. */
export const convert = (bytes: string): Values => {
  const raw = word(bytes, 0) % 8192;
  const temperature = Math.floor((raw < 4096 ? raw : raw - 8192) * 6.25 + 0.5);
  return temperature < -4000 || temperature > 12500 ? [] : [temperature];
};

/**
 * Errors: "nack"; "id"; "reset": it lost its power in the measurement; "range".
 * @param resolution 0 to 3 for 0.5, 0.25, 0.125, 0.0625 degC (5.1.6)
 */
export const create = (transfer: I2cTransfer, address: number, resolution: number, measureMs: number): Driver => {
  const ask = (bytes: string, count: number): string | undefined => transfer(address, bytes, count);
  const configure = (high: number): string | undefined => ask(String.fromCharCode(CONFIG, high, 0), 0);

  return {
    open: (done) => {
      const manufacturer = ask(MANUFACTURER, 2);
      const device = ask(DEVICE, 2);
      if (manufacturer === undefined || device === undefined) {
        done("nack");
      } else if (word(manufacturer, 0) !== MANUFACTURER_ID || device.charCodeAt(0) !== DEVICE_ID) {
        done("id");
      } else {
        done(ask(String.fromCharCode(RESOLUTION, resolution), 0) === undefined ? "nack" : "");
      }
    },
    sample: (done) => {
      if (configure(AWAKE) === undefined) {
        done("nack", []);
      } else {
        after(() => {
          const data = ask(TEMPERATURE, 2);
          // Last: the power may go between two messages.
          const config = ask(String.fromCharCode(CONFIG), 2);
          if (config === undefined || data === undefined || configure(ASLEEP) === undefined) {
            done("nack", []);
          } else if (config.charCodeAt(0) !== AWAKE) {
            done("reset", []);
          } else {
            const values = convert(data);
            done(values[0] === undefined ? "range" : "", values);
          }
        }, measureMs);
      }
    },
  };
};

/** Resolutions (5.1.6), degC, and their conversion times (1.0), ms. */
const RESOLUTIONS = [0.5, 0.25, 0.125, 0.0625];
const TIMES_MS = [30, 65, 130, 250];
const codeOf = (options: DriverOptions): number => RESOLUTIONS.indexOf(options["resolution"] as number ?? 0.0625);

export const meta: DriverMeta = {
  title: "Microchip MCP9808: temperature",
  bus: "i2c",
  addresses: [0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f],
  maxBitrate: 400_000, // "Serial interface timing specifications"
  options: {
    resolution: {
      enum: RESOLUTIONS,
      default: 0.0625,
      description: "Step of the temperature, °C. A finer one takes longer: 30, 65, 130, 250 ms.",
    },
  },
  fields: () => [
    { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
  ],
  conversionMs: (options: DriverOptions) => Math.ceil(TIMES_MS[codeOf(options)]! * 4 / 3),
  constants: (options: DriverOptions) => [codeOf(options), meta.conversionMs(options)],
};
