/**
 * Texas Instruments HDC1080: temperature, humidity, on I2C (0x40).
 * Source: HDC1080 data sheet SNAS672A, January 2016; sections are its.
 * Both with 14 bits, one after the other (8.5.3): 6.35 and 6.5 ms (7.5, "typical": half more is waited for). It does
 * not acknowledge a read before they have ended.
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { word } from "./common/bytes.ts";
import type { Driver, DriverMeta, Values } from "./types.ts";

/** Registers (8.6); the pointer of the temperature triggers a measurement. */
const TEMPERATURE = "\x00";
/** 8.6.3: both quantities in sequence, 14 bits each, no heater: as after a reset. */
const CONFIGURE = "\x02\x10\x00";
const MANUFACTURER = "\xfe";
const DEVICE = "\xff";
const MANUFACTURER_ID = 0x5449;
const DEVICE_ID = 0x1050;
const MEASURE_MS = 20;

/** The data registers after a reset (8.6.1, 8.6.2): nothing was measured. */
const NOTHING = "\0\0\0\0";

/** [0.01 degC, 0.01 %RH] of two words (8.6.1, 8.6.2), whose two lowest bits are 0. */
export const convert = (bytes: string): Values => [
  Math.floor(word(bytes, 0) / 65536 * 16500 - 4000 + 0.5),
  Math.floor(word(bytes, 2) / 65536 * 10000 + 0.5),
];

/** Errors: "nack": absent, or not ready in time; "id"; "range": the part was reset before it was read. */
export const create = (transfer: I2cTransfer, address: number): Driver => {
  const ask = (bytes: string, count: number): string | undefined => transfer(address, bytes, count);

  return {
    open: (done) => {
      const manufacturer = ask(MANUFACTURER, 2);
      const device = ask(DEVICE, 2);
      if (manufacturer === undefined || device === undefined) {
        done("nack");
      } else if (word(manufacturer, 0) !== MANUFACTURER_ID || word(device, 0) !== DEVICE_ID) {
        done("id");
      } else {
        done(ask(CONFIGURE, 0) === undefined ? "nack" : "");
      }
    },
    sample: (done) => {
      if (ask(TEMPERATURE, 0) === undefined) {
        done("nack", []);
      } else {
        after(() => {
          const data = ask("", 4);
          if (data === undefined) {
            done("nack", []);
          } else if (data === NOTHING) {
            done("range", []);
          } else {
            done("", convert(data));
          }
        }, MEASURE_MS);
      }
    },
  };
};

export const meta: DriverMeta = {
  title: "Texas Instruments HDC1080: temperature, humidity",
  bus: "i2c",
  addresses: [0x40],
  maxBitrate: 400_000, // "I2C interface timing requirements"
  options: {},
  fields: () => [
    { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
    { name: "humidity", unit: "%", decimals: 2, deviceClass: "humidity", stateClass: "measurement" },
  ],
  conversionMs: () => MEASURE_MS,
  constants: () => [],
};
