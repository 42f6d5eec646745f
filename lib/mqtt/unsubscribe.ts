/** Unsubscribing (3.10). */
import { handlers } from "./client.ts";
import { keep, nextId, settle } from "./inflight.ts";
import { header, UNSUBACK, UNSUBACK_HEAD, UNSUBSCRIBE } from "./packet.ts";
import { listeners, unwant } from "./subscribe.ts";
import { forgetFilter } from "./wildcard.ts";

/**
 * Sends UNSUBSCRIBE, now or with the next session, and keeps it until it is acknowledged. Not one with `ask` of
 * subscribe.ts: what that would be told costs each program that never unsubscribes 14 bytes.
 */
const tell = (filter: string): void => {
  const id = nextId();
  const body = id + filter;
  keep(UNSUBACK_HEAD + id, header(UNSUBSCRIBE, body.length) + body);
};

/**
 * Unsubscribes from a topic (a length-prefixed field), now or with the next session: its handler gets nothing more.
 */
export const unsubscribe = (topic: string): void => {
  listeners[topic] = undefined;
  unwant(topic);
  tell(topic);
};

/**
 * Unsubscribes from a filter (a length-prefixed field) that `subscribeFilter` asked for, now or with the next session:
 * none of its handlers gets a message more, but for one that is being given to them.
 */
export const unsubscribeFilter = (filter: string): void => {
  forgetFilter(filter);
  unwant(filter);
  tell(filter);
};

handlers[UNSUBACK] = settle;
