/**
 * Maxim (Analog Devices) MAX17048: voltage and state of charge of a lithium cell, on I2C (0x36). Source:
 * MAX17048/MAX17049 data sheet 19-6171, revision 7, December 2016; headings are its. The part measures by itself,
 * every 0.25 s or, hibernating, every 45 s ("Power modes of operation"): a sample only reads.
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { signedWord, word } from "./common/bytes.ts";
import type { Driver, DriverMeta, Values } from "./types.ts";

/** "Register summary", table 2. */
const VCELL = "\x02";
const SOC = "\x04";
const VERSION = "\x08";
const CRATE = "\x16";
const STATUS_REGISTER = "\x1a";
/** "STATUS register": RI, the part was reset; written as 0 by who has set it up. */
const RI = 1;
const CLEAR_RI = "\x1a\0\0";
/** "Power-on reset": the first estimate of a cell that was put in takes 1 s. */
const ESTIMATE_MS = 1000;
/**
 * "Absolute maximum" and "Operating" conditions: 2.5 V to 4.5 V, in 0.1 mV. Without a cell there is nothing like it.
 */
const LOWEST_VOLTAGE = 24000;

/**
 * Values: [0.1 mV, 0.01 %, 0.1 %/h]. VCELL has 78.125 uV a count, SOC 1/256 %, CRATE 0.208 %/h in two's complement. A
 * charge above 100 % is a full cell ("SOC register").
 */
export const max17048Values = (cell: string, charge: string, rate: string): Values => {
  const percent = Math.floor(word(charge, 0) / 2.56 + 0.5);
  return [
    Math.floor(word(cell, 0) * 0.78125 + 0.5),
    percent > 10000 ? 10000 : percent,
    Math.floor(signedWord(rate, 0) * 2.08 + 0.5),
  ];
};

/**
 * Errors: "nack"; "id": another part; "reset": the part has lost its power since it was opened; "range": no cell.
 */
export const create = (transfer: I2cTransfer, address: number): Driver => {
  const ask = (register: string): string | undefined => transfer(address, register, 2);

  return {
    open: (done) => {
      const version = ask(VERSION);
      const status = ask(STATUS_REGISTER);
      if (version === undefined || status === undefined) {
        done("nack");
      } else if (word(version, 0) >>> 4 !== 1) {
        // "VERSION register": 0x001_.
        done("id");
      } else if (status.charCodeAt(0) % 2 !== RI) {
        done("");
      } else {
        after(() => done(transfer(address, CLEAR_RI, 0) === undefined ? "nack" : ""), ESTIMATE_MS);
      }
    },
    sample: (done) => {
      const cell = ask(VCELL);
      const charge = ask(SOC);
      const rate = ask(CRATE);
      // Last: the power may go between two messages.
      const status = ask(STATUS_REGISTER);
      if (status === undefined || cell === undefined || charge === undefined || rate === undefined) {
        done("nack", []);
      } else if (status.charCodeAt(0) % 2 === RI) {
        done("reset", []);
      } else {
        const values = max17048Values(cell, charge, rate);
        const hasCell = values[0]! >= LOWEST_VOLTAGE;
        done(hasCell ? "" : "range", hasCell ? values : []);
      }
    },
  };
};

export const meta: DriverMeta = {
  title: "Maxim MAX17048: voltage and charge of a lithium cell",
  bus: "i2c",
  addresses: [0x36],
  maxBitrate: 400_000, // "Electrical characteristics (I2C interface)", SCL clock frequency
  options: {},
  fields: () => [
    { name: "voltage", unit: "V", decimals: 4, deviceClass: "voltage", stateClass: "measurement" },
    { name: "level", unit: "%", decimals: 2, deviceClass: "battery", stateClass: "measurement" },
    { name: "rate", unit: "%/h", decimals: 1, stateClass: "measurement" },
  ],
  // Registers are read; a part that was reset is waited for when it is opened.
  conversionMs: () => 1,
  constants: () => [],
};
