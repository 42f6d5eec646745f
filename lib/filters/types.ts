/** The contract of a filter. Types only: nothing of this file reaches a board. */
import type { Field } from "../drivers/types.ts";

/**
 * Changes a value, an integer in units of 10^-decimals of its field. `undefined` is a reading that failed: it gives
 * `undefined`, and leaves a hole in what the filter remembers.
 */
export type Shape = (this: void, value: number | undefined) => number | undefined;

/**
 * Whether a value is worth a message. Asked with each reading.
 * @param last the value of this field that was published last
 * @param sinceMs time since then; negative when the clock was set back or has wrapped: all times are over then
 */
export type Gate = (this: void, value: number, last: number, sinceMs: number) => boolean;

/** How a filter is called on the board. */
export interface FilterCall {
  /** The function that its file exports. */
  name: string;
  /** What it gets after the value (`value`), after value and last value (`change`), after the time (`time`). */
  args: (number | number[])[];
}

/** [JSON pointer inside the parameter, what is wrong, what to do]. */
export type FilterProblem = [pointer: string, message: string, suggestion?: string];

/**
 * Description of a filter for the host (check, build, schema, docs), exported as `meta`. The bundler drops it. A
 * parameter is what the board file gives; it fits the schema.
 */
export interface FilterMeta {
  /** What it does, half a sentence. */
  title: string;
  /**
   * `value`: a function of the value alone. `window`: made once (`name(...args)`), and called with each reading, as it
   * remembers the readings before. `change`: a gate that compares the value with the one that was published last.
   * `time`: a gate that looks at the time since then.
   */
  kind: "value" | "window" | "change" | "time";
  /** Of a gate: it lets pass what the gates before hold back. Others hold back what the gates before let pass. */
  opens?: true;
  /** It corrects or converts a reading: what the other filters do is compared with what it gives. */
  converts?: true;
  /** JSON Schema (draft 2020-12) of the parameter, with a description and examples. */
  schema: object;
  /** The parameter is a duration, which `problems` and `call` get in ms. */
  isDuration?: true;
  /** What `check` should say of a parameter that the schema cannot judge. */
  problems?(this: void, parameter: unknown, field: Field, intervalMs: number): FilterProblem[];
  /** The field behind the filter; the same when absent. */
  field?(this: void, parameter: unknown, field: Field): Field;
  /**
   * @param field before the filter
   * @param behind behind it
   * @param intervalMs between two readings; 0 where they come when something happens
   */
  call(this: void, parameter: unknown, field: Field, behind: Field, intervalMs: number): FilterCall;
  /** How many values it keeps in memory; none when absent. */
  places?(this: void, parameter: unknown): number;
}
