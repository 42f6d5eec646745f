/** Who wants which messages, and what the broker said to it. */
import { matches } from "../../lib/mqtt/topic.ts";
import { MqttError } from "./error.ts";
import type { Message, QoS } from "../mqtt.d.ts";

type Handler = (message: Message) => void;
type Answered = (error?: MqttError, granted?: QoS) => void;

/** What a broker may grant; 0x80 refuses, and ejabberd does so by 0x8f, a code of MQTT 5 [MQTT-3.9.3-2]. */
const GRANTED = [0, 1, 2];

/** The filters of a SUBSCRIBE packet (3.8.3), in order. */
export const filtersOf = (packet: string): string[] => {
  let at = 1;
  while (packet.charCodeAt(at) > 127) at++;
  // Remaining length, packet id.
  at += 3;
  const filters: string[] = [];
  while (at < packet.length) {
    const end = at + 2 + packet.charCodeAt(at) * 256 + packet.charCodeAt(at + 1);
    filters.push(packet.slice(at + 2, end));
    at = end + 1;
  }
  return filters;
};

interface Subscription {
  name: string;
  handlers: Set<Handler>;
  waiting: Answered[];
}

/** Keys are filters as bytes. */
export class Subscriptions {
  private readonly all = new Map<string, Subscription>();

  add(filter: string, name: string, handler: Handler | undefined, answered: Answered | undefined): void {
    const subscription = this.all.get(filter) ?? { name, handlers: new Set(), waiting: [] };
    this.all.set(filter, subscription);
    if (handler) subscription.handlers.add(handler);
    if (answered) subscription.waiting.push(answered);
  }

  remove(filter: string): void {
    const subscription = this.all.get(filter);
    this.all.delete(filter);
    subscription?.waiting.forEach((answered) =>
      answered(new MqttError("ended", `unsubscribed from ${JSON.stringify(subscription.name)} before the broker answered`)));
  }

  /** The handlers whose filter matches a topic (bytes). */
  handlersFor(topic: string): Handler[] {
    return [...this.all].flatMap(([filter, { handlers }]) => (matches(filter, topic) ? [...handlers] : []));
  }

  /**
   * Tells those who wait what the broker granted.
   * @param codes of SUBACK, one for each of `filters` [MQTT-3.9.3-1]
   * @returns errors that nobody waited for
   */
  answer(filters: string[], codes: string): MqttError[] {
    return filters.flatMap((filter, at) => {
      const subscription = this.all.get(filter);
      if (!subscription) return [];
      const code = codes.charCodeAt(at);
      const error = GRANTED.includes(code)
        ? undefined
        : new MqttError("refused", `the broker refused the subscription to ${JSON.stringify(subscription.name)}`);
      const waiting = subscription.waiting.splice(0);
      waiting.forEach((answered) => (error ? answered(error) : answered(undefined, code as QoS)));
      return error && waiting.length === 0 ? [error] : [];
    });
  }

  /** Tells those who wait that no answer will come. */
  end(): void {
    for (const filter of [...this.all.keys()]) {
      const waiting = this.all.get(filter)!.waiting.splice(0);
      waiting.forEach((answered) => answered(new MqttError("ended", "the client has ended")));
    }
  }
}
