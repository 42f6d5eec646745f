/** Subscriptions with wildcards, and several handlers for one topic. */
import { caught } from "#platform/system";
import { listeners, want, type MessageHandler } from "./subscribe.ts";
import { matches } from "./topic.ts";

const filters: string[] = [];
const filterHandlers: MessageHandler[] = [];

const dispatch: MessageHandler = (topic, payload, retained) => {
  let at = 0;
  while (at < filters.length) {
    if (matches(filters[at]!, topic.substring(2))) {
      // eslint-disable-next-line portable/try -- one that throws must not keep the message from the others
      try {
        filterHandlers[at]!(topic, payload, retained);
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
  filters.push(filter.substring(2));
  filterHandlers.push(handler);
  listeners[""] = dispatch;
  want(filter, qos);
};
