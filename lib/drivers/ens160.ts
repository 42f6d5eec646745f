/**
 * ScioSense ENS160: air quality index, volatile organic compounds, equivalent CO2, on I2C (0x53 with ADDR high, 0x52).
 * Source: ENS160 data sheet SC-001224-DS-9, revision 0.95; sections are its.
 * In standard mode the part measures every second by itself; a sample takes what is newest. It says itself how far its
 * values can be trusted (16.2.9, VALIDITY): for 3 minutes after each start, and for an hour after the very first one,
 * they are not published.
 */
import type { I2cTransfer } from "../platform/types.ts";
import { askAfter, LATE } from "./common/wait.ts";
import type { Driver, DriverMeta, ReadError } from "./types.ts";

/** Registers (16.1), low byte first. */
const PART_ID = "\0";
const OPMODE = "\x10";
const DEVICE_STATUS = "\x20";
/** 16.2.1: 0x0160. */
const ENS160_ID = "\x60\x01";
/** 16.2.2: standard gas sensing. */
const STANDARD = "\x02";
/** 16.2.9: STATAS, an operating mode runs; STATER, an error; NEWDAT. */
const RUNS = 0x80;
const ENS160_ERROR = 0x40;
const IS_NEW = 2;
/** What VALIDITY says: normal, warm-up, initial start-up, no valid output. */
const VALIDITY: ReadError[] = ["", "warmup", "warmup", "invalid"];
const ENS160_AGAIN_MS = 500;
const AGAIN_TIMES_ENS160 = 3;

/**
 * Errors: "nack"; "id": another part; "warmup", "invalid": what the part says of its values; "fault": it has an error;
 * "reset": it has lost its power; "timeout": nothing new.
 */
export const create = (transfer: I2cTransfer, address: number): Driver => ({
  // One that runs is left alone: it would warm up anew.
  open: (done) => {
    const id = transfer(address, PART_ID, 2);
    const mode = id === undefined ? undefined : transfer(address, OPMODE, 1);
    if (mode === undefined || id !== ENS160_ID) {
      done(mode === undefined ? "nack" : "id");
    } else {
      done(mode === STANDARD || transfer(address, OPMODE + STANDARD, 0) !== undefined ? "" : "nack");
    }
  },
  sample: (done) => {
    let data: string | undefined = "";
    askAfter(0, ENS160_AGAIN_MS, AGAIN_TIMES_ENS160, (): ReadError => {
      data = transfer(address, DEVICE_STATUS, 6);
      const status = data === undefined ? 0 : data.charCodeAt(0);
      const validity = VALIDITY[(status >>> 2) % 4]!;
      return data === undefined ? "nack"
        : (status & RUNS) === 0 ? "reset"
          : (status & ENS160_ERROR) > 0 ? "fault"
            : validity !== "" ? validity
              : (status & IS_NEW) === 0 ? LATE : "";
    }, (error) => {
      const byte = (at: number): number => data!.charCodeAt(at);
      done(error, error !== "" ? [] : [byte(1) % 8, byte(2) + byte(3) * 256, byte(4) + byte(5) * 256]);
    });
  },
});

export const meta: DriverMeta = {
  title: "ScioSense ENS160: air quality, volatile organic compounds, equivalent CO2",
  bus: "i2c",
  addresses: [0x53, 0x52],
  options: {},
  fields: () => [
    { name: "aqi", unit: "", decimals: 0, deviceClass: "aqi", stateClass: "measurement" },
    {
      name: "tvoc", unit: "ppb", decimals: 0, deviceClass: "volatile_organic_compounds_parts", stateClass: "measurement",
    },
    { name: "eco2", unit: "ppm", decimals: 0, deviceClass: "carbon_dioxide", stateClass: "measurement" },
  ],
  conversionMs: () => 1000,
  constants: () => [],
};
