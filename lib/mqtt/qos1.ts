/** Publishing at QoS 1, "at least once" (4.3.2): kept until PUBACK, sent again after a lost connection. */
import { handlers, publishers } from "./client.ts";
import { finishes, hasRoom, keep, nextId, type Done } from "./inflight.ts";
import { header, PUBACK } from "./packet.ts";

/** PUBLISH with a packet id: `first` holds QoS and RETAIN. */
export const publishKept = (first: number, topic: string, payload: string, done?: Done): boolean => {
  const bytes = topic.length + payload.length + 2;
  // 3: a slot holds packets of at most 16,383 bytes.
  if (!hasRoom(bytes + 3)) {
    return false;
  }
  const id = nextId();
  keep(id, header(first, bytes) + topic + id + payload, done);
  return true;
};

/**
 * Publishes at QoS 1. `topic` is a length-prefixed field (`packet.field`), made once.
 * @returns false when it was not accepted: no session, no free slot, or larger than a slot. `done` is not called then.
 */
export const publish1 = (topic: string, payload: string, retain: boolean, done?: Done): boolean =>
  publishKept(retain ? 51 : 50, topic, payload, done);

publishers[1] = publish1;
handlers[PUBACK] = finishes(0x32);
