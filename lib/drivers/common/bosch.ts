/**
 * What the BME280 and the BMP280 share: registers, forced mode, compensation of temperature and pressure. Sections are
 * those of the BME280's data sheet (BST-BME280-DS002 1.6); the BMP280's says the same (BST-BMP280-DS001 1.26: 3.11.3,
 * 3.12, 4.3, 8.1).
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../../platform/types.ts";
import type { Driver, ReadError, Values } from "../types.ts";

/** Registers (5.3), as the byte that a transfer starts with. */
const CALIB00 = "\x88";
const CHIP = "\xd0";
const RESET_WORD = "\xe0\xb6";
const CALIB26 = "\xe1";
const STATUS = "\xf3";
const PRESS_MSB = "\xf7";

/** 5.4.4: `measuring` or `im_update`: a conversion or the copy of the calibration is under way. */
const BUSY = 9;
/** Table 1: t_startup, ms. A soft reset runs the power-on sequence (5.4.2). */
const STARTUP_MS = 2;
/** A part that is still busy is asked again after STARTUP_MS, so many times. */
const RECHECKS = 5;
/** The data of pressure and temperature after a reset (5.3, Table 18): nothing was measured. */
const NOTHING = "\x80\0\0\x80\0\0";

/**
 * Values of a measurement: [0.01 degC, Pa], with what `humidity` gives between them; none where temperature or pressure
 * is outside of what the part can measure (Table 1: -40 to 85 degC, 300 to 1100 hPa): they share t_fine and one
 * calibration, and a calibration of zeros (a part whose memory was not copied) shows as an impossible pressure only.
 * The formulas are those of 8.1, with powers of two drawn together. Each product has a factor with a fraction, so that
 * Lua 5.3 computes in floating point, too; t_fine keeps its fraction, which the data sheet cuts off.
 * @param bytes the calibration from 0x88 on (4.2.2), and at `data` the data from 0xF7 on
 * @param humidity gets the byte and the signed word (low byte first) at an index, and t_fine
 */
export const compensated = (
  bytes: string,
  data: number,
  humidity: ((
    this: void, byte: (this: void, at: number) => number, signed: (this: void, at: number) => number, fine: number,
  ) => number) | undefined,
): Values => {
  const byte = (at: number): number => bytes.charCodeAt(at);
  const unsigned = (at: number): number => byte(at) + byte(at + 1) * 256;
  const signed = (at: number): number => unsigned(at) - (byte(at + 1) < 128 ? 0 : 65536);
  /** 20 bits, left-aligned in 24. */
  const raw = (at: number): number => byte(at) * 4096 + byte(at + 1) * 16 + byte(at + 2) / 16;

  // dig_T1 to dig_T3.
  let x = raw(data + 3) / 16384 - unsigned(0) / 1024;
  const fine = x * signed(2) + x * x * signed(4) / 64;
  const temperature = Math.floor(fine / 51.2 + 0.5);

  // dig_P1 to dig_P9.
  x = (fine - 128000) / 1048576;
  let pressure = (1048576 - raw(data) - 16 * (signed(12) + x * (4 * signed(14) + x * 32 * signed(16)))) * 6250
    / ((1 + x * (x * signed(10) + signed(8)) / 32768) * unsigned(6));
  x = pressure / 32768;
  pressure = Math.floor(pressure + (x * (x * signed(22) / 2 + signed(20)) + signed(18)) / 16 + 0.5);

  // A division by zero fails these comparisons, too.
  return temperature < -4000 || temperature > 8500 || !(pressure >= 30000 && pressure <= 110000) ? []
    : humidity === undefined ? [temperature, pressure]
      : [temperature, humidity(byte, signed, fine), pressure];
};

/**
 * A driver of either part. Errors: "nack"; "id": another part; "timeout": still busy after the longest measurement;
 * "range": the part was reset before it was read, or a value is outside of what the part can measure.
 * @param low bytes of the calibration from 0x88 on, @param high from 0xE1 on
 * @param measure control registers with their values, ctrl_meas with forced mode last (5.4.5)
 * @param config register config (5.4.6) with its value
 * @param measureMs the longest measurement (9.1)
 * @param count bytes of data from 0xF7 on
 * @param compensate gets calibration and data
 */
export const bosch = (
  transfer: I2cTransfer,
  address: number,
  id: number,
  low: number,
  high: number,
  measure: string,
  config: string,
  measureMs: number,
  count: number,
  compensate: (this: void, bytes: string) => Values,
): Driver => {
  let calibration = "";

  const ask = (register: string, bytes: number): string | undefined => transfer(address, register, bytes);

  /** Waits until the part is no longer busy, then calls `next`; calls `done` when it stays busy or away. */
  const ready = (
    ms: number,
    tries: number,
    done: (this: void, error: ReadError, values: Values) => void,
    next: (this: void) => void,
  ): void => {
    after(() => {
      const status = ask(STATUS, 1);
      if (status === undefined) {
        done("nack", []);
      } else if ((status.charCodeAt(0) & BUSY) === 0) {
        next();
      } else if (tries > 0) {
        ready(STARTUP_MS, tries - 1, done, next);
      } else {
        done("timeout", []);
      }
    }, ms);
  };

  return {
    open: (done) => {
      const chip = ask(CHIP, 1);
      if (chip !== undefined && chip.charCodeAt(0) !== id) {
        done("id");
      } else if (chip === undefined || ask(RESET_WORD, 0) === undefined) {
        done("nack");
      } else {
        ready(STARTUP_MS, RECHECKS, done, () => {
          const first = ask(CALIB00, low);
          const second = high > 0 ? ask(CALIB26, high) : "";
          if (first === undefined || second === undefined || ask(config, 0) === undefined) {
            done("nack");
          } else {
            calibration = first + second;
            done("");
          }
        });
      }
    },
    // The control registers each time: a part that lost its power since has lost them.
    sample: (done) => {
      if (ask(measure, 0) === undefined) {
        done("nack", []);
      } else {
        ready(measureMs, RECHECKS, done, () => {
          const data = ask(PRESS_MSB, count);
          if (data === undefined) {
            done("nack", []);
          } else {
            const values = data.slice(0, 6) === NOTHING ? [] : compensate(calibration + data);
            done(values[0] === undefined ? "range" : "", values);
          }
        });
      }
    },
  };
};
