/** A trace as the world that virtual parts measure, and readings of a simulated node as a trace: `motelet sim`. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { SimEvent } from "../../simulator/events.ts";
import type { World } from "../../simulator/types.ts";
import { shownPath } from "../board/source.ts";
import type { Manifest } from "../board/types.ts";
import { didYouMean } from "../board/words.ts";
import { createRecorder } from "./record.ts";
import { parseTrace, type Trace } from "./trace.ts";

/** Signals by column of the trace, as functions of simulated ms. */
export type Recorded = Map<string, (ms: number) => number>;

/** The file as a trace. What is wrong with it is an Error that says where. */
export function readWorld(file: string): Recorded {
  if (!existsSync(file)) throw new Error(`--world: there is no file ${shownPath(file)}`);
  const { trace, problems } = parseTrace(readFileSync(file, "utf8"), shownPath(file), () => undefined);
  if (!trace) {
    const { file: name, line, column, message, suggestion } = problems[0]!;
    throw new Error(`${name}:${line ?? 1}:${column ?? 1} ${message}${suggestion === undefined ? "" : `: ${suggestion}`}`);
  }
  return new Map(trace.columns.flatMap((name, column): [string, (ms: number) => number][] => {
    const line = lineThrough(trace, column);
    return line === undefined ? [] : [[name, line]];
  }));
}

/** Straight lines through the readings of a column; what was first and last goes on. */
function lineThrough({ rows }: Trace, column: number): ((ms: number) => number) | undefined {
  const points = rows.flatMap(({ ms, cells }): { ms: number; value: number }[] => {
    const value = cells[column];
    return typeof value === "number" ? [{ ms, value }] : [];
  });
  if (points.length === 0) return undefined;
  // Time goes on, and mostly from where it was.
  let at = 0;
  return (ms) => {
    if (ms < points[at]!.ms) at = 0;
    while (at + 1 < points.length && points[at + 1]!.ms <= ms) at++;
    const [from, to] = [points[at]!, points[at + 1]];
    if (to === undefined || ms <= from.ms) return from.value;
    return from.value + (to.value - from.value) * (ms - from.ms) / (to.ms - from.ms);
  };
}

/** Has the world follow it. A column that is no signal, alone or with a sensor before it, is an Error. */
export function follow(world: World, recorded: Recorded): void {
  const names = world.names();
  for (const [column, value] of recorded) {
    const found = names.filter((name) => name === column || name.endsWith(`.${column}`));
    if (found.length !== 1) {
      throw new Error(found.length > 1 ? `--world: the column "${column}" may be ${found.join(" or ")}: write the sensor, too`
        : `--world: there is no signal "${column}": ${didYouMean(column, names, "there are") ?? "this board measures nothing"}`);
    }
    world.set(found[0]!, value);
  }
}

/** Records what arrives at the broker, for a file that is written at the end. */
export function recordTo(file: string, manifest: Manifest): { take(event: SimEvent): void; save(): string } {
  const recorder = createRecorder(manifest);
  return {
    take: (event) => recorder.take(event),
    save() {
      writeFileSync(file, recorder.text([`${manifest.name}, recorded by motelet sim`]));
      return `wrote ${shownPath(file)}: ${recorder.rows} rows`;
    },
  };
}
