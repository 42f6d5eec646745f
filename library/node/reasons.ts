/** Reasons in words; the numbers are those of lib/mqtt/reason.ts. */
import type { Reason } from "../mqtt.d.ts";

/** By code. */
export const REASONS: Record<number, Omit<Reason, "code">> = {
  1: { fault: "config", text: "the broker does not speak MQTT 3.1.1" },
  2: { fault: "config", text: "the broker does not allow this client id" },
  3: { fault: "peer", text: "the broker is not available now" },
  4: { fault: "config", text: "the broker refused user name or password" },
  5: { fault: "config", text: "the broker does not allow this client to connect" },
  6: { fault: "link", text: "the connection was closed" },
  7: { fault: "link", text: "the connection could not be opened" },
  8: { fault: "link", text: "the broker did not accept the connection in time" },
  9: { fault: "link", text: "the broker did not answer in time: the link is dead" },
  10: { fault: "peer", text: "the broker sent what MQTT 3.1.1 forbids" },
  11: { fault: "resource", text: "the broker sent more than this client may hold" },
};

/** Refusals that trying again does not mend (3.2.2.3). */
export const FINAL_REFUSALS = [1, 2, 4, 5];

/** The reason of a code; `detail` is what the system said about the link. */
export const reasonOf = (code: number, detail?: string): Reason => {
  const { fault, text } = REASONS[code]!;
  return { code, fault, text: fault === "link" && detail !== undefined ? `${text}: ${detail}` : text };
};
