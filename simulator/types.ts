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

/** What a part gets when it is put on its bus. */
export interface PartContext {
  clock: Clock;
  rng: Rng;
  /** Present value of one of the part's own signals. */
  signal(name: string): number;
  /**
   * Reports an access that the datasheet does not define (unmapped register, bad command): part, address,
   * time are added.
   */
  warn(message: string): void;
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
  /** Reset pulse: true for a presence pulse. */
  reset(): boolean;
  /** A byte written after the part was selected. */
  write(byte: number): void;
  /** A byte read from the part: 0xff where it drives nothing. */
  read(): number;
  /** Whether the part takes part in an Alarm Search; without it, it never does. */
  alarm?(): boolean;
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
  bus: "i2c" | "onewire" | "adc";
  signals(options: Record<string, unknown>): SignalSpec[];
  /**
   * Names and one-line descriptions of the faults that this part can have, besides those that any part has
   * (`simulator/part-faults.ts`).
   */
  faults: Record<string, string>;
  create(context: PartContext): I2cPart | AnalogPart | OneWirePart[];
}

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
  oneWireRead(pin: string, count: number): string;
  /** ROM codes that a search finds; `command` 0xec searches alarms instead of all. */
  oneWireSearch(pin: string, command?: number): string[];
  /** 0 to 1 after the chip's converter; NaN for a pin without one. */
  analogRead(pin: string): number;
  digitalRead(pin: string): number;
  digitalWrite(pin: string, value: number): void;
}
