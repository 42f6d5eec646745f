/**
 * ST LIS3DH: acceleration in three directions, on I2C (0x18 with SA0 low, 0x19 with SA0 high). Source: LIS3DH data
 * sheet DocID17530, revision 2, December 2016; sections are its. High-resolution mode, 12 bits: the part measures by
 * itself at a rate, and a sample takes what is newest. After the part was opened that takes seven periods of the rate
 * at most (table 12, "turn-on time").
 */
import type { I2cTransfer } from "../platform/types.ts";
import type { Driver, DriverMeta, DriverOptions, ReadError, Values } from "./types.ts";
import { askAfter, LATE } from "./common/wait.ts";

/** Registers (8), as the byte that a transfer starts with; with bit 7 the address counts up (6.1.1). */
const WHO_AM_I = "\x0f";
const CTRL_REG1 = 0x20;
const CTRL_REG4 = 0x23;
const AXES_FROM_STATUS = "\xa7";
/** 8.6 */
const LIS3DH_ID = 0x33;
/** 8.8: the three axes on, below the rate in bits 7 to 4. 8.11: BDU and HR, around the full scale in bits 5 and 4. */
const AXES_ON = 7;
const WHOLE_AND_FINE = 0x88;
/** 8.17: ZYXDA: a new value of each axis. */
const NEW_DATA = 8;
const AGAIN_TIMES = 8;

/**
 * Acceleration of an axis in mm/s^2: 12 bits, left-aligned in two bytes, low one first. Undefined at both ends of the
 * scale, which stand for all that is beyond.
 * @param scale mm/s^2 of a count
 */
export const axisOf = (bytes: string, at: number, scale: number): number | undefined => {
  const unsigned = Math.floor((bytes.charCodeAt(at) + bytes.charCodeAt(at + 1) * 256) / 16);
  const count = unsigned < 2048 ? unsigned : unsigned - 4096;
  return count > -2048 && count < 2047 ? Math.floor(count * scale + 0.5) : undefined;
};

/**
 * Errors: "nack"; "id": another part; "reset": the part has lost its settings; "timeout": nothing new is measured;
 * "range": an axis is beyond the full scale, so that it has no value (the others have).
 * @param rate CTRL_REG1 with the rate
 * @param full CTRL_REG4 with the full scale
 * @param scale see {@link axisOf}
 * @param periodMs of the rate
 */
export const create = (
  transfer: I2cTransfer,
  address: number,
  rate: number,
  full: number,
  scale: number,
  periodMs: number,
): Driver => ({
  open: (done) => {
    const id = transfer(address, WHO_AM_I, 1);
    if (id !== undefined && id.charCodeAt(0) !== LIS3DH_ID) {
      done("id");
    } else {
      const isSet = id !== undefined
        && transfer(address, String.fromCharCode(CTRL_REG4, full), 0) !== undefined
        && transfer(address, String.fromCharCode(CTRL_REG1, rate), 0) !== undefined;
      done(isSet ? "" : "nack");
    }
  },
  sample: (done) => {
    let data: string | undefined = "";
    askAfter(0, periodMs, AGAIN_TIMES, (): ReadError => {
      const settings = transfer(address, String.fromCharCode(CTRL_REG1), 1);
      data = transfer(address, AXES_FROM_STATUS, 7);
      return settings === undefined || data === undefined ? "nack"
        : settings.charCodeAt(0) !== rate ? "reset"
          : (data.charCodeAt(0) & NEW_DATA) === 0 ? LATE : "";
    }, (error) => {
      const values: Values = [];
      let worst = error;
      let axis = 0;
      while (error === "" && axis < 3) {
        values[axis] = axisOf(data!, 1 + axis * 2, scale);
        worst = values[axis] === undefined ? "range" : worst;
        axis++;
      }
      done(worst, values);
    });
  },
});

/** 8.8, table 31. */
const LIS3DH_RATES = [1, 10, 25, 50, 100, 200, 400];
/** Table 4: mg a count with 2, 4, 8, 16 g. */
const FULL_SCALES = [2, 4, 8, 16];
const MG_A_COUNT = [1, 2, 4, 12];

const rateHz = (options: DriverOptions): number => options["rate"] as number | undefined ?? 10;
const fullScale = (options: DriverOptions): number => FULL_SCALES.indexOf(options["range"] as number | undefined ?? 2);

export const meta: DriverMeta = {
  title: "ST LIS3DH: acceleration in three directions",
  bus: "i2c",
  addresses: [0x18, 0x19],
  maxBitrate: 400_000, // table "I2C slave timing values", fast mode
  options: {
    range: { enum: FULL_SCALES, default: 2, description: "Full scale in g: 1, 2, 4 or 12 mg a step." },
    rate: { enum: LIS3DH_RATES, default: 10, description: "Measurements a second; the newest one is published." },
  },
  fields: () => ["x", "y", "z"].map((axis) => (
    { name: `acceleration_${axis}`, unit: "m/s²", decimals: 3, stateClass: "measurement" as const }
  )),
  conversionMs: (options: DriverOptions) => Math.ceil(7000 / rateHz(options)),
  constants: (options: DriverOptions) => [
    (LIS3DH_RATES.indexOf(rateHz(options)) + 1) * 16 + AXES_ON,
    WHOLE_AND_FINE + fullScale(options) * 16,
    // Standard gravity: 9.80665 m/s^2.
    MG_A_COUNT[fullScale(options)]! * 9.80665,
    Math.ceil(1000 / rateHz(options)),
  ],
};
