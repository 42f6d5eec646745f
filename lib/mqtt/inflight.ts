/**
 * Packets that wait for their acknowledgement, in the order in which they were sent. A fixed number of slots; the
 * caller bounds the bytes of each. Each takes two elements of one list: its key, which is the acknowledgement that it
 * waits for up to the packet id (so one native search finds it, and tells a wrong one), and the packet. An arena of
 * bytes took 51 variables always where this takes 9 a packet while in use.
 */
import { fail, nothing, up, upHandlers, windowMs, write } from "./client.ts";
import { char, header, PUBACK, PUBLISH, PUBREC, PUBREL, SUBACK, SUBSCRIBE } from "./packet.ts";
import { first, packetAt, packetEnd, received } from "./reader.ts";
import { MALFORMED } from "./reason.ts";
import { SECOND_WINDOW_MS } from "./timing.ts";
import type { Handler, Publish } from "./types.ts";

/** How an exchange ended: its message was given up; it counts as done as its session is gone; the peer said so. */
export const GONE = 0;
export const DONE = 1;
export const ANSWERED = 2;

/**
 * Gets what was kept (key, packet), and how its exchange ended. ANSWERED by the packet that is being read: for a
 * SUBSCRIBE, the return codes stand from `packetAt + 4` to `packetEnd` of `received`, one for each filter: 0x80 where
 * the broker refuses it [MQTT-3.9.3-2].
 */
export type Settled = (this: void, kept: string[], how: number) => void;

/** Key, packet, key, packet, ... What is used most has no value at first, as in `reader.ts`. */
export let slots: string[];
/** How many elements fill the slots for PUBLISH packets, and how long a packet may be. */
export let most: number;
export let largestPacket: number;
let cleanSession: boolean;
let lastId = -1;
/** Who is told; whoever takes its place tells it, too. */
export let settledHandler: Settled = nothing;

/**
 * Sets the bounds, once, before the client starts.
 * @param messages slots for PUBLISH packets, at most 127
 * @param bytes largest packet, at most 16,383
 * @param clean the clean session flag of CONNECT: whether unacknowledged packets end with the connection [MQTT-3.1.2-6]
 */
export const configure = (messages: number, bytes: number, clean: boolean): void => {
  slots = [];
  most = messages * 2;
  largestPacket = bytes;
  cleanSession = clean;
};

/** Has `fn` called whenever a slot has become free. */
export const onSettled = (fn: Settled): void => {
  settledHandler = fn;
};

/**
 * The two bytes of an id that no unfinished exchange uses; 65535 is followed by 1 [MQTT-2.3.1-1, -2]. Whether one is in
 * use is asked for 255 of them at once, which have the first byte in common: as long as one is, the others are left
 * out, too. (So they are where a packet looks like the key of one.) The second byte is never 0, so that no id is.
 */
export const nextId = (): string => {
  lastId++;
  if (lastId % 256 < 1) {
    lastId &= 65535;
    while (slots.some((key) => key.charCodeAt(2) === lastId >>> 8)) {
      lastId = (lastId + 256) & 65535;
    }
    lastId++;
  }
  return char(lastId >>> 8, lastId & 255);
};

/**
 * Sends SUBSCRIBE or UNSUBSCRIBE, now or with the next session, and keeps it until it is settled. These are not bounded
 * here: a program has as many as it has filters.
 * @param head the acknowledgement up to its packet id
 * @param first the first byte of the packet
 * @param filter what stands behind the packet id
 */
export const ask = (head: string, first: number, filter: string): void => {
  const id = nextId();
  filter = id + filter;
  filter = header(first, filter.length) + filter;
  slots.push(head + id, filter);
  if (up) {
    write(filter);
  }
};

/**
 * Publishes at QoS 1 or above: kept until it is acknowledged, sent again after a lost connection (4.3.2, 4.3.3). Not
 * accepted: there is no session, no free slot, or it is larger than a slot.
 */
export const publishKept: Publish = (topic, payload, mode) => {
  // 2: the packet id.
  const size = topic.length + payload.length + 2;
  // 3: the longest fixed header of a slot.
  const accepted = up && slots.length < most && size + 3 <= largestPacket;
  if (accepted) {
    const id = nextId();
    // What `header` does; a call takes longer.
    topic = (size < 128 ? char(PUBLISH + mode, size) : header(PUBLISH + mode, size)) + topic + id + payload;
    slots.push(char(mode < 4 ? PUBACK : PUBREC, 2) + id, topic);
    write(topic);
  }
  return accepted;
};

/**
 * The handler of PUBACK, PUBCOMP, SUBACK and UNSUBACK: an id, and one return code after SUBSCRIBE, which has one filter
 * [MQTT-3.8.4-5]. A late or doubled one, and one that does not answer what has the id, is ignored.
 */
export const settle: Handler = () => {
  const at = slots.indexOf(received.substring(packetAt, packetAt + 4));
  if (at < 0) {
    if (packetEnd - packetAt !== (first === SUBACK ? 5 : 4)) {
      fail(MALFORMED);
    }
  } else {
    settledHandler(slots.splice(at, 2), ANSWERED);
  }
};

/**
 * Sends again what was not acknowledged, in order, with the same ids [MQTT-4.4.0-1, MQTT-4.6.0-1], PUBLISH with DUP
 * [MQTT-3.3.1-1]. A broker that lost the session [MQTT-3.2.2-4] gets each PUBLISH all the same; a PUBREL counts as
 * done there, for its message was taken and sending that again could deliver it twice; subscriptions are made anew,
 * also where an attempt has failed: each SUBSCRIBE that waits then ends, for the new one asks for the same.
 */
upHandlers.push((present) => {
  const gone = slots.filter((packet) => {
    const kind = packet.charCodeAt(0);
    const isPublish = kind < PUBREL;
    // A key begins with an acknowledgement, and these have no flags.
    const isPacket = kind % 16 > 0;
    const ends = cleanSession || !(present || isPublish) || (kind === SUBSCRIBE && windowMs > SECOND_WINDOW_MS);
    if (isPacket && !ends) {
      write(char(isPublish ? kind | 8 : kind) + packet.substring(1));
    }
    return isPacket && ends;
  });
  // Afterwards, as who is told may publish: nothing new overtakes what is sent again.
  for (const packet of gone) {
    settledHandler(slots.splice(slots.indexOf(packet) - 1, 2), cleanSession ? GONE : DONE);
  }
});
