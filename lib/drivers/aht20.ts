/**
 * ASAIR AHT20 (and AHT21, AHT25, DHT20): temperature, humidity, on I2C (0x38).
 * Source: AHT20 data sheet, A/0 version 1.1, ASAIR; sections are its.
 * A measurement takes 80 ms (5.4). It answers a read meanwhile, with the bit "busy" set.
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { crc8 } from "./common/crc8.ts";
import { askAfter, LATE } from "./common/wait.ts";
import type { Driver, DriverMeta, Values } from "./types.ts";

/** 5.3, 5.4: soft reset (20 ms), initialization (10 ms), trigger. */
const SOFT_RESET = "\xba";
const RESET_MS = 20;
const INITIALIZE = "\xbe\x08\x00";
const INITIALIZE_MS = 10;
const MEASURE = "\xac\x33\x00";
const MEASURE_MS = 80;
/** A part that is still busy is asked again after RECHECK_MS, so many times. */
const RECHECK_MS = 10;
const RECHECKS = 4;

/** 5.3: bits of the status. */
const BUSY = 0x80;
const CALIBRATED = 0x08;
const CRC_INITIAL = 0xff;

/**
 * [0.01 degC, 0.01 %RH] of a status and 20 bits each of humidity and temperature (6.1, 6.2); none outside of -40 to
 * 85 degC.
 */
export const convert = (bytes: string): Values => {
  const byte = (at: number): number => bytes.charCodeAt(at);
  const temperature = Math.floor((byte(3) % 16 * 65536 + byte(4) * 256 + byte(5)) / 1048576 * 20000 - 5000 + 0.5);
  return temperature < -4000 || temperature > 8500
    ? []
    : [temperature, Math.floor((byte(1) * 4096 + byte(2) * 16 + byte(3) / 16) / 1048576 * 10000 + 0.5)];
};

/**
 * Errors: "nack"; "timeout": still busy, or not calibrated by its initialization; "crc" (5.4); "reset": it lost its
 * power in the measurement, and its calibration with it; "range".
 */
export const create = (transfer: I2cTransfer, address: number): Driver => {
  const ask = (bytes: string, count: number): string | undefined => transfer(address, bytes, count);

  const isCalibrated = (status: string): boolean => (status.charCodeAt(0) & CALIBRATED) > 0;

  return {
    open: (done) => {
      if (ask(SOFT_RESET, 0) === undefined) {
        done("nack");
      } else {
        after(() => {
          if (ask(INITIALIZE, 0) === undefined) {
            done("nack");
          } else {
            after(() => {
              const status = ask("", 1);
              done(status === undefined ? "nack" : isCalibrated(status) ? "" : "timeout");
            }, INITIALIZE_MS);
          }
        }, RESET_MS);
      }
    },
    sample: (done) => {
      if (ask(MEASURE, 0) === undefined) {
        done("nack", []);
      } else {
        let values: Values = [];
        askAfter(MEASURE_MS, RECHECK_MS, RECHECKS, () => {
          const bytes = ask("", 7);
          if (bytes === undefined) {
            return "nack";
          }
          if (bytes.charCodeAt(0) >= BUSY) {
            return LATE;
          }
          if (crc8(bytes, CRC_INITIAL) !== 0) {
            return "crc";
          }
          if (!isCalibrated(bytes)) {
            return "reset";
          }
          values = convert(bytes);
          return values[0] === undefined ? "range" : "";
        }, (error) => done(error, values));
      }
    },
  };
};

export const meta: DriverMeta = {
  title: "ASAIR AHT20: temperature, humidity",
  bus: "i2c",
  addresses: [0x38],
  maxBitrate: 400_000, // table of the I2C timing, SCL
  options: {},
  fields: () => [
    { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
    { name: "humidity", unit: "%", decimals: 2, deviceClass: "humidity", stateClass: "measurement" },
  ],
  conversionMs: () => MEASURE_MS + RECHECK_MS * RECHECKS,
  constants: () => [],
};
