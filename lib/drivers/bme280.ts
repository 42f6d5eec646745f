/**
 * Bosch BME280: temperature, humidity, pressure, on I2C (0x76 with SDO low, 0x77 with SDO high).
 * Source: BME280 data sheet BST-BME280-DS002 (older ones: DS001), revision 1.6, September 2018; sections are its.
 * Forced mode (3.3.3): each sample is one measurement, then the part sleeps. A measurement takes 10 to 113 ms (9.1).
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import type { Driver, DriverMeta, DriverOptions, ReadError, Values } from "./types.ts";

/** Registers (5.3), as the byte that a transfer starts with. */
const CALIB00 = "\x88";
const ID = "\xd0";
const RESET_WORD = "\xe0\xb6";
const CALIB26 = "\xe1";
const CTRL_HUM = 0xf2;
const STATUS = "\xf3";
const CTRL_MEAS = 0xf4;
const CONFIG = 0xf5;
const PRESS_MSB = "\xf7";

/** 5.4.1 */
const CHIP_ID = 0x60;
/** 5.4.4: `measuring` or `im_update`: a conversion or the copy of the calibration is under way. */
const BUSY = 9;
/** Table 1: t_startup, ms. A soft reset runs the power-on sequence (5.4.2). */
const STARTUP_MS = 2;
/** A part that is still busy is asked again after STARTUP_MS, so many times. */
const RECHECKS = 5;

/** The data registers after a reset (5.3, Table 18): nothing was measured. */
const NOTHING = "\x80\0\0\x80\0\0\x80\0";

/**
 * Values of a measurement: [0.01 degC, 0.01 %RH, Pa]. None at all where temperature or pressure is outside of what the
 * part can measure (Table 1: -40 to 85 degC, 300 to 1100 hPa): the three share t_fine and one calibration, and a
 * calibration of zeros (a part whose memory was not copied) shows as an impossible pressure only.
 * The formulas are those of 8.1, with powers of two drawn together. Each product has a factor with a fraction, so that
 * Lua 5.3 computes in floating point, too; t_fine keeps its fraction, which the data sheet cuts off.
 * @param bytes 0x88 to 0xA1, 0xE1 to 0xE7 (4.2.2: the calibration), 0xF7 to 0xFE (the data)
 */
export const compensate = (bytes: string): Values => {
  const byte = (at: number): number => bytes.charCodeAt(at);
  const unsigned = (at: number): number => byte(at) + byte(at + 1) * 256;
  const signed = (at: number): number => unsigned(at) - (byte(at + 1) < 128 ? 0 : 65536);
  /** The byte after `at`, signed. */
  const signedByte = (at: number): number => Math.floor(signed(at) / 256);
  /** 20 bits, left-aligned in 24. */
  const raw = (at: number): number => byte(at) * 4096 + byte(at + 1) * 16 + byte(at + 2) / 16;

  // dig_T1 to dig_T3.
  let x = raw(36) / 16384 - unsigned(0) / 1024;
  const fine = x * signed(2) + x * x * signed(4) / 64;
  const temperature = Math.floor(fine / 51.2 + 0.5);

  // dig_P1 to dig_P9.
  x = (fine - 128000) / 1048576;
  let pressure = (1048576 - raw(33) - 16 * (signed(12) + x * (4 * signed(14) + x * 32 * signed(16)))) * 6250
    / ((1 + x * (x * signed(10) + signed(8)) / 32768) * unsigned(6));
  x = pressure / 32768;
  pressure += (x * (x * signed(22) / 2 + signed(20)) + signed(18)) / 16;

  // dig_H1 to dig_H6; dig_H4 and dig_H5 have 12 bits each and share 0xE5.
  x = (fine - 76800) / 67108864;
  let humidity = (byte(39) * 256 + byte(40)
    - 1024 * signedByte(28) - 64 * (byte(30) % 16) - x * 4096 * Math.floor(signed(30) / 16))
    * (signed(26) / 65536) * (1 + x * signedByte(31) * (1 + x * byte(28)));
  humidity *= 1 - humidity * byte(25) / 524288;

  // A division by zero fails these comparisons, too.
  return temperature >= -4000 && temperature <= 8500 && pressure >= 30000 && pressure <= 110000
    ? [
      temperature,
      humidity < 0 ? 0 : humidity > 100 ? 10000 : Math.floor(humidity * 100 + 0.5),
      Math.floor(pressure + 0.5),
    ]
    : [];
};

/**
 * Errors: "nack"; "id": another part; "timeout": still busy after the longest measurement; "range": the part was reset
 * before it was read, or a value is outside of what the part can measure.
 * @param controlHumidity ctrl_hum (5.4.3)
 * @param controlMeasure ctrl_meas with forced mode (5.4.5)
 * @param config config (5.4.6)
 * @param measureMs the longest measurement (9.1)
 */
export const create = (
  transfer: I2cTransfer,
  address: number,
  controlHumidity: number,
  controlMeasure: number,
  config: number,
  measureMs: number,
): Driver => {
  let calibration = "";

  const ask = (register: string, count: number): string | undefined => transfer(address, register, count);

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
      const id = ask(ID, 1);
      if (id !== undefined && id.charCodeAt(0) !== CHIP_ID) {
        done("id");
      } else if (id === undefined || ask(RESET_WORD, 0) === undefined) {
        done("nack");
      } else {
        ready(STARTUP_MS, RECHECKS, done, () => {
          const low = ask(CALIB00, 26);
          const high = ask(CALIB26, 7);
          if (low === undefined || high === undefined || ask(String.fromCharCode(CONFIG, config), 0) === undefined) {
            done("nack");
          } else {
            calibration = low + high;
            done("");
          }
        });
      }
    },
    // Both control registers each time: a part that lost its power since has lost them. ctrl_hum counts from the write
    // of ctrl_meas on (5.4.3).
    sample: (done) => {
      if (ask(String.fromCharCode(CTRL_HUM, controlHumidity, CTRL_MEAS, controlMeasure), 0) === undefined) {
        done("nack", []);
      } else {
        ready(measureMs, RECHECKS, done, () => {
          const data = ask(PRESS_MSB, 8);
          if (data === undefined) {
            done("nack", []);
          } else {
            const values = data === NOTHING ? [] : compensate(calibration + data);
            done(values[0] === undefined ? "range" : "", values);
          }
        });
      }
    },
  };
};

export const meta: DriverMeta = {
  title: "Bosch BME280: temperature, humidity, pressure",
  bus: "i2c",
  addresses: [0x76, 0x77],
  options: {
    oversampling: {
      type: "object",
      description: "How many readings each measurement is made of. More take longer and are less noisy.",
      default: {},
      examples: [{ temperature: 2, humidity: 1, pressure: 16 }],
      additionalProperties: false,
      properties: {
        temperature: { enum: [1, 2, 4, 8, 16], default: 1, description: "Readings of the temperature." },
        humidity: { enum: [1, 2, 4, 8, 16], default: 1, description: "Readings of the humidity." },
        pressure: { enum: [1, 2, 4, 8, 16], default: 1, description: "Readings of the pressure." },
      },
    },
    filter: {
      enum: ["off", 2, 4, 8, 16],
      default: "off",
      description: "Coefficient of the part's own low-pass filter for temperature and pressure. It counts in samples: "
        + "with 16, a step is followed to 75 % after 22 of them.",
      examples: ["off", 4],
    },
  },
  fields: () => [
    { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
    { name: "humidity", unit: "%", decimals: 2, deviceClass: "humidity", stateClass: "measurement" },
    { name: "pressure", unit: "hPa", decimals: 2, deviceClass: "atmospheric_pressure", stateClass: "measurement" },
  ],
  // 9.1: t_measure,max.
  conversionMs: (options: DriverOptions) => {
    const of = options["oversampling"] as Partial<Record<string, number>> | undefined ?? {};
    const readings = (of["temperature"] ?? 1) + (of["humidity"] ?? 1) + (of["pressure"] ?? 1);
    return Math.ceil(1.25 + 2.3 * readings + 2 * 0.575);
  },
  constants: (options: DriverOptions) => {
    const of = options["oversampling"] as Partial<Record<string, number>> | undefined ?? {};
    // osrs: 1 to 5 for x1 to x16 (5.4.3, 5.4.5); filter: 0 for off, 1 to 4 for 2 to 16 (5.4.6).
    const osrs = (quantity: string): number => Math.log2(of[quantity] ?? 1) + 1;
    const filter = typeof options["filter"] === "number" ? Math.log2(options["filter"]) : 0;
    const forced = 1;
    return [
      osrs("humidity"),
      osrs("temperature") * 32 + osrs("pressure") * 4 + forced,
      filter * 4,
      meta.conversionMs(options),
    ];
  },
};
