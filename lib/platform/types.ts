/**
 * What the firmware and the drivers ask of a chip. Each concern is a module `#platform/<concern>` with one version
 * a target (`lib/platform/espruino`, `lib/platform/node`, later `lib/platform/nodemcu`), picked by the build
 * through the import condition of the target. Bytes are binary strings on every target: char codes 0 to 255.
 */

/**
 * A pin as the target's firmware names it (Espruino: the global D21, NodeMCU: an index); the generated entry holds
 * it.
 */
export type Pin = { readonly pin: unique symbol };

/**
 * One I2C transfer: writes `bytes` (may be empty) to the 7-bit `address`, then, where `count` is above 0, reads
 * `count` bytes. Returns what was read ("" where nothing was asked), or `undefined` when a byte was not
 * acknowledged or the bus is stuck. Never throws.
 */
export type I2cTransfer = (this: void, address: number, bytes: string, count: number) => string | undefined;

/** Bytes as numbers; behind the end there is `undefined`, which no comparison holds for. */
export interface Bytes {
  readonly [index: number]: number;
}

/** A 1-Wire bus (Maxim AN187, AN937). A ROM code is 16 hex digits, family code first, CRC last. */
export interface OneWireBus {
  /** Reset pulse. True when at least one device answered with a presence pulse. */
  reset(this: void): boolean;
  /** Match ROM: addresses one device, after a reset. */
  select(this: void, rom: string): void;
  /** Skip ROM: addresses all devices, after a reset. */
  skip(this: void): void;
  /**
   * Writes bytes. With `power` the line is driven high afterwards, until the next reset, for parts that live on it
   * (parasite power): nothing can be read then.
   */
  write(this: void, bytes: string, power?: boolean): void;
  /** Reads `count` bytes. A bus that nobody drives reads as 0xff bytes. */
  read(this: void, count: number): string;
  /** ROM codes of the devices that a Search ROM finds, CRC checked. */
  search(this: void): string[];
}

/** Reads an analog input as a share of the reference voltage, 0 to 1. */
export type AnalogRead = (this: void) => number;

/** A serial port (8 data bits, no parity, 1 stop bit). */
export interface UartPort {
  write(this: void, bytes: string): void;
  /** Has `fn` called with what came in, in pieces of any length, for ever. Once a port. */
  onData(this: void, fn: (this: void, bytes: string) => void): void;
}

/** A digital input. */
export interface Input {
  read(this: void): boolean;
  /** Calls `fn` with the new level whenever it changed and then held for `debounceMs`. */
  watch(this: void, debounceMs: number, fn: (this: void, high: boolean) => void): void;
}

/**
 * One reading of the single-wire bus of Aosong's DHT parts: pulls the line low for `lowMs`, lets go of it, and takes
 * the bits of the answer by the length of their high pulses. `done` gets 5 bytes, "" where nothing answered, and less
 * than 5 where bits were lost. On NodeMCU the firmware's own module does it and the bytes are put together again.
 */
export type DhtFrame = (this: void, lowMs: number, done: (this: void, bytes: string) => void) => void;

/**
 * One echo: pulses the trigger and gives `done` the length of the pulse that comes back, in microseconds, or
 * `undefined` when none has ended within `timeoutMs`.
 */
export type Echo = (this: void, timeoutMs: number, done: (this: void, us: number | undefined) => void) => void;

/** A part that shifts a bit out on a data line for each pulse of a clock that rests low. */
export interface ShiftIn {
  /** Level of the data line. */
  data(this: void): boolean;
  /** Gives pulses, none of which is high for 50 us; the bits that come while they are high, the first one highest. */
  pulse(this: void, count: number): number;
}

/** Pulses that were counted since the chip started. */
export type PulseCount = (this: void) => number;

/** A rotary encoder. */
export interface Quadrature {
  /** Quarters of a period since the chip started, down as well as up. */
  position(this: void): number;
  /** Has `fn` called when the position has changed. Once an encoder. */
  onTurn(this: void, fn: (this: void) => void): void;
}

/**
 * Opens a link of bytes; see `connector` of `#platform/net`. `onClose` tells that it has ended, or that its peer breaks
 * the rules of the link: who is told calls `close`.
 */
export type Open<Socket> = (
  this: void,
  onOpen: (this: void) => void,
  onData: (this: void, bytes: string) => void,
  onClose: (this: void) => void,
  onDrain: (this: void) => void,
) => Socket | undefined;

/** How a TLS link knows the other side, and is known there. The form of `ca`, `cert`, `key` is the platform's. */
export interface TlsOptions {
  /** Who vouches for the broker; the platform's own authorities where absent. */
  ca?: string | undefined;
  /** The client's certificate, and its private key. */
  cert?: string | undefined;
  key?: string | undefined;
  /** The name that the broker's certificate has to be for, and that it is asked by (SNI); the host where absent. */
  serverName?: string | undefined;
  /** False, and nothing but that: anybody may be the broker. A platform that cannot verify accepts nothing else. */
  verify?: boolean | undefined;
}
