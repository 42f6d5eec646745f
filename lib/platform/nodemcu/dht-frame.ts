/** What the firmware says of a DHT part as the five bytes that the part has sent. Firmware module: dht. */
import { dht, string } from "./api.ts";

/** A number that the firmware gives, in tenths, as a frame has them: 16 bits. */
export const tenths = (value: number): number => Math.floor((value < 0 ? -value : value) * 10 + 0.5);

/**
 * A frame of two numbers of 16 bits, humidity and temperature without its sign, or of a status that tells of less:
 * wrong check bits, or none at all.
 */
export const frameOf = (status: number, humidity: number, temperature: number, isNegative: boolean): string => {
  const h = Math.floor(humidity / 256);
  const t = Math.floor(temperature / 256) + (isNegative ? 128 : 0);
  const low = humidity % 256;
  const last = temperature % 256;
  return status === dht.OK ? string.char(h, low, t, last, (h + low + t + last) % 256)
    : status === dht.ERROR_CHECKSUM ? "\0\0\0\0\x01" : "";
};
