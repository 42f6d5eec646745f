/** Subscriptions and incoming messages at QoS 0 and 1 (3.8, 3.3). */
import { guard } from "#platform/system";
import { acknowledge, byteAt, fail, handlers, MALFORMED, received, skipWith, upHandlers } from "./client.ts";
import { acknowledged, finish, keep, nextId } from "./inflight.ts";
import { char, field, packet, PUBACK, PUBLISH, SUBACK, SUBSCRIBE } from "./packet.ts";
import { matches } from "./topic.ts";

/** Gets a message: topic name and payload as bytes, and whether it is one that the broker had retained. */
export type MessageHandler = (this: void, topic: string, payload: string, retained: boolean) => void;

/** What is subscribed to, each as it stands in a SUBSCRIBE: filter field and QoS. */
export const wanted: string[] = [];
/** The handlers of `wanted`, in the same order. */
export const messageHandlers: MessageHandler[] = [];
let refusedHandler: ((this: void, index: number) => void) | undefined;

/** By QoS: acknowledges an incoming message, by the two bytes of its id, and says whether it is to be delivered. */
export const acknowledgers: ((this: void, id: string) => boolean)[] = [];

acknowledgers[1] = (id) => {
  acknowledge(char(PUBACK, 2) + id);
  return true;
};

/** Sends SUBSCRIBE or UNSUBSCRIBE and keeps it until it is acknowledged. */
export const ask = (first: number, filters: string): void => {
  const id = nextId();
  keep(id, packet(first, id + filters));
};

/**
 * Subscribes, now and whenever the broker has lost it. `filter` is bytes of a well-formed topic filter [MQTT-4.7.1-2, -3];
 * several handlers may want the same topic.
 */
export const subscribe = (filter: string, qos: number, handler: MessageHandler): void => {
  const want = field(filter) + char(qos);
  wanted.push(want);
  messageHandlers.push(handler);
  ask(SUBSCRIBE, want);
};

/** Has `fn` called when the broker refuses a subscription (return code 0x80). */
export const onRefused = (fn: (this: void) => void): void => {
  refusedHandler = fn;
};

upHandlers.push((present) => {
  if (!present && wanted.length > 0) {
    ask(SUBSCRIBE, wanted.join(""));
  }
});

handlers[SUBACK] = (_first, start, end) => {
  const at = acknowledged(start, SUBSCRIBE);
  if (at >= 0) {
    if (refusedHandler !== undefined && received.substring(start + 2, end).indexOf("\x80") >= 0) {
      refusedHandler(0);
    }
    finish(at, true);
  }
};

handlers[PUBLISH] = (first, start, end) => {
  const qos = (first & 6) / 2;
  const topicEnd = start + 2 + byteAt(start) * 256 + byteAt(start + 1);
  const payloadStart = qos > 0 ? topicEnd + 2 : topicEnd;
  const topic = received.substring(start + 2, topicEnd);
  const id = received.substring(topicEnd, payloadStart);
  const payload = received.substring(payloadStart, end);
  if (topic === "" || id === "\0\0" || payloadStart > end || (qos > 0 && acknowledgers[qos] === undefined)) {
    return fail(MALFORMED);
  }
  if (qos < 1 || acknowledgers[qos]!(id)) {
    let at = 0;
    while (at < wanted.length) {
      const filter = wanted[at]!;
      if (matches(filter.substring(2, filter.length - 1), topic)) {
        guard(messageHandlers[at]!, topic, payload, (first & 1) > 0);
      }
      at++;
    }
  }
};

/** Of a PUBLISH that is being skipped: bytes to come, bytes seen, where its packet id ends, that id so far, its QoS. */
let left = 0;
let seen = 0;
let idEnd = 0;
let id = "";
let skippedQos = 0;

/** How many messages were larger than the receive buffer. They were acknowledged as their QoS demands, and not delivered. */
export let skipped = 0;

skipWith((bytes, first, size) => {
  if (size >= 0) {
    left = size;
    seen = 0;
    idEnd = 4;
    id = "";
    skippedQos = (first & 6) / 2;
    if (size > 0) {
      skipped++;
    }
  }
  let at = 0;
  while (left > 0 && at < bytes.length) {
    const byte = bytes.charCodeAt(at);
    let step = 1;
    if (seen === 0) {
      idEnd += byte * 256;
    } else if (seen === 1) {
      idEnd += byte;
    } else if (seen < idEnd && seen >= idEnd - 2) {
      id += char(byte);
      if (seen === idEnd - 1 && skippedQos > 0) {
        acknowledgers[skippedQos]!(id);
      }
    } else {
      // Nothing to see before the packet id, nor after it.
      step = Math.min(bytes.length - at, seen < idEnd ? idEnd - 2 - seen : left);
    }
    at += step;
    seen += step;
    left -= step;
  }
  return bytes.substring(at);
});
