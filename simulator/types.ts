/**
 * The contracts inside the simulator: time, chance, world, virtual parts, the machine that an engine talks
 * to.
 */

/** Simulated time. Parts and network take time and timers from here alone. */
export interface Clock {
  /** Simulated milliseconds since power-on. */
  now(): number;
  /** Calls `fn` after `ms` simulated milliseconds; returns a handle for `cancel`. */
  after(ms: number, fn: () => void): number;
  cancel(handle: number): void;
}

/** Seeded random source: the one source of chance. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** Integer in [0, below). */
  below(below: number): number;
}

/** Physical quantities that parts measure, by name ("air.temperature"), in the unit of the part's signal. */
export interface World {
  /** Value of a signal at the clock's present time. */
  read(signal: string): number;
  /** Replaces a signal, by a constant or by a function of simulated ms. */
  set(signal: string, value: number | ((ms: number) => number)): void;
  /** Has `fn` called whenever a signal was replaced; true when it moves by itself now. */
  onSet(signal: string, fn: (moves: boolean) => void): void;
  names(): string[];
}

/** A quantity that a part measures. */
export interface SignalSpec {
  name: string;
  unit: string;
  /** What the world gives until somebody sets it: a daily curve around `mean`. */
  mean: number;
  swing: number;
  min: number;
  max: number;
}

/** What a signal follows: the daily curve, one value, or a course that somebody has given it. */
export type SignalSource = "daily curve" | "fixed" | "course";

/** What a part gets when it is put on its bus. */
export interface PartContext {
  clock: Clock;
  rng: Rng;
  /** Present value of one of the part's own signals. */
  signal(name: string): number;
  /** Has `fn` called when one of them may have changed, for parts that act by themselves. */
  onSignal(name: string, fn: () => void): void;
  /** I2C only: drives the part's interrupt line, which may be on no pin; now or at a time to come. */
  interrupt?(level: Level, atMs?: number): void;
  /**
   * Reports an access that the datasheet does not define (unmapped register, bad command): part, address,
   * time are added.
   */
  warn(message: string): void;
  /** Volts that the chip's converter reads as 1. */
  referenceVolts: number;
  /** The sensor of the manifest: address, options. */
  options: Record<string, unknown>;
  /** Faults that are switched on, changed while running; a part looks at the names in its own `faults`. */
  faults: Set<string>;
  /** When the part got its power: it counts its start-up time from then. -Infinity: long ago. */
  poweredMs: number;
  /** What a part keeps when it loses its power: its EEPROM, by names of its own. */
  nonVolatile: Map<string, number>;
}

/** A device on an I2C bus. A part that is not addressed, or not there, is not called: nobody acknowledges. */
export interface I2cPart {
  /**
   * One write message; one of no bytes asks who is there, and changes nothing. Returns how many of the bytes were
   * acknowledged, or -1 when the address was not.
   */
  write(bytes: Uint8Array): number;
  /**
   * One read message of `count` bytes, or undefined when the address was not acknowledged. One of no bytes tells
   * whether it would be, and changes nothing.
   */
  read(count: number): Uint8Array | undefined;
}

/**
 * A device on a 1-Wire bus, at the level of bytes after the ROM commands; the bus does reset,
 * Match/Skip/Search ROM.
 */
export interface OneWirePart {
  /** 16 hex digits, family code first, CRC last. */
  rom: string;
  /** Reset pulse: true for a presence pulse. A strong pull-up is over. */
  reset(): boolean;
  /** The line is driven high from now on, until the next reset, for parts that live on it. */
  power?(): void;
  /** A byte written after the part was selected. */
  write(byte: number): void;
  /** A byte read from the part: 0xff where it drives nothing. */
  read(): number;
  /** Whether the part takes part in an Alarm Search; without it, it never does. */
  alarm?(): boolean;
}

export type Level = 0 | 1;

/** One of the pins that a part is on, as the part sees it. Times are simulated ms, fractions count. */
export interface Wire {
  /** Puts a level on it, or lets go of it (undefined), now or at a time to come; later plans stay. */
  drive(level: Level | undefined, atMs?: number): void;
  /** What is planned from `fromMs` on is forgotten. */
  forget(fromMs: number): void;
}

/** A device on digital pins, which have the names of the sensor's keys in the board file ("pin", "echo"). */
export interface PinPart {
  /** The pins on which the part, or a resistor that belongs to it, makes a level when nobody drives them. */
  pulls?: Record<string, Level>;
  /** The part has its power from now on. */
  attach(wires: Record<string, Wire>): void;
  /** The chip drives a pin to a level from a time on, or lets go of it (undefined). */
  driven?(pin: string, level: Level | undefined, ms: number): void;
}

/** A device on a serial port. */
export interface UartPart {
  /** Bits a second, which a command may change. What comes at another rate is garbled on its way. */
  readonly baud: number;
  /** The part has its power from now on; `send` sends, one byte behind the other. */
  attach(send: (bytes: Uint8Array) => void): void;
  /** What the chip has sent, some bytes at a time. */
  write(bytes: Uint8Array): void;
}

/** What the chip itself is asked for. */
export interface SelfPart {
  /** Degrees Celsius of the chip. */
  temperature?(): number;
  /** dBm. */
  rssi?(): number;
}

/** A device on an analog pin. */
export interface AnalogPart {
  /** Voltage as a share of the reference, 0 to 1, before the converter's quantisation. */
  ratio(): number;
}

/**
 * `export const part` of each file in `simulator/parts/`. The file name is the name of the driver whose part
 * it is.
 */
export interface PartDefinition {
  title: string;
  bus: PartBus;
  signals(options: Record<string, unknown>): SignalSpec[];
  /**
   * Names and one-line descriptions of the faults that this part can have, besides those that any part has
   * (`simulator/part-faults.ts`).
   */
  faults: Record<string, string>;
  create(context: PartContext): I2cPart | AnalogPart | OneWirePart[] | PinPart | UartPart | SelfPart;
}

/** How a part is connected: buses, the converter, digital pins of any number, nothing (the chip itself). */
export type PartBus = "i2c" | "onewire" | "uart" | "adc" | "pins" | "self";

/** A change of level on a pin that is watched. `data` is the level of the other pin that the watch asked for. */
export interface Edge { pin: string; level: Level; ms: number; data: Level }

/**
 * The board as an engine sees it: what its bus and pin functions end in. Synchronous, so that the real
 * interpreter can be served over a pair of pipes. Bytes are binary strings.
 */
export interface Machine {
  /** Name of the I2C bus that is wired to these pins, for firmware that names buses by their pins alone. */
  i2cBusAt?(sda: string, scl: string): string | undefined;
  i2cSetup(bus: string, options: { sda?: string; scl?: string; bitrate?: number }): void;
  /** True when address and all bytes were acknowledged. */
  i2cWrite(bus: string, address: number, bytes: string): boolean;
  /** The bytes read, or undefined when the address was not acknowledged. */
  i2cRead(bus: string, address: number, count: number): string | undefined;
  oneWireReset(pin: string): boolean;
  oneWireWrite(pin: string, bytes: string): void;
  /** Drives the line high until the next reset. */
  oneWirePower?(pin: string): void;
  oneWireRead(pin: string, count: number): string;
  /** ROM codes that a search finds; `command` 0xec searches alarms instead of all. */
  oneWireSearch(pin: string, command?: number): string[];
  /** 0 to 1 after the chip's converter; NaN for a pin without one. */
  analogRead(pin: string): number;
  digitalRead(pin: string): number;
  /** @param tookMs what a call takes where pulses are made of calls; none when absent */
  digitalWrite(pin: string, value: number, tookMs?: number): void;
  /** Espruino's names: "input", "input_pullup", "output", "opendrain", "auto" (by what is done with the pin), ... */
  pinMode(pin: string, mode: string): void;
  /** A square wave that begins with `level`: how long each level is held. */
  digitalPulse(pin: string, level: Level, timesMs: number[]): void;
  /** Sends bits on one pin, highest first, and reads another one after each of them. */
  shift(out: string, input: string, bytes: string, baud: number): string;
  /** Notes the edges of a pin from now on, and the level of `data` at each. */
  watch(pin: string, on: boolean, data?: string): void;
  /**
   * The edges of a pin in the time to come, for firmware that does nothing else meanwhile: what parts have planned
   * until then has happened.
   */
  capture(pin: string, forMs: number): Edge[];
  /** The edges until now, in order; each is given once. */
  takeEdges(): Edge[];
  /** A serial port is known by its pins. */
  uartSetup(rx: string, tx: string, baud: number): void;
  uartWrite(rx: string, bytes: string): void;
  /** What has come in until now, by the port's receiving pin; each byte is given once. */
  uartTake(): [rx: string, bytes: string][];
  /** Of the chip; undefined when the board measures neither. */
  self: SelfPart;
  /** Set by an engine that wants to be told that there are edges or bytes to take. */
  onInput: (() => void) | undefined;
}
