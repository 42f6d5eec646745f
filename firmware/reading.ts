/** What becomes of a sample: one JSON message, or one message a field. */
import type { Values } from "../lib/drivers/types.ts";
import { countDropped, publish } from "../lib/mqtt/publish.ts";
import { decimal } from "./payload.ts";

/** Takes a message: topic as a length-prefixed field, payload, QoS * 2 + retain. */
export type Deliver = (this: void, topic: string, payload: string, mode: number) => void;

/** Takes the values of a sample. */
export type Report = (this: void, values: Values) => void;

/** Delivery at QoS 0: now or never; never is counted. */
export const deliverNow: Deliver = (topic, payload, mode) => {
  if (!publish(topic, payload, mode)) {
    countDropped();
  }
};

/**
 * All fields in one JSON object; a field without a value is left out. `keys` are `"name":` as they stand in the
 * JSON.
 */
export const asJson = (
  topic: string,
  mode: number,
  keys: string[],
  decimals: number[],
  deliver: Deliver,
): Report => (values) => {
  let json = "";
  let at = 0;
  while (at < keys.length) {
    const value = values[at];
    if (value !== undefined) {
      json += (json === "" ? "{" : ",") + keys[at]! + decimal(value, decimals[at]!);
    }
    at++;
  }
  if (json !== "") {
    deliver(topic, json + "}", mode);
  }
};

/** Each field to a topic of its own. */
export const asValues = (topics: string[], mode: number, decimals: number[], deliver: Deliver): Report => (values) => {
  let at = 0;
  while (at < topics.length) {
    const value = values[at];
    if (value !== undefined) {
      deliver(topics[at]!, decimal(value, decimals[at]!), mode);
    }
    at++;
  }
};
