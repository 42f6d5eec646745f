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

/** A 1-Wire bus (Maxim AN187, AN937). A ROM code is 16 hex digits, family code first, CRC last. */
export interface OneWireBus {
  /** Reset pulse. True when at least one device answered with a presence pulse. */
  reset(this: void): boolean;
  /** Match ROM: addresses one device, after a reset. */
  select(this: void, rom: string): void;
  /** Skip ROM: addresses all devices, after a reset. */
  skip(this: void): void;
  /** Writes bytes. */
  write(this: void, bytes: string): void;
  /** Reads `count` bytes. A bus that nobody drives reads as 0xff bytes. */
  read(this: void, count: number): string;
  /** ROM codes of the devices that a Search ROM finds, CRC checked. */
  search(this: void): string[];
}

/** Reads an analog input as a share of the reference voltage, 0 to 1. */
export type AnalogRead = (this: void) => number;

/** Opens a link of bytes; see `connector` of `#platform/net`. */
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
