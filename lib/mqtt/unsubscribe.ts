/** Unsubscribing (3.10). */
import { handlers } from "./client.ts";
import { ask, settle } from "./inflight.ts";
import { UNSUBACK, UNSUBACK_HEAD, UNSUBSCRIBE } from "./packet.ts";
import { listeners, unwant } from "./subscribe.ts";
import { forgetFilter } from "./wildcard.ts";

/**
 * Unsubscribes from a topic (a length-prefixed field), now or with the next session: its handler gets nothing more.
 */
export const unsubscribe = (topic: string): void => {
  listeners[topic] = undefined;
  unwant(topic);
  ask(UNSUBACK_HEAD, UNSUBSCRIBE, topic);
};

/**
 * Unsubscribes from a filter (a length-prefixed field) that `subscribeFilter` asked for, now or with the next session:
 * none of its handlers gets a message more, but for one that is being given to them.
 */
export const unsubscribeFilter = (filter: string): void => {
  forgetFilter(filter);
  unwant(filter);
  ask(UNSUBACK_HEAD, UNSUBSCRIBE, filter);
};

handlers[UNSUBACK] = settle;
