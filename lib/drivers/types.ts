/** The contract of a driver. Types only: nothing of this file reaches a board. */
import type { BinaryClass, SensorClass, StateClass } from "./classes.ts";

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

/** A driver of a part that tells by itself when something has changed: a sample follows at once. */
export interface EventDriver extends Driver {
  /** Has `fn` called when there is something new to sample. Called once, after the first `open` was begun. */
  watch(this: void, fn: (this: void) => void): void;
}

/** A number that outlives restarts and losses of power. What was counted since it was last stored does not. */
export interface Total {
  get(this: void): number;
  /** Takes a whole number, 0 to 2^48; it is stored with all others, not at once. */
  set(this: void, value: number): void;
}

/**
 * A published quantity. Units and classes are Home Assistant's: a device class of `classes.ts` that allows the unit.
 */
export interface Field {
  name: string;
  /** "" where there is none. */
  unit: string;
  /** Digits after the point; values are integers in units of 10^-decimals. */
  decimals: number;
  /** A quantity that is a word: the words; a value is the place of one. Unit "" and 0 decimals. */
  words?: string[];
  /** A quantity that is off (0) or on (1): `words` are OFF and ON then, as Home Assistant has them. */
  binary?: boolean;
  deviceClass?: SensorClass | BinaryClass;
  stateClass?: StateClass;
}

/** The options of one sensor in the board file, checked against `DriverMeta.options`, defaults filled in. */
export type DriverOptions = Record<string, unknown>;

/** What a driver may have to know of the hardware when its constants are computed. */
export interface ChipFacts {
  /** "ESP32", "ESP8266", ... */
  chip: string;
  target: string;
  /** Volts that the converter reads as 1. */
  referenceVolts: number;
  /** Of a chip with a thermometer: degC is `scale` times what the platform reads, and `offset`. */
  temperature?: { scale: number; offset: number };
}

/** What `create` gets first, and how a sensor of the board file says where the part is (tools/board/ports.ts). */
export type PortKind =
  /** `bus` and `address`: an `I2cTransfer`, then the address. */
  | "i2c"
  /** `bus`: a `OneWireBus`, a `UartPort`. */
  | "onewire" | "uart"
  /** `pin`: an `AnalogRead`, an `Input`, a `PulseCount`, a `DhtFrame`. */
  | "adc" | "input" | "counter" | "dht"
  /** `trigger` and `echo`: an `Echo`. */
  | "echo"
  /** `clock` and `data`: a `ShiftIn`. */
  | "shift"
  /** `a` and `b`: a `Quadrature`. */
  | "quadrature"
  /** Nothing: a list of functions of the chip, those of `DriverMeta.reads`. */
  | "self";

/**
 * Description of a driver for the host (check, build, schema, docs), exported as `meta` beside `create`. The
 * bundler drops it.
 */
export interface DriverMeta {
  /** Manufacturer and part, e.g. "Bosch BME280: temperature, humidity, pressure". */
  title: string;
  bus: PortKind;
  /** I2C only: the 7-bit addresses that the part can have, the default first. */
  addresses?: number[];
  /** I2C only: the fastest bus that it bears, bits a second, where that is less than 1 MHz (datasheet). */
  maxBitrate?: number;
  /** UART only: the rates that the part can have, bits a second, the default first. */
  bauds?: number[];
  /**
   * What the platform needs to know of the pins after the pins themselves: see its module. An option `pull` that is
   * "up" asks for the chip's own pull-up resistor: check sees to it that the pin has one.
   */
  setup?(options: DriverOptions): (number | string | boolean)[];
  /** `self` only: the functions, as [module of #platform, its export]. */
  reads?(options: DriverOptions): [string, string][];
  /** What `create` returns is an `EventDriver`. */
  events?: boolean;
  /**
   * I2C only: the part has an interrupt line that goes to this level when there is something to sample. The sensor
   * may have an `interrupt`, a pin; `options.interrupt` is true then.
   */
  interrupt?: "high" | "low";
  /** `create` gets a `Total`, last of all. */
  total?: boolean;
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
   * What `create` gets after the port (I2C: after the bus and the address): JSON constants computed at build time
   * from the options. Build and check always give the chip.
   */
  constants(options: DriverOptions, chip?: ChipFacts): (number | string | boolean | (number | string)[])[];
  /** What `check` should say of options that the schema cannot judge: [JSON pointer inside the sensor, message]. */
  problems?(options: DriverOptions, chip?: ChipFacts): [string, string][];
}
