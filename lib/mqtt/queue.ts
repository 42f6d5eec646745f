/**
 * The offline queue: messages that wait for a session or for a free in-flight slot, in order, in a fixed number of
 * slots and bytes. What does not fit is dropped as `configure` was told, and counted.
 */
import { now } from "#platform/timer";
import { up, upHandlers } from "./client.ts";
import { largestPacket, most, onSettled, publishKept, slots } from "./inflight.ts";
import { DROPPED, EXPIRED, KEPT, QUEUED, SENT } from "./outcome.ts";
import { char, uint16At } from "./packet.ts";
import { countDropped, type Publish } from "./publish.ts";

/** What waits, in order: a byte of mode, the topic, the payload. */
export const entries: string[] = [];
const times: number[] = [];
let used = 0;
let ageLimitMs = 0;
let places = 0;
let capacity = 0;
let makeRoom: (this: void, topic: string) => boolean;

let watcher: ((this: void, at: number, outcome: number) => void) | undefined;

/** Has `fn` told of each message that comes or goes: its place, and QUEUED, SENT then KEPT, DROPPED or EXPIRED. */
export const watchQueue = (fn: (this: void, at: number, outcome: number) => void): void => {
  watcher = fn;
};

const remove = (at: number, outcome: number): void => {
  // 1: the mode is not counted.
  used -= entries.splice(at, 1)[0]!.length - 1;
  if (ageLimitMs > 0) {
    times.splice(at, 1);
  }
  if (outcome !== SENT) {
    countDropped();
  }
  if (watcher) {
    watcher(at, outcome);
  }
};

/** Gives a message that waited to `enqueue` or to a publisher. */
export const give = (entry: string, to: Publish): void => {
  const payloadAt = 3 + uint16At(entry, 1);
  to(entry.substring(1, payloadAt), entry.substring(payloadAt), entry.charCodeAt(0));
};

/** Has messages dropped, and counted, that have waited for longer: they are not worth sending any more. */
export const expireAfter = (ms: number): void => {
  ageLimitMs = ms;
};

/** When full: refuse the new message. */
export const reject = (_topic: string): boolean => false;

/** When full: drop the oldest message. */
export const dropOldest = (_topic: string): boolean => {
  if (entries.length === 0) {
    return false;
  }
  remove(0, DROPPED);
  return true;
};

/** When full: drop an older message of the same topic; where there is none, the oldest of all. */
export const keepLatest = (topic: string): boolean => {
  const at = entries.findIndex((entry) => entry.indexOf(topic) === 1);
  if (at > 0) {
    remove(at, DROPPED);
    return true;
  }
  return dropOldest(topic);
};

const expire = (): void => {
  while (ageLimitMs > 0 && entries.length > 0 && now() - times[0]! > ageLimitMs) {
    remove(0, EXPIRED);
  }
};

const drain = (): void => {
  expire();
  while (entries.length > 0 && up && slots.length < most) {
    const entry = entries[0]!;
    // Before it is sent, as a store would have it twice otherwise.
    remove(0, SENT);
    give(entry, publishKept);
    if (watcher) {
      watcher(0, KEPT);
    }
  }
};

/**
 * Sets the bounds, once, before the client starts.
 * @param messages places
 * @param bytes of all topics and payloads
 * @param whenFull `reject`, `dropOldest` or `keepLatest`
 */
export const configureQueue = (
  messages: number,
  bytes: number,
  whenFull: (this: void, topic: string) => boolean,
): void => {
  places = messages;
  capacity = bytes;
  makeRoom = whenFull;
  onSettled(drain);
  // Here and not at load: what the program registered before goes out before the backlog.
  upHandlers.push(drain);
};

/**
 * Publishes now or as soon as there is a session and a free slot. `mode` is QoS * 2, + 1 for retain; QoS 1 or 2.
 * @returns false when the message was refused (and counted as dropped).
 */
export const enqueue = (topic: string, payload: string, mode: number): boolean => {
  const bytes = topic.length + payload.length;
  // What has waited for too long must not keep a new message out.
  expire();
  // 5: the longest fixed header of a slot, and the packet id.
  let taken = bytes <= capacity && bytes + 5 <= largestPacket;
  while (taken && (entries.length >= places || used + bytes > capacity)) {
    taken = makeRoom(topic);
  }
  if (!taken) {
    countDropped();
    return false;
  }
  entries.push(char(mode) + topic + payload);
  used += bytes;
  if (ageLimitMs > 0) {
    times.push(now());
  }
  if (watcher) {
    watcher(entries.length - 1, QUEUED);
  }
  drain();
  return true;
};
