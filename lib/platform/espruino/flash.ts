/**
 * Raw flash of Espruino (module "Flash"), for the store. Not a file of the Storage module: when Storage is full it
 * moves the files of the whole chip to make room, and a power cut in between loses them (src/jsflash.c,
 * jsfCompactInternal).
 */

declare const require: (module: "Flash") => {
  read: (count: number, address: number) => unknown;
  write: (this: void, bytes: string, address: number) => void;
  erasePage: (address: number) => void;
  getPage: (address: number) => { length: number };
};
declare const E: { CRC32: (bytes: string) => number; toString: (bytes: unknown) => string };

const flash = require("Flash");

/** Reads whole words: address and count are multiples of 4, as ESP8266 reads nothing else. */
export const readFlash = (address: number, count: number): string => E.toString(flash.read(count, address));

/**
 * Writes to bytes that are erased, from an address on that is a multiple of 4. Whoever wants to know whether they are
 * there reads them: the flash may be worn.
 */
export const writeFlash = (bytes: string, address: number): void => flash.write(bytes, address);

/** Erases whole pages: all their bits are 1 then. */
export const eraseFlash = (address: number, count: number): void => {
  const end = address + count;
  while (address < end) {
    flash.erasePage(address);
    address += flash.getPage(address).length;
  }
};

/** The CRC-32 (IEEE 802.3) of some bytes. */
export const crc32 = E.CRC32;
