/** I2C of Espruino (reference: I2C.setup, writeTo, readFrom). */
import type { I2cTransfer, Pin } from "../types.ts";

declare const E: { toString: (bytes: unknown) => string };

/** Espruino's I2C1, I2C2, I2C3. */
export interface I2cPort {
  setup: (options: { sda: Pin; scl: Pin; bitrate: number }) => void;
  writeTo: (address: number, bytes: string) => void;
  readFrom: (address: number, count: number) => unknown;
}

/** Sets up a bus on two pins and returns its transfer function. */
export const i2c = (port: I2cPort, sda: Pin, scl: Pin, bitrate: number): I2cTransfer => {
  port.setup({ sda: sda, scl: scl, bitrate: bitrate });
  return (address, bytes, count) => {
    try {
      if (bytes !== "") {
        port.writeTo(address, bytes);
      }
      return count > 0 ? E.toString(port.readFrom(address, count)) : "";
    } catch {
      // A byte was not acknowledged.
      return undefined;
    }
  };
};
