/** Publishing at QoS 1, "at least once" (4.3.2): kept until PUBACK, sent again after a lost connection. */
import { handlers, up } from "./client.ts";
import { keep, largestPacket, limit, nextId, settle, slots } from "./inflight.ts";
import { header, PUBACK, PUBLISH } from "./packet.ts";
import { publishers, type Publish } from "./publish.ts";

/** Publishes at QoS 1 or above. Not accepted: there is no session, no free slot, or it is larger than a slot. */
export const publishKept: Publish = (topic, payload, mode) => {
  const bytes = topic.length + payload.length + 2;
  // 3: the longest fixed header of a slot, which holds packets of at most 16,383 bytes.
  const accepted = up && slots.length < limit && bytes + 3 <= largestPacket;
  if (accepted) {
    const id = nextId();
    keep(id, header(PUBLISH + mode, bytes) + topic + id + payload);
  }
  return accepted;
};

publishers[1] = publishKept;
handlers[PUBACK] = settle;
