/** Publishing, and at QoS 0 (4.3.1): sent once, never stored. */
import { crowded, send, up } from "./client.ts";
import { header, PUBLISH } from "./packet.ts";

/** How many messages were dropped: refused, or thrown out of a queue. */
export let dropped = 0;

/** Counts a message that was not taken or not kept. */
export const countDropped = (): void => {
  dropped++;
};

/**
 * Takes a message: topic as a length-prefixed field (`packet.field`, made once), payload, mode.
 * @returns false when it was not accepted
 */
export type Publish = (this: void, topic: string, payload: string, mode: number) => boolean;

/** The mode of a message is QoS * 2, and 1 more to have the broker retain it. */
export const RETAIN = 1;

/** Publishes, by QoS; those above 0 are there when their module is. */
export const publishers: Publish[] = [];

/** Publishes at QoS 0. Not accepted: there is no session, or the network does not take more. */
export const publish: Publish = (topic, payload, mode) => {
  if (!up || crowded()) {
    return false;
  }
  send(header(PUBLISH + mode, topic.length + payload.length) + topic + payload);
  return true;
};

publishers[0] = publish;
