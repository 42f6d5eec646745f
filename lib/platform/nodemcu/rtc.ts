/**
 * Words of 32 bits that outlive a restart and deep sleep, without wear: counters. After power came they are anything.
 * Firmware module: rtcmem.
 */
import { rtcmem } from "./api.ts";

/** In front of these are rtctime's (docs/modules/rtctime.md: slots 0 to 9). */
const FIRST = 10;
/** So many: the last one of the 128 is that of init.lua, which counts failed starts in it. */
export const RTC_WORDS = 117;

/** A word, with its sign. */
export const readWord = (at: number): number => rtcmem.read32(FIRST + at);

/** Keeps a word. */
export const writeWord = (at: number, word: number): void => rtcmem.write32(FIRST + at, word);
