/**
 * Packets that wait for their acknowledgement, in the order in which they were sent. A fixed number of slots; the caller
 * bounds the bytes of each. A slot is one string: two bytes of packet id, one of kind (the packet's first byte without DUP
 * and RETAIN), then the packet. An arena of bytes took 51 variables always where this takes 8 a packet while in use.
 */
import { byteAt, fail, MALFORMED, received, send, up, upHandlers, type Handler } from "./client.ts";
import { char, PUBREL, uint16 } from "./packet.ts";

/** Gets what was kept (id, kind, packet), and whether it was acknowledged: else its session is gone. */
export type Settled = (this: void, slot: string, acknowledged: boolean) => void;

/** What waits. */
export const slots: string[] = [];
/** How many PUBLISH packets may wait, and how long each may be. */
export let limit = 0;
export let largest = 0;
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
  largest = bytes;
  cleanSession = clean;
};

/** Has `fn` called whenever a slot has become free. */
export const onSettled = (fn: Settled): void => {
  settledHandler = fn;
};

/** The place of the slot that starts with `key`, below 0 where there is none. */
const place = (key: string): number => {
  let at = slots.length - 1;
  while (at >= 0 && slots[at]!.indexOf(key) !== 0) {
    at--;
  }
  return at;
};

/** The two bytes of an id that no unfinished exchange uses; 65535 is followed by 1 [MQTT-2.3.1-1, -2]. */
export const nextId = (): string => {
  let id: string;
  do {
    lastId = lastId > 65534 ? 1 : lastId + 1;
    id = uint16(lastId);
  } while (place(id) >= 0);
  return id;
};

/** Keeps a packet until it is settled, and sends it if there is a session. */
export const keep = (id: string, kind: number, packet: string): void => {
  slots.push(id + char(kind) + packet);
  if (up) {
    send(packet);
  }
};

/**
 * The place of the packet of `kind` that the two bytes at `start` of `received` acknowledge; below 0 where there is none: a
 * late or doubled acknowledgement is ignored.
 */
export const acknowledged = (start: number, kind: number): number =>
  place(received.substring(start, start + 2) + char(kind));

/** Frees a slot. */
export const finish = (at: number, success: boolean): void => {
  settledHandler(slots.splice(at, 1)[0]!, success);
};

/** A handler for an acknowledgement that is nothing but an id, and ends the exchange of `kind`. */
export const finishes = (kind: number): Handler => (_first, start, end) => {
  const at = acknowledged(start, kind);
  if (end - start !== 2) {
    fail(MALFORMED);
  } else if (at >= 0) {
    finish(at, true);
  }
};

/**
 * Sends again what was not acknowledged, in order, with the same ids [MQTT-4.4.0-1, MQTT-4.6.0-1]. DUP is set where the
 * broker kept the session [MQTT-3.3.1-1]. A broker that lost it [MQTT-3.2.2-4] gets each PUBLISH as a new one; a PUBREL
 * counts as done, for its message was taken and sending that again could deliver it twice; subscriptions are made anew.
 */
upHandlers.push((present) => {
  let at = 0;
  let count = slots.length;
  while (count > 0) {
    const slot = slots[at]!;
    const kind = slot.charCodeAt(2);
    count--;
    if (!present && (cleanSession || kind >= PUBREL)) {
      finish(at, !cleanSession);
    } else {
      let first = slot.charCodeAt(3);
      if (kind < PUBREL) {
        first = present ? first | 8 : first & 0xf7;
      }
      const packet = char(first) + slot.substring(4);
      slots[at] = slot.substring(0, 3) + packet;
      send(packet);
      at++;
    }
  }
});
