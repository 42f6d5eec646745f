/** Subscriptions and incoming messages at QoS 0 and 1 (3.8, 3.3). */
import { guard } from "#platform/system";
import { acknowledge, acknowledgers, byteAt, fail, handlers, MALFORMED, received, upHandlers } from "./client.ts";
import { acknowledged, finish, keep, nextId } from "./inflight.ts";
import { char, header, PUBACK, PUBLISH, SUBACK, SUBSCRIBE } from "./packet.ts";

/** Gets a message: topic as a length-prefixed field, payload, and whether it is one that the broker had retained. */
export type MessageHandler = (this: void, topic: string, payload: string, retained: boolean) => void;

/** What is subscribed to, as it stands in a SUBSCRIBE: filter field and QoS, one after the other. */
let wanted = "";
const listeners: MessageHandler[] = [];
let subackHandler: (this: void, codes: string) => void = () => {};

acknowledgers[1] = (id) => {
  acknowledge(PUBACK, id);
  return true;
};

/** Sends SUBSCRIBE or UNSUBSCRIBE, now or with the next session, and keeps it until it is acknowledged. */
export const ask = (first: number, filters: string): void => {
  const id = nextId();
  const body = id + filters;
  keep(id, first, header(first, body.length) + body);
};

/**
 * Subscribes, now and whenever the broker has lost it.
 * @param filter a well-formed topic filter [MQTT-4.7.1-2, -3] as a length-prefixed field (`packet.field`)
 * @param listener gets every message that comes in, whatever its topic
 */
export const subscribe = (filter: string, qos: number, listener: MessageHandler): void => {
  const want = filter + char(qos);
  wanted += want;
  listeners.push(listener);
  ask(SUBSCRIBE, want);
};

/** Has `fn` called with each SUBACK's return codes: 0x80 for a filter that the broker refuses [MQTT-3.9.3-2]. */
export const onSuback = (fn: (this: void, codes: string) => void): void => {
  subackHandler = fn;
};

upHandlers.push((present) => {
  if (!present && wanted !== "") {
    ask(SUBSCRIBE, wanted);
  }
});

handlers[SUBACK] = (_first, start, end) => {
  const at = acknowledged(start, SUBSCRIBE);
  if (at >= 0) {
    subackHandler(received.substring(start + 2, end));
    finish(at, true);
  }
};

handlers[PUBLISH] = (first, start, end) => {
  const qos = (first & 6) / 2;
  const topicEnd = start + 2 + byteAt(start) * 256 + byteAt(start + 1);
  const payloadStart = qos > 0 ? topicEnd + 2 : topicEnd;
  if (payloadStart > end || (qos > 0 && !acknowledgers[qos])) {
    return fail(MALFORMED);
  }
  const topic = received.substring(start, topicEnd);
  const payload = received.substring(payloadStart, end);
  if (qos < 1 || acknowledgers[qos]!(received.substring(topicEnd, payloadStart))) {
    for (const listener of listeners) {
      guard(listener, topic, payload, (first & 1) > 0);
    }
  }
};
