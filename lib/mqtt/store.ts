/**
 * The store: in-flight messages, received QoS 2 ids and the offline queue survive a loss of power, at any byte of any
 * write. Before anything is sent, what has changed since the last time is written to flash, as one record of a
 * journal. Areas of flash are written in turn: when one is full, the next one is erased, gets all that is alive, and
 * last its head, which makes it count. Until then the old area counts. docs/store.md says why it is so.
 *
 * Record: length (2 bytes) and CRC-32 (4) of what follows; changes, one behind the other. Records begin at multiples
 * of 4 bytes. Change: length of an element that is put in (2), or 0 to take one out; its place (2); the element. Head:
 * a record of the bytes of an area (2), its number (4).
 */
import { crc32, eraseFlash, readFlash, writeFlash } from "#platform/flash";
import { beforeSending } from "./client.ts";
import { slots } from "./inflight.ts";
import { PUBREL, uint16, uint16At } from "./packet.ts";
import { acknowledgers } from "./reader.ts";
import type { Publish } from "./publish.ts";
import { enqueue, entries, give } from "./queue.ts";

const HEAD_BYTES = 12;
/** Beyond the end of every area: where the next record begins when there is no place for it. */
const NOWHERE = 131068;
/** Stands behind each list of the client, all of which are stored as one; no element of theirs is a single byte. */
const END = ["-"];

let base = 0;
let areas = 0;
let areaBytes = 0;
/** The number of the newest area. Areas are numbered in turn, so it says where that is, too. */
let sequence = 0;
/** Where the next record begins in it. */
let journalEnd = 0;
let heldIds: string[];
/**
 * What the flash says of the lists. It holds the elements themselves: an interpreter that shares strings keeps them
 * once.
 */
let stored: string[];

/** How often changes could not be stored: the flash is worn out, or too small for what is alive. */
export let storeFailures = 0;

const address = (): number => base + sequence % areas * areaBytes + journalEnd;
const uint32 = (value: number): string => uint16(value >>> 16) + uint16(value & 65535);

/** Reads the record at `journalEnd` and moves `journalEnd` behind it; "" where there is none that is whole. */
const readRecord = (): string => {
  const at = address();
  const size = uint16At(readFlash(at, 4), 0) + 6;
  const padded = (size + 3) & NOWHERE;
  if (journalEnd + padded <= areaBytes) {
    const bytes = readFlash(at, padded);
    const record = bytes.substring(6, size);
    if (uint32(crc32(record)) === bytes.substring(2, 6)) {
      journalEnd += padded;
      return record;
    }
  }
  return "";
};

/** Adds a record to the area; `journalEnd` is beyond the area when it has no place there, or does not read back. */
const append = (record: string): void => {
  let isThere = journalEnd + record.length + 6 <= areaBytes;
  if (isThere) {
    writeFlash(uint16(record.length) + uint32(crc32(record)) + record, address());
    isThere = readRecord() === record;
  }
  if (!isThere) {
    journalEnd = NOWHERE;
  }
};

/** Makes a change in `stored`: puts an element in a place, or, for "", takes out what is there. Gives its bytes. */
const change = (place: number, element: string): string => {
  if (element === "") {
    stored.splice(place, 1);
  } else {
    stored.splice(place, 0, element);
  }
  return uint16(element.length) + uint16(place) + element;
};

/** Makes `stored` equal to the lists of the client, and gives each change that this takes to `fn`. */
const compare = (fn: (this: void, change: string) => void): void =>
  slots.concat(END, entries, END, heldIds, END).forEach((element, place) => {
    let found = stored.indexOf(element, place);
    if (found < 0) {
      fn(change(place, element));
    }
    while (found > place) {
      fn(change(place, ""));
      found--;
    }
  });

const save = (): void => {
  let record = "";
  compare((each) => {
    record += each;
  });
  if (record !== "") {
    append(record);
    const old = sequence;
    let tries = areas;
    // The old area counts until a new one does: it is never erased here.
    while (journalEnd > areaBytes && --tries > 0) {
      sequence++;
      journalEnd = 0;
      eraseFlash(address(), areaBytes);
      journalEnd = HEAD_BYTES;
      stored = [];
      compare(append);
      const end = journalEnd;
      if (end <= areaBytes) {
        journalEnd = 0;
        append(uint16(areaBytes) + uint32(sequence));
        // Behind what was written before it, or still beyond the area.
        journalEnd += end - HEAD_BYTES;
      }
    }
    if (journalEnd > areaBytes) {
      sequence = old;
      storeFailures++;
    }
  }
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
  heldIds = held;
  stored = [];
  let newest = 0;
  for (sequence = 0; sequence < areas; sequence++) {
    journalEnd = 0;
    const head = readRecord();
    const number = uint16At(head, 2) * 65536 + uint16At(head, 4);
    // One that is elsewhere than its number says is of a store of another shape.
    if (head.substring(0, 2) === uint16(areaBytes) && number % areas === sequence && number > newest) {
      newest = number;
    }
  }
  sequence = newest;
  journalEnd = NOWHERE;
  if (newest > 0) {
    journalEnd = HEAD_BYTES;
    for (let record = readRecord(); record !== ""; record = readRecord()) {
      let at = 0;
      while (at < record.length) {
        const end = at + 4 + uint16At(record, at);
        change(uint16At(record, at + 2), record.substring(at + 4, end));
        at = end;
      }
    }
  }
  let list = 0;
  let key = "";
  for (const element of stored) {
    if (element.length < 2) {
      list++;
    } else if (list > 1) {
      held.push(element);
    } else if (list > 0) {
      give(element, enqueue);
    } else if (element.charCodeAt(0) % 16 < 1) {
      // No flags: the acknowledgement that the packet behind it waits for.
      key = element;
    } else if (element.charCodeAt(0) <= PUBREL) {
      // SUBSCRIBE and UNSUBSCRIBE are not brought back: the program asks again.
      slots.push(key, element);
    }
  }
  const acknowledger = acknowledgers[4];
  if (acknowledger) {
    // Before it is delivered: a message is not delivered twice.
    acknowledgers[4] = (id) => {
      const fresh = acknowledger(id);
      save();
      return fresh;
    };
  }
  beforeSending(save);
};
