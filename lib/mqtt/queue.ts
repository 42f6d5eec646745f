/**
 * The offline queue: messages that wait for a session or for a free in-flight slot, in order, in a fixed number of
 * slots and bytes. What does not fit is dropped as `configure` was told, and counted.
 */
import { now } from "#platform/timer";
import { upHandlers } from "./client.ts";
import { largestPacket, onSettled } from "./inflight.ts";
import { countDropped, publishers } from "./publish.ts";

const topics: string[] = [];
const payloads: string[] = [];
const modes: number[] = [];
const times: number[] = [];
let used = 0;
let ageLimitMs = 0;
let places = 0;
let capacity = 0;
let makeRoom: (this: void, topic: string) => boolean;

const remove = (at: number): void => {
  used -= topics[at]!.length + payloads[at]!.length;
  topics.splice(at, 1);
  payloads.splice(at, 1);
  modes.splice(at, 1);
  if (ageLimitMs > 0) {
    times.splice(at, 1);
  }
};

/** Has messages dropped, and counted, that have waited for longer: they are not worth sending any more. */
export const expireAfter = (ms: number): void => {
  ageLimitMs = ms;
};

/** When full: refuse the new message. */
export const reject = (_topic: string): boolean => false;

/** When full: drop the oldest message. */
export const dropOldest = (_topic: string): boolean => {
  if (topics.length === 0) {
    return false;
  }
  remove(0);
  countDropped();
  return true;
};

/** When full: drop an older message of the same topic; where there is none, the oldest of all. */
export const keepLatest = (topic: string): boolean => {
  const at = topics.indexOf(topic);
  if (at > 0) {
    remove(at);
    countDropped();
    return true;
  }
  return dropOldest(topic);
};

const drain = (): void => {
  while (ageLimitMs > 0 && topics.length > 0 && now() - times[0]! > ageLimitMs) {
    remove(0);
    countDropped();
  }
  while (topics.length > 0 && publishers[modes[0]! >>> 1]!(topics[0]!, payloads[0]!, modes[0]!)) {
    remove(0);
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
  // 5: the longest fixed header of a slot, and the packet id.
  let taken = bytes <= capacity && bytes + 5 <= largestPacket;
  while (taken && (topics.length >= places || used + bytes > capacity)) {
    taken = makeRoom(topic);
  }
  if (!taken) {
    countDropped();
    return false;
  }
  topics.push(topic);
  payloads.push(payload);
  modes.push(mode);
  used += bytes;
  if (ageLimitMs > 0) {
    times.push(now());
  }
  drain();
  return true;
};
