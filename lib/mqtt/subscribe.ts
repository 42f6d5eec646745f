/** Subscriptions and incoming messages at QoS 0 and 1 (3.8, 3.3). */
import { fail, handlers, upHandlers, windowMs } from "./client.ts";
import { ask, settle } from "./inflight.ts";
import { char, PUBLISH, SUBACK, SUBACK_HEAD, SUBSCRIBE } from "./packet.ts";
import { acknowledgers, first, packetAt, packetEnd, received, view } from "./reader.ts";
import { MALFORMED } from "./reason.ts";
import { SECOND_WINDOW_MS } from "./timing.ts";

/** Gets a message: topic as a length-prefixed field, payload, and whether it is one that the broker had retained. */
export type MessageHandler = (this: void, topic: string, payload: string, retained: boolean) => void;

/** What is subscribed to, as it stands in a SUBSCRIBE: filter field and QoS. */
let wanted: string[] = [];

/** Who gets a message, by its topic (a length-prefixed field); "" gets those that nobody else gets. */
export const listeners: Record<string, MessageHandler | undefined> = {};

/** Asks for a filter no more. */
export const unwant = (filter: string): void => {
  wanted = wanted.filter((each) => each.substring(0, filter.length) !== filter);
};

/**
 * Subscribes to a topic, one handler for each, now and whenever the broker has lost it; for wildcards, or several
 * handlers, see `wildcard.ts`. With another QoS than before, both are asked for anew, and the last one counts
 * [MQTT-3.8.4-3].
 * @param topic a length-prefixed field (`packet.field`)
 * @param handler none where the caller sees to its messages; one that the topic has stays then
 */
export const subscribe = (topic: string, qos: number, handler?: MessageHandler): void => {
  if (handler) {
    listeners[topic] = handler;
  }
  topic += char(qos);
  if (wanted.indexOf(topic) < 0) {
    wanted.push(topic);
  }
  ask(SUBACK_HEAD, SUBSCRIBE, topic);
};

upHandlers.push((present) => {
  // If an attempt has failed, its CONNACK may have been lost that said that the session is a new one.
  if (!present || windowMs > SECOND_WINDOW_MS) {
    for (const filter of wanted) {
      ask(SUBACK_HEAD, SUBSCRIBE, filter);
    }
  }
});

handlers[SUBACK] = settle;

handlers[PUBLISH] = () => {
  let at = packetAt + 4 + view[packetAt + 2]! * 256 + view[packetAt + 3]!;
  // Where the length of the topic is not all there, this is no number or beyond the end: then nothing comes of it.
  const topic = received.substring(packetAt + 2, at);
  const listener = listeners[topic] ?? listeners[""];
  if ((first & 6) > 0) {
    const accept = acknowledgers[first & 6];
    // No number where it is malformed, 0 where it was delivered before.
    at = !accept || !(at + 2 <= packetEnd) ? NaN : accept(received.substring(at, at + 2)) ? at + 2 : 0;
  }
  if (!(at <= packetEnd)) {
    fail(MALFORMED);
  } else if (listener && at > 0) {
    listener(topic, received.substring(at, packetEnd), (first & 1) > 0);
  }
};
