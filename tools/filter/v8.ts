/** Runs a program of filters in a V8 context of its own that has Espruino's clock. */
import { createContext, runInContext } from "node:vm";
import type { Read, Told } from "./program.ts";

/** Runs all reads through a program; what it told, in order. */
export function runV8(code: string, reads: readonly Read[]): Told[] {
  const messages: Told[] = [];
  let read = 0;
  // A quarter of a millisecond more: seconds times 1000 may be a little less than the milliseconds that they were.
  const context = createContext({
    getTime: () => (reads[read]!.ms + 0.25) / 1000,
    told: (topic: string, payload: string) => void messages.push({ read, topic, payload }),
  }) as { feed(sensor: number, values: (number | undefined)[]): void };
  runInContext("var global = globalThis;", context);
  runInContext(code, context, { filename: "filters.js" });
  for (; read < reads.length; read++) context.feed(reads[read]!.sensor, reads[read]!.values);
  return messages;
}
