/** Subscriptions with wildcards, and several handlers for one topic. */
import { caught } from "#platform/system";
import { listeners, subscribe, type MessageHandler } from "./subscribe.ts";
import { matches } from "./topic.ts";

/** Not changed but replaced: a handler may take away a filter, its own or another one. */
let filters: string[] = [];
let filterHandlers: MessageHandler[] = [];

const dispatch: MessageHandler = (topic, payload, retained) => {
  const all = filters;
  const theirs = filterHandlers;
  let at = 0;
  while (at < all.length) {
    if (matches(all[at]!, topic.substring(2))) {
      // eslint-disable-next-line portable/try -- one that throws must not keep the message from the others
      try {
        theirs[at]!(topic, payload, retained);
      } catch (e) {
        caught(e);
      }
    }
    at++;
  }
};

/**
 * Subscribes to a topic filter. A message goes to every handler whose filter matches; a topic that `subscribe`
 * asked for goes to that handler alone.
 * @param filter well formed [MQTT-4.7.1-2, -3], a length-prefixed field (`packet.field`)
 */
export const subscribeFilter = (filter: string, qos: number, handler: MessageHandler): void => {
  filters = filters.concat([filter.substring(2)]);
  filterHandlers = filterHandlers.concat([handler]);
  listeners[""] = dispatch;
  subscribe(filter, qos);
};

/** Forgets all handlers of a filter: `unsubscribeFilter` of unsubscribe.ts, which tells the broker, too. */
export const forgetFilter = (filter: string): void => {
  const name = filter.substring(2);
  const theirs = filterHandlers;
  filterHandlers = theirs.filter((_handler, at) => filters[at] !== name);
  filters = filters.filter((each) => each !== name);
};
