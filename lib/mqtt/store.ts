/**
 * The store: in-flight messages, received QoS 2 ids and the offline queue survive a loss of power, at any byte of any
 * write. Before anything is sent, what has changed since the last time is written to flash, as one record of a
 * journal. Areas of flash are written in turn: when one is full, the next one is erased, gets all that is alive, and
 * last its head, which makes it count. Until then the old area counts. docs/store.md says why it is so.
 *
 * Record: length (2 bytes) and CRC-32 (4) of what follows; changes, one behind the other. Records begin at multiples
 * of 4 bytes. Change: number of the list * 16384 + length of the new element (2), place (1), how many elements go
 * there (1), the new element. Head: a record of the number of the area (4), its bytes (2).
 */
import { crc32, eraseFlash, readFlash, writeFlash } from "#platform/flash";
import { acknowledgers, beforeSending } from "./client.ts";
import { ids, slots } from "./inflight.ts";
import { char, PUBREL, uint16, uint16At } from "./packet.ts";
import type { Publish } from "./publish.ts";
import { enqueue, entries, give } from "./queue.ts";

const HEAD_BYTES = 12;
/** Beyond the end of every area: where the next record begins when there is no place for it. */
const NOWHERE = 131068;

let base = 0;
let areas = 0;
let areaBytes = 0;
let area = 0;
/** Where the next record begins in the area. */
let journalEnd = 0;
let sequence = 0;
/** The lists of the client, and what the flash says of them. */
let lists: string[][];
let stored: string[][];

/** How often changes could not be stored: the flash is worn out, or too small for what is alive. */
export let storeFailures = 0;

const address = (): number => base + area * areaBytes + journalEnd;
const uint32 = (value: number): string => uint16(value >>> 16) + uint16(value & 65535);
const noLists = (): string[][] => [[], [], [], []];

/** Adds a record to the area; `journalEnd` is beyond the area when it has no place there, or does not read back. */
const append = (record: string): void => {
  const at = address();
  journalEnd += (record.length + 9) & NOWHERE;
  if (journalEnd <= areaBytes && !writeFlash(at, uint16(record.length) + uint32(crc32(record)) + record)) {
    journalEnd = NOWHERE;
  }
};

/** Makes a change: takes out elements and puts one in their place; "" is none. */
const splice = (list: string[], place: number, removed: number, element: string): void => {
  list.splice(place, removed);
  if (element !== "") {
    list.splice(place, 0, element);
  }
};

/** Makes the changes of a record in `stored`. */
const apply = (record: string): void => {
  let at = 0;
  while (at < record.length) {
    const head = uint16At(record, at);
    const end = at + 4 + (head & 16383);
    splice(stored[head >>> 14]!, record.charCodeAt(at + 2), record.charCodeAt(at + 3), record.substring(at + 4, end));
    at = end;
  }
};

/**
 * Makes `stored` equal to `lists`, and gives each change that this takes to `fn`. It holds the elements themselves: an
 * interpreter that shares strings keeps them once.
 */
const compare = (fn: (this: void, change: string) => void): void => {
  lists.forEach((list, n) => {
    const known = stored[n]!;
    const change = (place: number, removed: number, element: string): void => {
      if (removed > 0 || element !== "") {
        splice(known, place, removed, element);
        fn(uint16(n * 16384 + element.length) + char(place, removed) + element);
      }
    };
    list.forEach((element, place) => {
      const found = known.indexOf(element, place);
      change(place, found < 0 ? 0 : found - place, found < 0 ? element : "");
    });
    change(list.length, known.length - list.length, "");
  });
};

const save = (): void => {
  let record = "";
  compare((change) => {
    record += change;
  });
  if (record !== "") {
    append(record);
    const old = area;
    let tries = areas;
    // The old area counts until a new one does: it is never erased here.
    while (journalEnd > areaBytes && --tries > 0) {
      area = (area + 1) % areas;
      journalEnd = 0;
      eraseFlash(address(), areaBytes);
      journalEnd = HEAD_BYTES;
      stored = noLists();
      compare(append);
      const end = journalEnd;
      if (end <= areaBytes) {
        journalEnd = 0;
        sequence++;
        append(uint32(sequence) + uint16(areaBytes));
        // Behind what was written before it, or still beyond the area.
        journalEnd += end - HEAD_BYTES;
      }
    }
    if (journalEnd > areaBytes) {
      area = old;
      storeFailures++;
    }
  }
};

/** Reads the record at `journalEnd` and moves `journalEnd` behind it; "" where there is none that is whole. */
const readRecord = (): string => {
  const at = address();
  const size = uint16At(readFlash(at, 4), 0) + 6;
  const end = journalEnd + ((size + 3) & NOWHERE);
  if (end <= areaBytes) {
    const bytes = readFlash(at, size);
    const record = bytes.substring(6);
    if (uint32(crc32(record)) === bytes.substring(2, 6)) {
      journalEnd = end;
      return record;
    }
  }
  return "";
};

/** `enqueue` that returns when the message is stored. */
export const enqueueStored: Publish = (topic, payload, mode) => {
  const taken = enqueue(topic, payload, mode);
  save();
  return taken;
};

/**
 * Brings back what was stored, and stores what changes from now on. Once, after `configure` and `configureQueue`,
 * before the client starts and before anything is published. What was in flight is sent again when the broker has
 * kept the session; with a clean session it is given up, as after any lost connection. A message of the queue is as
 * old as this start.
 *
 * @param from address of flash that is the store's alone, at the start of a page
 * @param bytes of an area: whole pages, at most 65,532; twice what can be alive, or it wears out sooner
 * @param count areas that are written in turn, 2 or more
 * @param held `held` of `qos2.ts`, or an empty list in a program without QoS 2
 */
export const openStore = (from: number, bytes: number, count: number, held: string[]): void => {
  base = from;
  areaBytes = bytes;
  areas = count;
  lists = [slots, entries, held];
  stored = noLists();
  let newest = -1;
  for (area = 0; area < areas; area++) {
    journalEnd = 0;
    const head = readRecord();
    const number = uint16At(head, 0) * 65536 + uint16At(head, 2);
    if (head.substring(4) === uint16(areaBytes) && number > sequence) {
      newest = area;
      sequence = number;
    }
  }
  area = newest;
  journalEnd = NOWHERE;
  if (newest >= 0) {
    journalEnd = HEAD_BYTES;
    for (let record = readRecord(); record !== ""; record = readRecord()) {
      apply(record);
    }
  }
  // SUBSCRIBE and UNSUBSCRIBE are not brought back: the program asks again.
  for (const slot of stored[0]!) {
    if (slot.charCodeAt(2) <= PUBREL) {
      ids.push(slot.substring(0, 2));
      slots.push(slot);
    }
  }
  for (const entry of stored[1]!) {
    give(entry, enqueue);
  }
  for (const id of stored[2]!) {
    held.push(id);
  }
  const acknowledger = acknowledgers[2];
  if (acknowledger) {
    // Before it is delivered: a message is not delivered twice.
    acknowledgers[2] = (id) => {
      const fresh = acknowledger(id);
      save();
      return fresh;
    };
  }
  beforeSending(save);
};
