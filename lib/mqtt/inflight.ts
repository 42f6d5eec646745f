/**
 * Packets that wait for their acknowledgement, in the order in which they were sent. A fixed number of slots; the
 * caller bounds the bytes of each. A slot is one string: two bytes of packet id, one of kind (the packet's first
 * byte without DUP and RETAIN), then the packet. An arena of bytes took 51 variables always where this takes 8 a
 * packet while in use.
 */
import { fail, received, send, up, upHandlers, windowMs, type Handler } from "./client.ts";
import { char, PUBREL, SUBSCRIBE } from "./packet.ts";
import { MALFORMED } from "./reason.ts";
import { SECOND_WINDOW_MS } from "./timing.ts";

/**
 * Gets what was kept (id, kind, packet), and whether it was acknowledged: else its session is gone. For a
 * SUBSCRIBE, the return codes stand from `start` to `end` of `received`: 0x80 for a filter that the broker refuses
 * [MQTT-3.9.3-2].
 */
export type Settled = (this: void, slot: string, acknowledged: boolean, start?: number, end?: number) => void;

/** What waits. */
export const slots: string[] = [];
/** How many PUBLISH packets may wait, and how long each may be. */
export let limit = 0;
export let largestPacket = 0;
let cleanSession = false;
let lastId = 0;
let settledHandler: Settled = () => {};

/**
 * Sets the bounds, once, before the client starts.
 * @param messages slots for PUBLISH packets
 * @param bytes largest packet
 * @param clean the clean session flag of CONNECT: whether unacknowledged packets end with the connection [MQTT-3.1.2-6]
 */
export const configure = (messages: number, bytes: number, clean: boolean): void => {
  limit = messages;
  largestPacket = bytes;
  cleanSession = clean;
};

/** Has `fn` called whenever a slot has become free. */
export const onSettled = (fn: Settled): void => {
  settledHandler = fn;
};

/**
 * The place of the slot that starts with `key` (two bytes of id, and one of kind), below 0 where there is none: a
 * late or doubled acknowledgement finds none, and is ignored.
 */
export const place = (key: string): number => slots.findIndex((slot) => slot.indexOf(key) === 0);

/** The two bytes of an id that no unfinished exchange uses; 65535 is followed by 1 [MQTT-2.3.1-1, -2]. */
export const nextId = (): string => {
  lastId = (lastId % 65535) + 1;
  const id = char(lastId >>> 8, lastId & 255);
  return place(id) < 0 ? id : nextId();
};

/** Keeps a packet until it is settled, and sends it if there is a session. */
export const keep = (id: string, kind: number, packet: string): void => {
  slots.push(id + char(kind) + packet);
  if (up) {
    send(packet);
  }
};

/** Frees a slot. */
export const finish = (at: number, success: boolean, start?: number, end?: number): void =>
  settledHandler(slots.splice(at, 1)[0]!, success, start, end);

/** A handler for the acknowledgement that ends an exchange of `kind`: an id, and return codes after SUBSCRIBE. */
export const finishes = (kind: number): Handler => (_first, start, end) => {
  const at = place(received.substring(start, start + 2) + char(kind));
  if (kind === SUBSCRIBE ? end - start < 3 : end - start !== 2) {
    fail(MALFORMED);
  } else if (at >= 0) {
    finish(at, true, start + 2, end);
  }
};

/**
 * Sends again what was not acknowledged, in order, with the same ids [MQTT-4.4.0-1, MQTT-4.6.0-1], PUBLISH with DUP
 * [MQTT-3.3.1-1]. A broker that lost the session [MQTT-3.2.2-4] gets each PUBLISH all the same; a PUBREL counts as
 * done there, for its message was taken and sending that again could deliver it twice; subscriptions are made anew,
 * also where an attempt has failed: each SUBSCRIBE that waits then ends, for the new one asks for the same.
 */
upHandlers.push((present) => {
  const gone = slots.filter((slot) => {
    const kind = slot.charCodeAt(2);
    const isPublish = kind < PUBREL;
    const ends = cleanSession || !(present || isPublish) || (kind === SUBSCRIBE && windowMs > SECOND_WINDOW_MS);
    if (!ends) {
      send(char(slot.charCodeAt(3) | (isPublish ? 8 : 0)) + slot.substring(4));
    }
    return ends;
  });
  // Afterwards, as who is told may publish: nothing new overtakes what is sent again.
  for (const slot of gone) {
    finish(slots.indexOf(slot), !cleanSession);
  }
});
