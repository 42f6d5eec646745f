/** `throttle`: at most one message in a time. */
import { times } from "./times.ts";
import type { FilterMeta } from "./types.ts";

/** True when the time since the last message is over, or cannot be known. */
export const throttle = (sinceMs: number, ms: number): boolean => sinceMs < 0 || sinceMs >= ms;

export const meta: FilterMeta = {
  title: "publishes at most once in a time",
  kind: "time",
  isDuration: true,
  schema: {
    examples: ["5m"],
    description: "Holds readings back until this time has passed since the last message.",
  },
  problems: (parameter, _, intervalMs) => (parameter as number) > intervalMs ? []
    : [["", "a reading does not come more often than this anyway, so it holds none back",
      "use more than the sensor's interval, or remove it"]],
  call: (parameter, _, __, intervalMs) => ({ name: "throttle", args: [times(parameter as number, intervalMs)] }),
};
