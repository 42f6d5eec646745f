/** The contract of a driver. Types only: nothing of this file reaches a board. */

/**
 * Values of one sample in the order of the driver's fields, each an integer in units of 10^-decimals of its field
 * (2508 with 2 decimals is 25.08): integers format alike on every target. A field that could not be read is
 * `undefined`.
 */
export type Values = (number | undefined)[];

/**
 * "" for success, else a short lower-case reason that diagnostics publish: "nack", "crc", "id", "range", "timeout",
 * "absent".
 */
export type ReadError = string;

/**
 * What `create(...)` of a driver file returns. Creating does no I/O. `open` checks the part and reads what is read
 * once (chip id, calibration); the firmware calls it before the first sample and again after failures. `sample`
 * starts a measurement and ends in exactly one call of `done`; on an error no value of a failed field is ever
 * passed.
 */
export interface Driver {
  open(this: void, done: (this: void, error: ReadError) => void): void;
  sample(this: void, done: (this: void, error: ReadError, values: Values) => void): void;
}

/** A published quantity. Units and classes are Home Assistant's. */
export interface Field {
  name: string;
  unit: string;
  /** Digits after the point; values are integers in units of 10^-decimals. */
  decimals: number;
  deviceClass?: string;
  stateClass?: "measurement" | "total" | "total_increasing";
}

/** The options of one sensor in the board file, checked against `DriverMeta.options`, defaults filled in. */
export type DriverOptions = Record<string, unknown>;

/** What a driver may have to know of the hardware when its constants are computed. */
export interface ChipFacts {
  /** Volts that the converter reads as 1. */
  referenceVolts: number;
}

/**
 * Description of a driver for the host (check, build, schema, docs), exported as `meta` beside `create`. The
 * bundler drops it.
 */
export interface DriverMeta {
  /** Manufacturer and part, e.g. "Bosch BME280: temperature, humidity, pressure". */
  title: string;
  /** What `create` gets as its first argument: an `I2cTransfer`, a `OneWireBus`, an `AnalogRead`. */
  bus: "i2c" | "onewire" | "adc";
  /** I2C only: the 7-bit addresses that the part can have, the default first. */
  addresses?: number[];
  /** A bus takes one sensor of this driver; the text says why, and what to do instead. */
  exclusive?: string;
  /**
   * JSON Schema (draft 2020-12) `properties` of the driver's own keys in a sensor of a board file, with
   * descriptions, examples and defaults.
   */
  options: Record<string, object>;
  /** Keys of `options` that have to be given. */
  required?: string[];
  fields(options: DriverOptions): Field[];
  /** The longest time that a sample takes, ms (datasheet): an `interval` below it is refused. */
  conversionMs(options: DriverOptions): number;
  /**
   * What `create` gets after the bus (I2C: after the bus and the address): JSON constants computed at build time
   * from the options. Build and check always give the chip.
   */
  constants(options: DriverOptions, chip?: ChipFacts): (number | string | boolean | (number | string)[])[];
  /** What `check` should say of options that the schema cannot judge: [JSON pointer inside the sensor, message]. */
  problems?(options: DriverOptions, chip?: ChipFacts): [string, string][];
}
