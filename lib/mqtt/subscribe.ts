/** Subscriptions and incoming messages at QoS 0 and 1 (3.8, 3.3). */
import { guard } from "#platform/system";
import { acknowledge, acknowledgers, byteAt, fail, handlers, MALFORMED, received, upHandlers } from "./client.ts";
import { finishes, keep, nextId } from "./inflight.ts";
import { char, header, PUBACK, PUBLISH, SUBACK, SUBSCRIBE } from "./packet.ts";

/** Gets a message: topic as a length-prefixed field, payload, and whether it is one that the broker had retained. */
export type MessageHandler = (this: void, topic: string, payload: string, retained: boolean) => void;

/** What is subscribed to, as it stands in a SUBSCRIBE: filter field and QoS, one after the other. */
let wanted = "";
const listeners: MessageHandler[] = [];

acknowledgers[1] = (id) => acknowledge(PUBACK, id);

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

upHandlers.push((present) => {
  if (!present && wanted !== "") {
    ask(SUBSCRIBE, wanted);
  }
});

handlers[SUBACK] = finishes(SUBSCRIBE);

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
