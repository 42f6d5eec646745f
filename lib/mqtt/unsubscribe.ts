/** Unsubscribing (3.10). */
import { handlers } from "./client.ts";
import { settle } from "./inflight.ts";
import { UNSUBACK, UNSUBSCRIBE } from "./packet.ts";
import { ask, listeners, unwant } from "./subscribe.ts";

/**
 * Unsubscribes from a topic (a length-prefixed field), now or with the next session: its handler gets nothing more.
 */
export const unsubscribe = (topic: string): void => {
  listeners[topic] = undefined;
  unwant(topic);
  ask(UNSUBSCRIBE, topic);
};

handlers[UNSUBACK] = settle;
