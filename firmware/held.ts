/**
 * Filters that hold readings back: gates. What the client has taken counts as published. What it refuses (QoS 0 without
 * a session) does not: the next reading is as new. Nothing is kept over a restart: the first reading always passes.
 */
import { now } from "#platform/timer";
import type { Values } from "../lib/drivers/types.ts";
import type { Gate, Shape } from "../lib/filters/types.ts";
import { format, type Attempt, type Deliver, type Form, type Report } from "./reading.ts";

let sessions = 0;

/**
 * Has the next reading of each sensor pass. To be called with a new session where readings go at QoS 0: the last ones
 * may have been sent into a link that was dead already.
 */
export const renew = (): void => {
  sessions++;
};

/**
 * One message of all fields: it goes when one of the gates lets its field pass, and counts for all of them. A field
 * without a gate goes along. Where no field with a gate could be read, nothing holds the others back.
 * @param count of fields
 */
export const together = (gates: (Gate | undefined)[], count: number, report: Attempt): Report => {
  const published: Values = [];
  let atMs = 0;
  let session = sessions;
  return (values) => {
    const ms = now();
    let held = false;
    let passes = session !== sessions;
    let at = 0;
    while (at < count) {
      const gate = gates[at];
      const value = values[at];
      if (gate !== undefined && value !== undefined) {
        const last = published[at];
        held = true;
        passes = passes || last === undefined || gate(value, last, ms - atMs);
      }
      at++;
    }
    if ((passes || !held) && report(values)) {
      atMs = ms;
      session = sessions;
      at = 0;
      while (at < count) {
        // Of a field that could not be read, the value before is still the last one.
        published[at] = values[at] ?? published[at];
        at++;
      }
    }
  };
};

/**
 * A message a field, each by its own gate.
 * @param shapes what a value goes through behind its gate
 */
export const apart = (
  gates: (Gate | undefined)[],
  shapes: (Shape | undefined)[],
  topics: string[],
  mode: number,
  forms: Form[],
  deliver: Deliver,
): Report => {
  const published: Values = [];
  const timesMs: number[] = [];
  const session: number[] = [];
  return (values) => {
    const ms = now();
    let at = 0;
    while (at < topics.length) {
      const value = values[at];
      const last = published[at];
      const gate = gates[at];
      const isNew = gate === undefined || last === undefined || session[at] !== sessions;
      if (value !== undefined && (isNew || gate(value, last, ms - timesMs[at]!))) {
        const shape = shapes[at];
        const shown = shape === undefined ? value : shape(value)!;
        if (deliver(topics[at]!, format(shown, forms[at]!), mode)) {
          published[at] = value;
          timesMs[at] = ms;
          session[at] = sessions;
        }
      }
      at++;
    }
  };
};
