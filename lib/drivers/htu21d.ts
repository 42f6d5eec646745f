/**
 * TE HTU21D, Silicon Labs Si7021, Sensirion SHT21: temperature, humidity, on I2C (0x40).
 * Source: HTU21D(F) data sheet HPC199, June 2013, and Si7021-A20 data sheet revision 1.3; headings are those of HPC199.
 * Two measurements, "no hold master": the part does not acknowledge a read before it has ended. The longest of the
 * parts: temperature of 14 bits 50 ms (HTU21D), humidity of 12 bits 23 ms (Si7021 table 2: 12 ms, and 10.8 ms for the
 * temperature that it measures with it; HTU21D: 16 ms).
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { word } from "./common/bytes.ts";
import { readWords } from "./common/command.ts";
import type { Driver, DriverMeta, DriverOptions } from "./types.ts";

/** "Commands and user register". */
const TEMPERATURE = "\xf3";
const TEMPERATURE_MS = 50;
const HUMIDITY = "\xf5";
const HUMIDITY_MS = 23;
const READ_USER = "\xe7";
/** "Soft reset": 15 ms at most, on each of the parts. */
const SOFT_RESET = "\xfe";
const RESET_MS = 15;
const CRC_INITIAL = 0;

/** 0.01 degC of a word whose two lowest bits are a status ("Conversion of signal outputs"). */
export const toTemperature = (raw: number): number =>
  Math.floor((raw - raw % 4) / 65536 * 17572 - 4685 + 0.5);

/**
 * 0.01 %RH of a word at a temperature (0.01 degC). It can come out between -6 and 118 %RH.
 * @param coefficient %RH a degree, from 25 degC on and between 0 and 80 degC ("Temperature coefficient compensation
 * equation"): -0.15 for the HTU21D, 0 for a part that compensates by itself
 */
export const toHumidity = (raw: number, temperature: number, coefficient: number): number => {
  const within = temperature < 0 ? 0 : temperature > 8000 ? 8000 : temperature;
  const humidity = Math.floor((raw - raw % 4) / 65536 * 12500 - 600 + (2500 - within) * coefficient + 0.5);
  return humidity < 0 ? 0 : humidity > 10000 ? 10000 : humidity;
};

/**
 * Errors: "nack": absent, or not ready in time; "id": a user register that none of these parts has after a reset;
 * "crc"; "range": outside of -40 to 125 degC. Where the humidity fails the temperature is a value all the same.
 * @param coefficient see {@link toHumidity}
 */
export const create = (transfer: I2cTransfer, address: number, coefficient: number): Driver => ({
  open: (done) => {
    if (transfer(address, SOFT_RESET, 0) === undefined) {
      done("nack");
    } else {
      after(() => {
        const user = transfer(address, READ_USER, 1);
        // "User register": resolution of 12 and 14 bits (bits 7 and 0), supply not low (bit 6), heater off (bit 2).
        done(user === undefined ? "nack" : (user.charCodeAt(0) & 0xc5) === 0 ? "" : "id");
      }, RESET_MS);
    }
  },
  sample: (done) =>
    readWords(transfer, address, TEMPERATURE, TEMPERATURE_MS, 1, CRC_INITIAL, (error, bytes) => {
      const temperature = error === "" ? toTemperature(word(bytes, 0)) : 0;
      if (error !== "") {
        done(error, []);
      } else if (temperature < -4000 || temperature > 12500) {
        done("range", []);
      } else {
        readWords(transfer, address, HUMIDITY, HUMIDITY_MS, 1, CRC_INITIAL, (next, data) =>
          done(next, next === "" ? [temperature, toHumidity(word(data, 0), temperature, coefficient)] : [temperature]));
      }
    }),
});

export const meta: DriverMeta = {
  title: "TE HTU21D, Silicon Labs Si7021, Sensirion SHT21: temperature, humidity",
  bus: "i2c",
  addresses: [0x40],
  maxBitrate: 400_000, // "I2C-interface timing specifications"; Si7021: the same
  options: {
    model: {
      enum: ["htu21d", "si7021"],
      default: "htu21d",
      description: "The part. The humidity of an htu21d is put right for its temperature; an si7021 (also: SHT21) does "
        + "that itself.",
    },
  },
  fields: () => [
    { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
    { name: "humidity", unit: "%", decimals: 2, deviceClass: "humidity", stateClass: "measurement" },
  ],
  conversionMs: () => TEMPERATURE_MS + HUMIDITY_MS,
  constants: (options: DriverOptions) => [options["model"] === "si7021" ? 0 : -0.15],
};
