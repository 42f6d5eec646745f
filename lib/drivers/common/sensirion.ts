/** Commands of 16 bits with an argument of 16 bits, which its CRC follows, as Sensirion's parts take them. */
import type { I2cTransfer } from "../../platform/types.ts";
import { crc8 } from "./crc8.ts";

/** Sends a command, without an argument. False where it was not acknowledged. */
export const sendCommand = (transfer: I2cTransfer, address: number, command: number): boolean =>
  transfer(address, String.fromCharCode(command >>> 8, command & 255), 0) !== undefined;

/** Sends a command with an argument. False where it was not acknowledged. */
export const sendArgument = (transfer: I2cTransfer, address: number, command: number, value: number): boolean => {
  const argument = String.fromCharCode(value >>> 8, value & 255);
  return transfer(
    address,
    String.fromCharCode(command >>> 8, command & 255) + argument + String.fromCharCode(crc8(argument, 0xff)),
    0,
  ) !== undefined;
};
