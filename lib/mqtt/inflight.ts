/**
 * Packets that wait for their acknowledgement, in the order in which they were sent. A fixed number of slots; the caller
 * bounds the bytes of each. A slot is one string, the two bytes of the packet id and then the packet: an arena of bytes
 * took 51 variables always where this takes 8 a packet while in use.
 */
import { byteAt, fail, MALFORMED, received, send, up, upHandlers, type Handler } from "./client.ts";
import { char, PUBREL, SUBSCRIBE, uint16 } from "./packet.ts";

/** Ends exactly once: true when acknowledged, false when the session that would acknowledge it is gone. */
export type Done = (this: void, acknowledged: boolean) => void;

const slots: string[] = [];
const dones: (Done | undefined)[] = [];
let limit = 0;
let largest = 0;
let cleanSession = false;
let lastId = 0;
let roomHandler: ((this: void) => void) | undefined;

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

/** Has `fn` called when a slot has become free. */
export const onRoom = (fn: (this: void) => void): void => {
  roomHandler = fn;
};

/** True when a packet of that many bytes fits a slot. */
export const fits = (bytes: number): boolean => bytes <= largest;

/** True when a PUBLISH of that many bytes is taken now. */
export const hasRoom = (bytes: number): boolean => up && slots.length < limit && fits(bytes);

/** The place of a packet id, given as its two bytes; below 0 where it is not in use. */
const place = (id: string): number => {
  let at = slots.length - 1;
  while (at >= 0 && slots[at]!.substring(0, 2) !== id) {
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

/** Keeps a packet until `finish`, and sends it if there is a session. */
export const keep = (id: string, packet: string, done?: Done): void => {
  slots.push(id + packet);
  dones.push(done);
  if (up) {
    send(packet);
  }
};

/**
 * The place of the packet that the two bytes at `start` of `received` acknowledge; below 0 where there is none: a late or
 * doubled acknowledgement is ignored. `kind` is the first byte of the kept packet without DUP and RETAIN.
 */
export const acknowledged = (start: number, kind: number): number => {
  const at = place(received.substring(start, start + 2));
  return at >= 0 && (slots[at]!.charCodeAt(2) & 0xf6) === kind ? at : -1;
};

/** Puts another packet in the place of one: PUBREL follows its PUBLISH. */
export const replace = (at: number, packet: string): void => {
  slots[at] = slots[at]!.substring(0, 2) + packet;
};

/** Frees a slot. */
export const finish = (at: number, success: boolean): void => {
  const done = dones[at];
  slots.splice(at, 1);
  dones.splice(at, 1);
  if (done !== undefined) {
    done(success);
  }
  if (roomHandler !== undefined) {
    roomHandler();
  }
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
    const first = slot.charCodeAt(2);
    count--;
    if (!present && (cleanSession || first >= PUBREL)) {
      finish(at, !cleanSession);
    } else {
      if (first < PUBREL) {
        replace(at, char(present ? first | 8 : first & 0xf7) + slot.substring(3));
      }
      send(slots[at]!.substring(2));
      at++;
    }
  }
});
