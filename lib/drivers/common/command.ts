/** Parts that are sent a command, work for a time, and are then read: words of 16 bits, each followed by its CRC. */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../../platform/types.ts";
import type { ReadError } from "../types.ts";
import { crc8 } from "./crc8.ts";

/**
 * Sends `command`, waits, reads so many words. Errors: "nack", also of a part that has not finished; "crc".
 * @param done gets the bytes, CRCs included; "" on an error
 */
export const readWords = (
  transfer: I2cTransfer,
  address: number,
  command: string,
  waitMs: number,
  words: number,
  initial: number,
  done: (this: void, error: ReadError, bytes: string) => void,
): void => {
  if (transfer(address, command, 0) === undefined) {
    done("nack", "");
  } else {
    after(() => {
      const bytes = transfer(address, "", words * 3);
      let error = bytes === undefined ? "nack" : "";
      let at = 0;
      while (bytes !== undefined && at < bytes.length) {
        if (crc8(bytes.slice(at, at + 3), initial) !== 0) {
          error = "crc";
        }
        at += 3;
      }
      done(error, bytes === undefined || error !== "" ? "" : bytes);
    }, waitMs);
  }
};
