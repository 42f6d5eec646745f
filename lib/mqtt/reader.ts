/**
 * From bytes that come in any pieces to packets: they are put together, and each packet is given to its handler. What
 * is to be acknowledged goes out when all of them are read. A packet that is too large is skipped as it streams past,
 * if `skipLarge` says so.
 */
import { byteView } from "#platform/bytes";
import { caught } from "#platform/system";
import { endWriting, fail, largestIncoming, table, write } from "./client.ts";
import { LARGEST_SCALE, PUBACK_HEAD, PUBLISH } from "./packet.ts";
import { MALFORMED, TOO_LARGE } from "./reason.ts";
import type { Bytes } from "../platform/types.ts";

/**
 * The packet that a handler reads: its bytes from `packetAt` to `packetEnd` of `received`, the same as numbers in
 * `view`, and its first byte. Its body starts at `packetAt` + 2: of a fixed header that is longer than two bytes, these
 * are its last two. Not arguments, as these are variables in each handler. What is used most has no value at first: so
 * the minifier puts it in front, and names are searched in order.
 */
export let view: Bytes;
export let packetAt: number;
export let packetEnd: number;
export let received: string;
export let first: number;
let shortSize: number;
let length: number;
let acks = "";
/** The begin of a packet that is not all there yet. */
let rest = "";
let skipsLarge = false;
/** Of a PUBLISH that is too large: bytes to skip now, then bytes from its packet id on, and its QoS * 2. */
let gap = 0;
let remainder = 0;
let gapQos = 0;

/** How many messages were larger than what may come in: acknowledged as their QoS demands, and not delivered. */
export let skipped = 0;

/** Has a PUBLISH that is too large skipped as it streams past; without it, it closes the connection. */
export const skipLarge = (): void => {
  skipsLarge = true;
};

/** By QoS * 2: acknowledges an incoming message, by the two bytes of its id, and says whether it is to be delivered. */
export const acknowledgers: Record<number, ((this: void, id: string) => boolean) | undefined> = {
  2: (id) => {
    acks += PUBACK_HEAD + id;
    return true;
  },
};

/** Adds an acknowledgement. Those of one data event go out in one write, in order [MQTT-4.6.0-2, -3]. */
export const acknowledge = (packet: string): void => {
  acks += packet;
};

/** Sends what `acknowledge` has gathered. */
export const flushAcks = (): void => {
  if (acks !== "") {
    write(acks);
    acks = "";
  }
};

/** Nothing more is taken of what came, nor acknowledged. */
export const stopReading = (): void => {
  length = 0;
  acks = "";
};

/** What comes next belongs to another connection. */
export const forgetRest = (): void => {
  rest = "";
  if (skipsLarge) {
    gap = remainder = 0;
  }
};

/** Skips what `gap` and `remainder` say, and acknowledges its id. Returns where it came to; all where both are 0. */
const skip = (at: number): number => {
  const skippedNow = gap < length - at ? gap : length - at;
  gap -= skippedNow;
  at += skippedNow;
  if (gap === 0 && remainder > 0 && at + 2 <= length) {
    if (gapQos > 0) {
      acknowledgers[gapQos]!(received.substring(at, at + 2));
    }
    gap = remainder;
    remainder = 0;
    return skip(at);
  }
  return at;
};

/** The rest is kept until more has come. */
const wait = (): void => {
  rest = received.substring(packetAt);
  packetEnd = length;
};

/**
 * The handler of a packet whose fixed header is longer than two bytes, of a PUBLISH that has flags, of one that is not
 * all there yet, or that may not come.
 */
const unusual = (): void => {
  const handler = table![first >>> 4 === 3 ? PUBLISH : first];
  let at = packetAt + 1;
  let byte = view[at]!;
  let size = byte;
  let scale = 1;
  // A byte that has not come yet is no number, and not above 127; it makes the size and the end no numbers, too.
  while (byte > 127) {
    byte = view[++at]!;
    scale *= 128;
    // The 1 is the flag of the byte before, which was counted as a part of the length.
    size += (byte - 1) * scale;
  }
  if (!handler || scale > LARGEST_SCALE) {
    fail(MALFORMED);
  } else if (size > largestIncoming) {
    if (!skipsLarge || first >>> 4 !== 3) {
      fail(TOO_LARGE);
    } else if (at + 2 < length) {
      gapQos = first & 6;
      gap = view[at + 1]! * 256 + view[at + 2]!;
      remainder = size - 2 - gap;
      if (remainder < 0 || (gapQos > 0 && (remainder < 2 || !acknowledgers[gapQos]))) {
        fail(MALFORMED);
      } else {
        skipped++;
        packetAt = packetEnd = skip(at + 3);
        // Else its acknowledgement ended the connection.
        if (length > 0 && gap + remainder > 0) {
          wait();
        }
      }
    } else {
      wait();
    }
  } else if (at + size < length) {
    if (scale > 1 && byte < 1) {
      // A length in more bytes than its range has (2.2.3, table 2.4).
      fail(MALFORMED);
    } else {
      packetAt = at - 1;
      packetEnd = at + 1 + size;
      handler();
    }
  } else {
    wait();
  }
};

/** Takes all packets that have come, or those up to one whose handler throws. */
const takePackets = (): void => {
  // eslint-disable-next-line portable/try -- one place for all that is told of a packet
  try {
    while (packetAt < length) {
      shortSize = view[packetAt + 1]!;
      packetEnd = packetAt + 2 + shortSize;
      first = view[packetAt]!;
      // Declares nothing: Espruino would make a scope each time.
      (shortSize > 127 || !(packetEnd <= length) ? unusual : table![first] ?? unusual)();
      packetAt = packetEnd;
    }
  } catch (e) {
    caught(e);
    packetAt = packetEnd;
  }
};

/** Takes what came. */
export const receive = (bytes: string): void => {
  if (table) {
    endWriting();
    received = rest + bytes;
    view = byteView(received);
    length = received.length;
    packetAt = 0;
    rest = "";
    if (skipsLarge && gap + remainder > 0) {
      packetAt = skip(0);
      if (length > 0 && gap + remainder > 0) {
        wait();
        packetAt = length;
      }
    }
    while (packetAt < length) {
      takePackets();
    }
    flushAcks();
  }
};
