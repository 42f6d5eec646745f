/** What becomes of a sample: one JSON message, or one message a field. */
import type { Values } from "../lib/drivers/types.ts";
import { decimal } from "./payload.ts";

/** Takes a message: topic as a length-prefixed field, payload, QoS * 2 + retain. True when it was sent or queued. */
export type Deliver = (this: void, topic: string, payload: string, mode: number) => boolean;

/** How a value is written: digits after the point, or words of which the value is the place of one. */
export type Form = number | string[];

/** A value as text; `firmware/words.ts` takes the place of this where there are words. */
export let format = decimal as (this: void, value: number, form: Form) => string;

export const formatWith = (fn: (this: void, value: number, form: Form) => string): void => {
  format = fn;
};

/** Takes the values of a read. */
export type Report = (this: void, values: Values) => void;

/** The same; true when a message of them was sent or queued. */
export type Attempt = (this: void, values: Values) => boolean;

/**
 * All fields in one JSON object; a field without a value is left out. `keys` are `"name":` as they stand in the
 * JSON.
 */
export const asJson = (
  topic: string,
  mode: number,
  keys: string[],
  forms: Form[],
  deliver: Deliver,
): Attempt => (values) => {
  let json = "";
  let at = 0;
  while (at < keys.length) {
    const value = values[at];
    if (value !== undefined) {
      json += (json === "" ? "{" : ",") + keys[at]! + format(value, forms[at]!);
    }
    at++;
  }
  return json !== "" && deliver(topic, json + "}", mode);
};

/** Each field to a topic of its own. */
export const asValues = (topics: string[], mode: number, forms: Form[], deliver: Deliver): Report => (values) => {
  let at = 0;
  while (at < topics.length) {
    const value = values[at];
    if (value !== undefined) {
      deliver(topics[at]!, format(value, forms[at]!), mode);
    }
    at++;
  }
};
