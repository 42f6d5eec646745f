/**
 * InvenSense (TDK) MPU-6050: acceleration and rotation in three directions, temperature, motion, on I2C (0x68 with
 * AD0 low, 0x69 with AD0 high). Its line INT goes high when it has detected motion. Source: register map
 * RM-MPU-6000A-00, revision 4.2, August 2013 (RM), with the motion registers of revision 3.2; product specification
 * PS-MPU-6000A-00, revision 3.4 (PS). The part measures 100 times a second by itself; a sample takes what is newest.
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { mpuValues } from "./common/mpu6050.ts";
import { askAfter, LATE } from "./common/wait.ts";
import type { Driver, DriverMeta, DriverOptions, Field, ReadError } from "./types.ts";

/** RM 3: registers. */
const MPU_WHO_AM_I = "\x75";
const PWR_MGMT_1 = 0x6b;
const STATUS_AND_DATA = "\x3a";
/** RM 4.32, 4.28: the id; DEVICE_RESET; awake, with the clock of a gyroscope. */
const MPU_ID = 0x68;
const DEVICE_RESET = 0x80;
const AWAKE = 1;
/** RM 4.16: motion, new data. */
const MOTION = 0x40;
const DATA_READY = 1;
/** RM 4.28: after a reset; PS 6.1: the gyroscopes start within 30 ms, and the measurement after that is theirs. */
const MPU_RESET_MS = 100;
const GYRO_MS = 45;
const MPU_AGAIN_MS = 10;
const MPU_AGAIN_TIMES = 5;

/**
 * Errors: "nack"; "id": another part; "reset": the part has lost its settings; "timeout": nothing new is measured;
 * "range": a direction is beyond its full scale and has no value (the others have).
 * @param settings registers and values, alternating
 * @param accelScale mm/s^2 of a count
 * @param gyroScale 0.01 degrees a second of a count
 * @param hasMotion whether the last value is whether there was motion since the sample before
 */
export const create = (
  transfer: I2cTransfer,
  address: number,
  settings: number[],
  accelScale: number,
  gyroScale: number,
  hasMotion: boolean,
): Driver => {
  const write = (register: number, value: number): boolean =>
    transfer(address, String.fromCharCode(register, value), 0) !== undefined;

  const setUp = (): ReadError => {
    let isSet = write(PWR_MGMT_1, AWAKE);
    let at = 0;
    while (isSet && at < settings.length) {
      isSet = write(settings[at]!, settings[at + 1]!);
      at += 2;
    }
    return isSet ? "" : "nack";
  };

  return {
    open: (done) => {
      const id = transfer(address, MPU_WHO_AM_I, 1);
      if (id !== undefined && id.charCodeAt(0) !== MPU_ID) {
        done("id");
      } else if (id === undefined || !write(PWR_MGMT_1, DEVICE_RESET)) {
        done("nack");
      } else {
        after(() => {
          const error = setUp();
          after(() => done(error), GYRO_MS);
        }, MPU_RESET_MS);
      }
    },
    sample: (done) => {
      let data: string | undefined = "";
      let motion = 0;
      askAfter(0, MPU_AGAIN_MS, MPU_AGAIN_TIMES, (): ReadError => {
        const power = transfer(address, String.fromCharCode(PWR_MGMT_1), 1);
        data = transfer(address, STATUS_AND_DATA, 15);
        if (power === undefined || data === undefined) {
          return "nack";
        }
        const status = data.charCodeAt(0);
        // Reading the status clears it, motion included.
        motion = (status & MOTION) > 0 ? 1 : motion;
        return power.charCodeAt(0) !== AWAKE ? "reset" : (status & DATA_READY) === 0 ? LATE : "";
      }, (error) => {
        const values = error === "" ? mpuValues(data!, 1, accelScale, gyroScale) : [];
        let worst = error;
        let at = 0;
        while (error === "" && at < 7) {
          worst = values[at] === undefined ? "range" : worst;
          at++;
        }
        if (error === "" && hasMotion) {
          values[7] = motion;
        }
        done(worst, values);
      });
    },
  };
};

/** RM 4.4, 4.5: g and degrees a second by the code; counts for each. */
const ACCEL_RANGES = [2, 4, 8, 16];
const GYRO_RANGES = [250, 500, 1000, 2000];

const accelOf = (options: DriverOptions): number => ACCEL_RANGES.indexOf(options["range"] as number | undefined ?? 2);
const gyroOf = (options: DriverOptions): number => GYRO_RANGES.indexOf(options["rotation"] as number | undefined ?? 250);

export const meta: DriverMeta = {
  title: "InvenSense MPU-6050: acceleration, rotation, motion",
  bus: "i2c",
  addresses: [0x68, 0x69],
  maxBitrate: 400_000, // PS 6.5, fast mode
  interrupt: "high",
  options: {
    range: { enum: ACCEL_RANGES, default: 2, description: "Full scale of the acceleration in g." },
    rotation: { enum: GYRO_RANGES, default: 250, description: "Full scale of the rotation in degrees a second." },
    motion: {
      type: "integer", minimum: 2, maximum: 510, multipleOf: 2,
      description: "Detect motion: a change of the acceleration above so many thousandths of g. Adds the field motion; with "
        + "an interrupt pin a reading is published at once.",
      examples: [40],
    },
  },
  fields: (options: DriverOptions) => {
    const fields: Field[] = ["x", "y", "z"].map((axis) => (
      { name: `acceleration_${axis}`, unit: "m/s²", decimals: 3, stateClass: "measurement" }
    ));
    return fields.concat(
      ["x", "y", "z"].map((axis) => (
        { name: `rotation_${axis}`, unit: "°/s", decimals: 2, stateClass: "measurement" }
      )),
      { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
      options["motion"] === undefined ? [] : { name: "motion", unit: "", decimals: 0, binary: true, deviceClass: "motion" },
    );
  },
  conversionMs: () => 10,
  constants: (options: DriverOptions) => {
    const motion = options["motion"] as number | undefined;
    return [
      [
        // RM 4.2 to 4.5: 1 kHz / 10, low-pass of 44 Hz, full scales; the high-pass of 5 Hz for the motion alone.
        0x19, 9, 0x1a, 3, 0x1b, gyroOf(options) * 8, 0x1c, accelOf(options) * 8 + (motion === undefined ? 0 : 1),
        // Motion (revision 3.2: MOT_THR in 2 mg, MOT_DUR in ms); RM 4.14, 4.15: INT stays high until it is read.
      ].concat(motion === undefined ? [] : [0x1f, motion / 2, 0x20, 1, 0x37, 0x20, 0x38, MOTION]),
      9806.65 / (16384 >>> accelOf(options)),
      Number((GYRO_RANGES[gyroOf(options)]! * 100 / 32768).toPrecision(12)),
      motion !== undefined,
    ];
  },
  problems: (options: DriverOptions) => (options["interrupt"] === true && options["motion"] === undefined
    ? [["/interrupt", "the line tells of motion alone: say what motion is, for example \"motion\": 40"]] : []),
};
