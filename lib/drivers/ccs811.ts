/**
 * ScioSense (ams) CCS811: volatile organic compounds, equivalent CO2, on I2C (0x5a with ADDR low, 0x5b). nWAKE has to
 * be low, and the bus has to bear a stretched clock. Source: CCS811 data sheet SC-001232-DS-2, October 2019, and its
 * programming guide AN000369; headings are theirs. The part measures by itself every 1, 10 or 60 s. For 20 minutes
 * after a start its values are not to be trusted ("Performance over time"): they are not published before. A new part
 * wants 48 hours of running in, too.
 */
import { after, now } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { word } from "./common/bytes.ts";
import { askAfter, LATE } from "./common/wait.ts";
import type { Driver, DriverMeta, DriverOptions, ReadError } from "./types.ts";

/** "Register overview", as the byte that a transfer starts with. */
const CCS811_STATUS = "\0";
const MEAS_MODE = 1;
const ALG_RESULT_DATA = "\x02";
const BASELINE = 0x11;
const HW_ID = "\x20";
/** Reading it takes the error away ("ERROR_ID register"). */
const ERROR_ID = "\xe0";
const APP_START = "\xf4";
/** "HW_ID register". */
const CCS811_ID = 0x81;
/** "STATUS register": firmware in application mode, application valid, new data, error. */
const FW_MODE = 0x80;
const APP_VALID = 0x10;
const CCS811_NEW = 8;
const CCS811_ERROR = 1;
/** "Timing characteristics": t_APP_START is 1 ms. */
const START_MS = 2;
const AGAIN_SHARE = 4;

/**
 * Errors: "nack"; "id": another part, or one without its application; "warmup"; "fault": the part has an error, of its
 * heater for instance; "reset": it has lost its power; "timeout": nothing new; "range": values that it cannot have
 * (eCO2 400 to 29206 ppm, TVOC up to 32768 ppb).
 * @param mode MEAS_MODE
 * @param periodMs of the mode
 * @param warmUpMs after a start by this driver
 * @param baseline two bytes, or none
 */
export const create = (
  transfer: I2cTransfer,
  address: number,
  mode: number,
  periodMs: number,
  warmUpMs: number,
  baseline: number[],
): Driver => {
  let startedMs = 0;
  let isWarm = true;

  const writeMode = (): ReadError => {
    const isSet = transfer(address, String.fromCharCode(MEAS_MODE, mode), 0) !== undefined
      && (baseline[0] === undefined
        || transfer(address, String.fromCharCode(BASELINE, baseline[0], baseline[1]!), 0) !== undefined);
    return isSet ? "" : "nack";
  };

  return {
    // One that measures is left alone: it would warm up anew.
    open: (done) => {
      const id = transfer(address, HW_ID, 1);
      const status = id === undefined ? undefined : transfer(address, CCS811_STATUS, 1);
      const isFaulty = status !== undefined && (status.charCodeAt(0) & CCS811_ERROR) > 0;
      if (id === undefined || status === undefined || (isFaulty && transfer(address, ERROR_ID, 1) === undefined)) {
        done("nack");
      } else if (id.charCodeAt(0) !== CCS811_ID || (status.charCodeAt(0) & APP_VALID) === 0) {
        done("id");
      } else if ((status.charCodeAt(0) & FW_MODE) > 0) {
        // The boot loader has no such register ("Bootloader register map").
        const set = transfer(address, String.fromCharCode(MEAS_MODE), 1);
        if (isFaulty) {
          // What was measured meanwhile is not to be taken for new.
          transfer(address, ALG_RESULT_DATA, 6);
        }
        done(set === undefined ? "nack" : set.charCodeAt(0) === mode ? "" : writeMode());
      } else if (transfer(address, APP_START, 0) === undefined) {
        done("nack");
      } else {
        startedMs = now();
        isWarm = warmUpMs === 0;
        after(() => done(writeMode()), START_MS);
      }
    },
    sample: (done) => {
      let data: string | undefined = "";
      askAfter(0, Math.ceil(periodMs / AGAIN_SHARE), AGAIN_SHARE + 2, (): ReadError => {
        data = transfer(address, ALG_RESULT_DATA, 6);
        const status = data === undefined ? 0 : data.charCodeAt(4);
        return data === undefined ? "nack"
          : (status & FW_MODE) === 0 ? "reset"
            : (status & CCS811_ERROR) > 0 ? "fault"
              : (status & CCS811_NEW) === 0 ? LATE : "";
      }, (problem) => {
        isWarm = isWarm || now() - startedMs >= warmUpMs;
        const eco2 = problem === "" ? word(data!, 0) : 0;
        const tvoc = problem === "" ? word(data!, 2) : 0;
        const error = problem !== "" ? problem
          : !isWarm ? "warmup"
            : eco2 < 400 || eco2 > 29206 || tvoc > 32768 ? "range" : "";
        done(error, error === "" ? [eco2, tvoc] : []);
      });
    },
  };
};

const CCS811_PERIODS = [1, 10, 60];
const periodOf = (options: DriverOptions): number => options["period"] as number | undefined ?? 1;

export const meta: DriverMeta = {
  title: "ScioSense CCS811: volatile organic compounds, equivalent CO2",
  bus: "i2c",
  addresses: [0x5a, 0x5b],
  maxBitrate: 400_000, // "I2C interface": standard and fast mode
  options: {
    period: {
      enum: CCS811_PERIODS, default: 1,
      description: "Seconds from one measurement of the part to the next: 26 mW with 1, 7 mW with 10, 1.2 mW with 60.",
    },
    warmUp: {
      type: "integer", minimum: 0, maximum: 60, default: 20,
      description: "Minutes after a start of the part in which nothing is published. The data sheet says 20.",
    },
    baseline: {
      type: "integer", minimum: 1, maximum: 65535,
      description: "What the part takes for clean air, as it was read from this very part.",
      examples: [33972],
    },
  },
  fields: () => [
    { name: "eco2", unit: "ppm", decimals: 0, deviceClass: "carbon_dioxide", stateClass: "measurement" },
    {
      name: "tvoc", unit: "ppb", decimals: 0, deviceClass: "volatile_organic_compounds_parts", stateClass: "measurement",
    },
  ],
  conversionMs: (options: DriverOptions) => periodOf(options) * 1000,
  constants: (options: DriverOptions) => {
    const baseline = options["baseline"] as number | undefined;
    return [
      (CCS811_PERIODS.indexOf(periodOf(options)) + 1) * 16,
      periodOf(options) * 1000,
      (options["warmUp"] as number | undefined ?? 20) * 60000,
      baseline === undefined ? [] : [baseline >>> 8, baseline & 255],
    ];
  },
};
