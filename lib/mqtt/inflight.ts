/**
 * Packets that wait for their acknowledgement, in the order in which they were sent. A fixed number of slots; the
 * caller bounds the bytes of each. A slot is one string: two bytes of packet id, then the packet. An arena of bytes
 * took 51 variables always where this takes 8 a packet while in use.
 */
import { bodyEnd, bodyStart, fail, first, received, send, up, upHandlers, windowMs } from "./client.ts";
import { char, PUBREL, SUBACK, SUBSCRIBE } from "./packet.ts";
import { MALFORMED } from "./reason.ts";
import { SECOND_WINDOW_MS } from "./timing.ts";
import type { Handler } from "./types.ts";

/**
 * Gets what was kept (id, packet), and whether it was acknowledged: else its session is gone. `answered` by the
 * packet that is being read: for a SUBSCRIBE, the return codes stand from `bodyStart + 2` to `bodyEnd` of `received`:
 * 0x80 for a filter that the broker refuses [MQTT-3.9.3-2].
 */
export type Settled = (this: void, slot: string, acknowledged: boolean, answered?: boolean) => void;

/** Of the first byte of a packet, all but RETAIN. */
export const KIND = 0xfe;

/**
 * The ids of what waits, and what waits, in the same order: a search of its own kind is native where a closure is
 * not.
 */
export const ids: string[] = [];
export const slots: string[] = [];
/** How many PUBLISH packets may wait, and how long each may be. */
export let limit = 0;
export let largestPacket = 0;
let cleanSession = false;
let lastId = 0;
/** Who is told; whoever takes its place tells it, too. */
export let settledHandler: Settled = () => {};
let keptHandler: ((this: void, id: string) => void) | undefined;

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

/** Has `fn` called with the id of each packet that is kept. */
export const onKept = (fn: (this: void, id: string) => void): void => {
  keptHandler = fn;
};

/** Has `fn` called whenever a slot has become free. */
export const onSettled = (fn: Settled): void => {
  settledHandler = fn;
};

/** The two bytes of an id that no unfinished exchange uses; 65535 is followed by 1 [MQTT-2.3.1-1, -2]. */
export const nextId = (): string => {
  lastId = (lastId % 65535) + 1;
  const id = char(lastId >>> 8, lastId & 255);
  return ids.indexOf(id) < 0 ? id : nextId();
};

/** Keeps a packet until it is settled, and sends it if there is a session. */
export const keep = (id: string, packet: string): void => {
  ids.push(id);
  slots.push(id + packet);
  if (keptHandler) {
    keptHandler(id);
  }
  if (up) {
    send(packet);
  }
};

/** Frees a slot. */
export const finish = (at: number, success: boolean, answered?: boolean): void => {
  ids.splice(at, 1);
  settledHandler(slots.splice(at, 1)[0]!, success, answered);
};

/**
 * The handler of PUBACK, PUBCOMP, SUBACK and UNSUBACK: an id, and return codes after SUBSCRIBE. A late or doubled
 * one, and one that does not answer what has the id, is ignored. The first byte of an answer is 14 more than that of
 * what it answers, or down to 11 more than that of a PUBLISH, where flags count: a broker without QoS 2 (RabbitMQ
 * before 3.12) answers it by PUBACK; it has the message, and nothing more will come.
 */
export const settle: Handler = () => {
  const at = ids.indexOf(received.substring(bodyStart, bodyStart + 2));
  const size = bodyEnd - bodyStart;
  // SUBACK has at least one return code, and the others have none.
  if ((first === SUBACK) === size < 3 || size < 2) {
    fail(MALFORMED);
  } else if (at >= 0 && (first - slots[at]!.charCodeAt(2)) >>> 4 < 1) {
    finish(at, true, true);
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
      send(char(kind | (isPublish ? 8 : 0)) + slot.substring(3));
    }
    return ends;
  });
  // Afterwards, as who is told may publish: nothing new overtakes what is sent again.
  for (const slot of gone) {
    finish(slots.indexOf(slot), !cleanSession);
  }
});
