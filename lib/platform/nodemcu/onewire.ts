/** 1-Wire. Firmware module: ow. */
import type { OneWireBus, Pin } from "../types.ts";
import { ow, string, tonumber } from "./api.ts";

/** LUAL_BUFFERSIZE of the firmware: what `read_bytes` gives at most. */
const LARGEST_READ = 256;

/** ROM codes as the drivers have them, hex digits, and as the firmware has them, bytes. */
const toHex = (rom: string): string => string.gsub(rom, ".", (c) => string.format("%02x", string.byte(c)));
const toBytes = (hex: string): string => string.gsub(hex, "%x%x", (pair) => string.char(tonumber(pair, 16)));

/** A bus on a pin. */
export const oneWire = (pin: Pin): OneWireBus => {
  const at = pin as unknown as number;
  ow.setup(at);
  return {
    reset: () => ow.reset(at) > 0,
    select: (rom) => ow.select(at, toBytes(rom)),
    skip: () => ow.skip(at),
    write: (bytes, power) => ow.write_bytes(at, bytes, power === true ? 1 : 0),
    read: (count) => {
      let bytes = "";
      while (bytes.length < count) {
        const left = count - bytes.length;
        bytes += ow.read_bytes(at, left < LARGEST_READ ? left : LARGEST_READ);
      }
      return bytes;
    },
    search: () => {
      const found: string[] = [];
      ow.reset_search(at);
      let rom = ow.search(at);
      while (rom !== undefined) {
        // The CRC of all eight bytes, its own included.
        if (ow.crc8(rom) === 0) {
          found.push(toHex(rom));
        }
        rom = ow.search(at);
      }
      return found;
    },
  };
};
