/** Readings of a simulated node as a trace. */
import type { SimEvent } from "../../simulator/events.ts";
import type { Manifest } from "../board/types.ts";
import { traceText } from "./trace.ts";

export interface Recorder {
  /** Takes an event; what is no reading is left out. */
  take(event: SimEvent): void;
  /** The trace so far. */
  text(comments?: string[]): string;
  readonly rows: number;
}

/** Records what arrives at the broker: a line for each message, or for those of one moment. */
export function createRecorder(manifest: Manifest): Recorder {
  const columns = manifest.sensors.flatMap(({ id, fields }) => fields.map(({ name }) => `${id}.${name}`));
  const rows: { ms: number; cells: (string | undefined)[] }[] = [];
  const cellsOf = (topic: string, payload: string): [column: string, text: string][] => {
    for (const { id, publish, fields } of manifest.sensors) {
      const at = (manifest.topics.sensors[id] ?? []).indexOf(topic);
      if (at >= 0 && publish.as === "value") return [[`${id}.${fields[at]!.name}`, payload]];
      // The digits as they were sent: a parser would drop zeros at their end.
      if (at >= 0) return [...payload.matchAll(/"((?:[^"\\]|\\.)*)":(-?[\d.]+)/g)].map(([, name, text]) => [`${id}.${name!}`, text!]);
    }
    return [];
  };
  return {
    get rows() {
      return rows.length;
    },
    take(event) {
      if (event.type !== "message") return;
      const cells = cellsOf(event.topic, event.payload);
      if (cells.length === 0) return;
      if (rows.at(-1)?.ms !== event.t) rows.push({ ms: event.t, cells: columns.map(() => undefined) });
      for (const [column, text] of cells) rows.at(-1)!.cells[columns.indexOf(column)] = text;
    },
    text: (comments) => traceText(columns, rows, comments),
  };
}
