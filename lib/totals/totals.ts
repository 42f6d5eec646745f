/**
 * Numbers that outlive restarts and losses of power, such as the total of a pulse counter. They are kept in two pages
 * of flash that are written in turn: each time that a number has changed, at most once in a while, all of them are
 * added as one record; when a page is full, the other one is erased. The newest record that is whole counts, so a loss
 * of power in the middle of a write or of an erasure costs what was counted since the record before.
 *
 * Record: number of the record (4 bytes), each total (6), CRC-32 of all that (4), up to a multiple of 4 bytes.
 */
import { crc32, eraseFlash, readFlash, writeFlash } from "#platform/flash";
import { onShutdown } from "#platform/system";
import { after } from "#platform/timer";
import type { Total } from "../drivers/types.ts";
import { uint16, uint16At } from "../mqtt/packet.ts";

const totals: number[] = [];
let flashBase = 0;
let flashPage = 0;
let totalsBytes = 0;
/** Where the newest record is, -1 without one, and its number. */
let newestAt = -1;
let newest = 0;
let isChanged = false;

/** How often a record could not be written: the flash is worn. */
export let totalFailures = 0;

const uint32Of = (value: number): string => uint16(value >>> 16) + uint16(value & 65535);
const uint32From = (bytes: string, at: number): number => uint16At(bytes, at) * 65536 + uint16At(bytes, at + 2);

/** The place of the record after that at `at`: the next one, or the beginning of the other page. */
const placeAfter = (at: number): number => {
  const next = at + totalsBytes;
  const page = at < flashPage ? 0 : flashPage;
  return at < 0 ? 0 : next + totalsBytes <= page + flashPage ? next : flashPage - page;
};

const recordOf = (): string => {
  let record = uint32Of(newest);
  totals.forEach((value) => {
    record += uint16(Math.floor(value / 4294967296)) + uint32Of(value % 4294967296);
  });
  record += uint32Of(crc32(record));
  while (record.length < totalsBytes) {
    record += "\xff";
  }
  return record;
};

/** Writes all totals, if one has changed. */
const saveTotals = (): void => {
  if (!isChanged) {
    return;
  }
  newest++;
  let at = placeAfter(newestAt);
  // A place that is not erased holds what was cut off by a loss of power, or does not hold what was written.
  let tries = 4;
  while (tries > 0) {
    if (at % flashPage === 0) {
      eraseFlash(flashBase + at, flashPage);
    }
    const record = recordOf();
    writeFlash(record, flashBase + at);
    if (readFlash(flashBase + at, totalsBytes) === record) {
      newestAt = at;
      isChanged = false;
      return;
    }
    at = placeAfter(at);
    tries--;
  }
  totalFailures++;
};

/** Takes the totals of the record at `at`, if it is whole and newer than all that were seen. */
const take = (at: number): void => {
  const record = readFlash(flashBase + at, totalsBytes);
  const end = 4 + 6 * totals.length;
  const number = uint32From(record, 0);
  if (number > newest && crc32(record.substring(0, end)) === uint32From(record, end)) {
    newest = number;
    newestAt = at;
    totals.forEach((_, i) => {
      totals[i] = uint16At(record, 4 + 6 * i) * 4294967296 + uint32From(record, 6 + 6 * i);
    });
  }
};

/**
 * Brings back `count` totals from two pages of `pageBytes` at `address`, and from now on stores them every `saveMs`
 * when one has changed, and before a restart by a command.
 */
export const openTotals = (address: number, pageBytes: number, count: number, saveMs: number): void => {
  flashBase = address;
  flashPage = pageBytes;
  totalsBytes = (8 + 6 * count + 3) & 65532;
  while (totals.length < count) {
    totals.push(0);
  }
  let at = 0;
  while (at + totalsBytes <= 2 * pageBytes) {
    if (at % pageBytes + totalsBytes <= pageBytes) {
      take(at);
      at += totalsBytes;
    } else {
      at = pageBytes;
    }
  }
  const step = (): void => {
    after(step, saveMs);
    saveTotals();
  };
  after(step, saveMs);
  onShutdown(saveTotals);
};

/** One of them. */
export const total = (index: number): Total => ({
  get: () => totals[index]!,
  set: (value) => {
    if (value !== totals[index]) {
      totals[index] = value;
      isChanged = true;
    }
  },
});
