/**
 * Sensirion SGP30: total volatile organic compounds, and the CO2 that would come with them, on I2C (0x58). Source:
 * SGP30 data sheet, version 1.0, May 2020; sections are its. Its algorithm wants a measurement every second (3.1,
 * "Measurement"), whatever the sensor's interval: the driver measures by itself from the first `open` on, and a
 * sample is what was measured last. The first 15 s after the start give constants (400 ppm, 0 ppb), which are not
 * published.
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { word } from "./common/bytes.ts";
import { readWords } from "./common/command.ts";
import { crc8 } from "./common/crc8.ts";
import { sendCommand } from "./common/sensirion.ts";
import type { Driver, DriverMeta, DriverOptions, ReadError, Values } from "./types.ts";

/** Commands (table 10) and their longest time. */
const IAQ_INIT = 0x2003;
const MEASURE_IAQ = "\x20\x08";
const SET_BASELINE = "\x20\x1e";
const GET_FEATURE_SET = "\x20\x2f";
const SGP30_MS = 12;

const EVERY_MS = 1000;
/** 15 s of constants, and one measurement for the doubt. */
const WARM_UP = 16;

/**
 * Errors: "nack"; "crc"; "id": no SGP30; "warmup": its algorithm has not begun to work yet.
 * @param baseline of the algorithm: TVOC and CO2, four bytes; none: it finds its own, within 12 h (3.1)
 */
export const create = (transfer: I2cTransfer, address: number, baseline: number[]): Driver => {
  let isTicking = false;
  /** Measurements since the start of the algorithm; below 0 it has to be started. */
  let measured = -1;
  let failure: ReadError = "";
  let values: Values = [];

  const tick = (): void => {
    after(tick, EVERY_MS);
    if (measured >= 0) {
      readWords(transfer, address, MEASURE_IAQ, SGP30_MS, 2, 0xff, (error, bytes) => {
        // Not what was under way when the algorithm was given up.
        failure = measured >= 0 ? error : failure;
        if (error === "" && measured >= 0) {
          measured++;
          values = [word(bytes, 0), word(bytes, 3)];
        }
      });
    }
  };

  const started = (): ReadError => {
    let isKept = true;
    if (baseline[0] !== undefined) {
      const tvoc = String.fromCharCode(baseline[0], baseline[1]!);
      const co2 = String.fromCharCode(baseline[2]!, baseline[3]!);
      isKept = transfer(address, SET_BASELINE + tvoc + String.fromCharCode(crc8(tvoc, 0xff))
        + co2 + String.fromCharCode(crc8(co2, 0xff)), 0) !== undefined;
    }
    if (isKept) {
      measured = 0;
      failure = "";
      if (!isTicking) {
        isTicking = true;
        after(tick, EVERY_MS);
      }
    }
    return isKept ? "" : "nack";
  };

  return {
    // While the algorithm runs well it is left alone: it would begin anew.
    open: (done) => {
      if (measured >= 0 && failure === "") {
        done("");
      } else {
        measured = -1;
        // A measurement may be under way: it is over then.
        after(() => readWords(transfer, address, GET_FEATURE_SET, SGP30_MS, 1, 0xff, (error, bytes) => {
          if (error !== "" || bytes.charCodeAt(0) !== 0) {
            // 3.3: product type 0, and four bits that are reserved.
            done(error !== "" ? error : "id");
          } else if (sendCommand(transfer, address, IAQ_INIT)) {
            after(() => done(started()), SGP30_MS);
          } else {
            done("nack");
          }
        }), SGP30_MS);
      }
    },
    sample: (done) => {
      const error = failure !== "" ? failure : measured < WARM_UP ? "warmup" : "";
      done(error, error === "" ? values : []);
    },
  };
};

export const meta: DriverMeta = {
  title: "Sensirion SGP30: volatile organic compounds, equivalent CO2",
  bus: "i2c",
  addresses: [0x58],
  maxBitrate: 400_000, // "SCL clock frequency"
  options: {
    baseline: {
      type: "object",
      description: "What the part's algorithm takes for clean air, as it was read from this very part: without it the "
        + "algorithm looks for it for 12 hours.",
      examples: [{ tvoc: 35374, eco2: 36243 }],
      required: ["tvoc", "eco2"],
      additionalProperties: false,
      properties: {
        tvoc: { type: "integer", minimum: 1, maximum: 65535, description: "Baseline of the TVOC signal." },
        eco2: { type: "integer", minimum: 1, maximum: 65535, description: "Baseline of the equivalent CO2 signal." },
      },
    },
  },
  fields: () => [
    { name: "eco2", unit: "ppm", decimals: 0, deviceClass: "carbon_dioxide", stateClass: "measurement" },
    {
      name: "tvoc", unit: "ppb", decimals: 0, deviceClass: "volatile_organic_compounds_parts", stateClass: "measurement",
    },
  ],
  // What was measured last is there at once.
  conversionMs: () => 1,
  constants: (options: DriverOptions) => {
    const baseline = options["baseline"] as { tvoc: number; eco2: number } | undefined;
    return [baseline
      ? [baseline.tvoc >>> 8, baseline.tvoc & 255, baseline.eco2 >>> 8, baseline.eco2 & 255] : []];
  },
};
