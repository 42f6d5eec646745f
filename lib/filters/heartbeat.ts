/** `heartbeat`: a message now and then, though nothing has changed. */
import { times } from "./times.ts";
import type { FilterMeta } from "./types.ts";

/** True when the time since the last message is over, or cannot be known. */
export const heartbeat = (sinceMs: number, ms: number): boolean => sinceMs < 0 || sinceMs >= ms;

export const meta: FilterMeta = {
  title: "publishes at least once in a time",
  kind: "time",
  opens: true,
  isDuration: true,
  schema: {
    examples: ["10m"],
    description: "Lets a reading pass that the filters before hold back, when this time has passed since the last message.",
  },
  problems: (parameter, _, intervalMs) => (parameter as number) > intervalMs ? []
    : [["", "a reading does not come more often than this, so all pass, and the filters before do nothing",
      "use more than the sensor's interval"]],
  call: (parameter, _, __, intervalMs) => ({ name: "heartbeat", args: [times(parameter as number, intervalMs)] }),
};
