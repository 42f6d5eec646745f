/** Subscriptions and incoming messages at QoS 0 and 1 (3.8, 3.3). */
import { caught } from "#platform/system";
import {
  acknowledge, acknowledgers, bodyEnd, bodyStart, fail, first, handlers, received, upHandlers, windowMs,
} from "./client.ts";
import { keep, nextId, settle } from "./inflight.ts";
import { char, header, PUBACK, PUBLISH, SUBACK, SUBSCRIBE } from "./packet.ts";
import { MALFORMED } from "./reason.ts";
import { SECOND_WINDOW_MS } from "./timing.ts";

/** Gets a message: topic as a length-prefixed field, payload, and whether it is one that the broker had retained. */
export type MessageHandler = (this: void, topic: string, payload: string, retained: boolean) => void;

/** What is subscribed to, as it stands in a SUBSCRIBE: filter field and QoS, one after the other. */
let wanted = "";

/** Who gets a message, by its topic (a length-prefixed field); "" gets those that nobody else gets. */
export const listeners: Record<string, MessageHandler | undefined> = {};

acknowledgers[1] = (id) => acknowledge(PUBACK, id);

/** Sends SUBSCRIBE or UNSUBSCRIBE, now or with the next session, and keeps it until it is acknowledged. */
export const ask = (kind: number, filters: string): void => {
  const id = nextId();
  const body = id + filters;
  keep(id, header(kind, body.length) + body);
};

/**
 * Asks for a filter (a length-prefixed field), now and whenever the broker has lost it. Once for each: who wants it
 * again, with another QoS, calls `unwant` first.
 */
export const want = (filter: string, qos: number): void => {
  filter += char(qos);
  wanted += filter;
  ask(SUBSCRIBE, filter);
};

/** Asks for a filter no more. Its QoS follows it; a length prefix is found nowhere but at the start of a field. */
export const unwant = (filter: string): void => {
  const at = wanted.indexOf(filter);
  if (at >= 0) {
    wanted = wanted.substring(0, at) + wanted.substring(at + filter.length + 1);
  }
};

/**
 * Subscribes to a topic, one handler for each; for wildcards, or several handlers, see `wildcard.ts`.
 * @param topic a length-prefixed field (`packet.field`)
 */
export const subscribe = (topic: string, qos: number, handler: MessageHandler): void => {
  listeners[topic] = handler;
  want(topic, qos);
};

upHandlers.push((present) => {
  // If an attempt has failed, its CONNACK may have been lost that said that the session is a new one.
  if ((!present || windowMs > SECOND_WINDOW_MS) && wanted !== "") {
    ask(SUBSCRIBE, wanted);
  }
});

handlers[SUBACK] = settle;

handlers[PUBLISH] = () => {
  const qos = (first & 6) / 2;
  const idAt = bodyStart + 2 + received.charCodeAt(bodyStart) * 256 + received.charCodeAt(bodyStart + 1);
  const payloadAt = qos > 0 ? idAt + 2 : idAt;
  // Not the other way round: where the length of the topic is not all there, these are no numbers.
  if (payloadAt <= bodyEnd && (qos < 1 || acknowledgers[qos])) {
    const topic = received.substring(bodyStart, idAt);
    const payload = received.substring(payloadAt, bodyEnd);
    if (qos < 1 || acknowledgers[qos]!(received.substring(idAt, payloadAt))) {
      const listener = listeners[topic] ?? listeners[""];
      if (listener) {
        // eslint-disable-next-line portable/try -- one place for it, on the path of every message
        try {
          listener(topic, payload, (first & 1) > 0);
        } catch (e) {
          caught(e);
        }
      }
    }
  } else {
    fail(MALFORMED);
  }
};
