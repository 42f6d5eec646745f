/** Delivery at QoS 0. */
import { countDropped, publish } from "../lib/mqtt/publish.ts";
import type { Deliver } from "./reading.ts";

/** Now or never; never is counted. */
export const deliverNow: Deliver = (topic, payload, mode) => {
  const sent = publish(topic, payload, mode);
  if (!sent) {
    countDropped();
  }
  return sent;
};
