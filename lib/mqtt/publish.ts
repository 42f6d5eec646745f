/** Publishing, and what became of none. */
import type { Publish } from "./types.ts";

export { publish } from "./client.ts";
export type { Publish };

/** How many messages were dropped: refused, or thrown out of a queue. */
export let dropped = 0;

/** Counts a message that was not taken or not kept. */
export const countDropped = (): void => {
  dropped++;
};

/** The mode of a message is QoS * 2, and 1 more to have the broker retain it. */
export const RETAIN = 1;
