/** The birth message: tells that the node is there, as the will tells that it is gone. */
import { after } from "#platform/timer";
import { up, upHandlers } from "../lib/mqtt/client.ts";
import type { Publish } from "../lib/mqtt/publish.ts";

/** The birth message found no free slot: it is tried again after this time. */
const BIRTH_RETRY_MS = 1000;

/** Publishes the birth message with every session, before any backlog. */
export const birth = (topic: string, payload: string, mode: number, publish: Publish): void => {
  const announce = (): void => {
    if (!publish(topic, payload, mode) && up) {
      after(announce, BIRTH_RETRY_MS);
    }
  };
  upHandlers.push(announce);
};
