/** Flash for the store on Node: a file that is written as flash is, and synced before anything counts as written. */
import { closeSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { crc32 as zlibCrc32 } from "node:zlib";

let file = -1;
/** What was written there is not safely on the disk. */
let doubtful = -1;

/** Names the file, once, before the store is opened; it is made when there is none. Throws when it cannot be. */
export const openFlash = (path: string): void => {
  if (file >= 0) {
    closeSync(file);
  }
  try {
    file = openSync(path, "r+");
  } catch {
    file = openSync(path, "w+");
  }
};

/** Reads from an address on; what was never written reads as 0xff. */
export const readFlash = (address: number, count: number): string => {
  const bytes = Buffer.alloc(count, 255);
  if (address !== doubtful) {
    readSync(file, bytes, 0, count, address);
  }
  return bytes.toString("latin1");
};

const put = (address: number, bytes: Buffer): void => {
  doubtful = address;
  try {
    const written = writeSync(file, bytes, 0, bytes.length, address);
    fsyncSync(file);
    if (written === bytes.length) {
      doubtful = -1;
    }
  } catch {
    // The disk is full, or gone: what is not stored is counted.
  }
};

/** Writes from an address on. What is not safely on the disk then does not read back. */
export const writeFlash = (bytes: string, address: number): void => put(address, Buffer.from(bytes, "latin1"));

/** Erases. */
export const eraseFlash = (address: number, count: number): void => put(address, Buffer.alloc(count, 255));

/** The CRC-32 (IEEE 802.3) of some bytes. */
export const crc32 = (bytes: string): number => zlibCrc32(Buffer.from(bytes, "latin1"));
