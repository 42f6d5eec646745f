/**
 * Flash for the store, kept in files of NodeMCU's file system (SPIFFS): a file a page, which holds what was written to
 * it, and 0xff in gaps. The file system spreads the wear, and survives a loss of power: a write to a file may be there
 * in part, or not at all, as one to bare flash may. Firmware module: file; bit with Lua 5.1.
 */
import { openFile } from "#platform/open";
import { file, string, type LuaFile } from "./api.ts";

const PAGE_BYTES = 4096;
/** What is erased. */
const BLANK = "\xff";

const nameOf = (page: number): string => "store" + page;

/** Reads from an address on. What was never written reads as 0xff. */
export const readFlash = (address: number, count: number): string => {
  let bytes = "";
  while (bytes.length < count) {
    const at = address + bytes.length;
    const offset = at % PAGE_BYTES;
    const left = count - bytes.length;
    const wanted = left < PAGE_BYTES - offset ? left : PAGE_BYTES - offset;
    const handle = openFile(nameOf(Math.floor(at / PAGE_BYTES)), "r");
    let found = "";
    if (handle) {
      // Nothing is behind the end: SPIFFS does not go there.
      found = handle.seek("set", offset) === undefined ? "" : handle.read(wanted) ?? "";
      handle.close();
    }
    bytes += found + string.rep(BLANK, wanted - found.length);
  }
  return bytes;
};

const put = (handle: LuaFile, offset: number, bytes: string): boolean => {
  const end = handle.seek("end", 0) ?? 0;
  const isThere = end >= offset || handle.write(string.rep(BLANK, offset - end)) !== undefined;
  const isWritten = isThere && handle.seek("set", offset) !== undefined && handle.write(bytes) !== undefined;
  handle.close();
  return isWritten;
};

/** Writes to bytes that are erased. Whoever wants to know whether they are there reads them. */
export const writeFlash = (bytes: string, address: number): void => {
  let at = 0;
  while (at < bytes.length) {
    const offset = (address + at) % PAGE_BYTES;
    const piece = bytes.substring(at, at + PAGE_BYTES - offset);
    const name = nameOf(Math.floor((address + at) / PAGE_BYTES));
    const handle = openFile(name, "r+") ?? openFile(name, "w+");
    if (!handle || !put(handle, offset, piece)) {
      return;
    }
    at += piece.length;
  }
};

/** Erases whole pages. */
export const eraseFlash = (address: number, count: number): void => {
  for (let page = address / PAGE_BYTES; page < (address + count) / PAGE_BYTES; page++) {
    file.remove(nameOf(Math.floor(page)));
  }
};

/**
 * The CRC-32 (IEEE 802.3) of some bytes, four bits at a time. In two halves of 16 bits, as Lua 5.1 has 32 with a sign
 * and Lua 5.3 has 64.
 */
const HIGH = [
  0, 7607, 15214, 9945, 30428, 27499, 19890, 20485, 60856, 61455, 54998, 52065, 39780, 34515, 40970, 48573,
];
const LOW = [
  0, 4196, 8392, 12460, 16784, 20980, 24920, 28988, 33568, 37700, 41960, 45964, 49840, 53972, 57976, 61980,
];

export const crc32 = (bytes: string): number => {
  let high = 65535;
  let low = 65535;
  for (let i = 0; i < bytes.length; i++) {
    low ^= bytes.charCodeAt(i);
    for (let nibble = 0; nibble < 2; nibble++) {
      const at = low & 15;
      low = ((low >>> 4) + (high & 15) * 4096) ^ LOW[at]!;
      high = (high >>> 4) ^ HIGH[at]!;
    }
  }
  return (high ^ 65535) * 65536 + (low ^ 65535);
};
