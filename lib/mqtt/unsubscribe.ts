/** Unsubscribing (3.10). */
import { handlers } from "./client.ts";
import { settle } from "./inflight.ts";
import { UNSUBACK, UNSUBSCRIBE } from "./packet.ts";
import { ask, listeners, unwant } from "./subscribe.ts";
import { forgetFilter } from "./wildcard.ts";

/**
 * Unsubscribes from a topic (a length-prefixed field), now or with the next session: its handler gets nothing more.
 */
export const unsubscribe = (topic: string): void => {
  listeners[topic] = undefined;
  unwant(topic);
  ask(UNSUBSCRIBE, topic);
};

/**
 * Unsubscribes from a filter (a length-prefixed field) that `subscribeFilter` asked for, now or with the next session:
 * none of its handlers gets a message more, but for one that is being given to them.
 */
export const unsubscribeFilter = (filter: string): void => {
  forgetFilter(filter);
  unwant(filter);
  ask(UNSUBSCRIBE, filter);
};

handlers[UNSUBACK] = settle;
