/** `motelet filter <board> <trace>`: what the filters of a board make of a recorded trace. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import kleur from "kleur";
import type { DriverMeta } from "../../lib/drivers/types.ts";
import { loadDrivers } from "../board/drivers.ts";
import { loadBoard } from "../board/load.ts";
import { printProblems } from "../board/report.ts";
import { shownPath } from "../board/source.ts";
import type { Board, Problem } from "../board/types.ts";
import { didYouMean } from "../board/words.ts";
import { matchColumns, wordsIn } from "../trace/columns.ts";
import { parseTrace, traceText, type Trace } from "../trace/trace.ts";
import { numbersOf, type SensorNumbers } from "./numbers.ts";
import { plotField } from "./plot.ts";
import { notesOf, tableOf } from "./print.ts";
import { engineNameOf, replay, type Replayed } from "./replay.ts";
import { svgOf } from "./svg.ts";

export interface FilterOptions {
  /** Prints one JSON object. */
  json?: boolean;
  /** Files to write. */
  svg?: string;
  csv?: string;
  /** Quantities to show, such as air.temperature; all when absent. */
  field?: string | string[];
  /** False: numbers alone. */
  plot?: boolean;
  /** Where to print; `console.log` when absent. */
  print?: (line: string) => void;
  /** Columns of the terminal. */
  width?: number;
}

/** @returns the exit code: 1 when the board or the trace has mistakes */
export async function filter(boardFile: string, traceFile: string, options: FilterOptions = {}): Promise<number> {
  const print = options.print ?? ((line: string) => console.log(line));
  // Secrets have no part in it.
  const { board, problems } = await loadBoard(boardFile, { secrets: "simulated" });
  const drivers = await loadDrivers();
  const found: Problem[] = [...problems];
  const input = board && await readTrace(traceFile, board, drivers);
  if (input) found.push(...input.problems);
  if (!board || !input?.trace) {
    if (options.json) print(JSON.stringify({ ok: false, problems: found }));
    else printProblems(found);
    return 1;
  }
  const metas = Object.fromEntries(board.sensors.map(({ driver }) => [driver, drivers.get(driver)!]));
  const replayed = chosenOf(await replay(board, metas, input.trace, input.columns), options.field);
  const numbers = replayed.map(numbersOf);
  await writeFiles(replayed, `${shownPath(boardFile)}, ${shownPath(traceFile)}`, options);
  if (options.json) {
    const [boardName, traceName] = [shownPath(boardFile), shownPath(traceFile)];
    print(JSON.stringify({
      ok: true, board: boardName, trace: traceName, engine: engineNameOf(board), problems: found, sensors: numbers,
    }));
  } else {
    printProblems(found);
    printAll(board, replayed, numbers, options, print);
  }
  return 0;
}

interface Input {
  trace?: Trace;
  columns: (number | undefined)[][];
  problems: Problem[];
}

async function readTrace(file: string, board: Board, drivers: Map<string, DriverMeta>): Promise<Input> {
  const shown = shownPath(file);
  const failed = (message: string, suggestion: string): Input => (
    { columns: [], problems: [{ file: shown, path: "", severity: "error", message, suggestion }] });
  if (!existsSync(file)) return failed("there is no such file", "name a trace: motelet sim --record writes one");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EISDIR" ? failed("this is a folder", "name a file of CSV in it")
      : error instanceof TypeError ? failed("this is not UTF-8 text", "save it as CSV in UTF-8")
        : failed((error as Error).message, "name a file of CSV");
  }
  const sensors = board.sensors.map(({ id, driver, options }) => (
    { id, fields: drivers.get(driver)!.fields(options) }));
  const { trace, problems } = parseTrace(text, shown, wordsIn(sensors));
  if (!trace) return { columns: [], problems };
  const matched = matchColumns(trace, sensors);
  const bad = matched.problems.some(({ severity }) => severity === "error");
  return { ...(bad ? {} : { trace }), columns: matched.columns, problems: matched.problems };
}

/** Those quantities that were asked for. An Error names what there is. */
function chosenOf(replayed: Replayed[], field: string | string[] | undefined): Replayed[] {
  const wanted = [field ?? []].flat().map(String);
  const names = replayed.flatMap(({ sensor, fields, present }) =>
    fields.filter((_, f) => present[f]).map(({ name }) => `${sensor.id}.${name}`));
  for (const name of wanted) {
    if (!names.some((each) => each === name || each.endsWith(`.${name}`))) {
      throw new Error(`the trace has no readings of ${name}: ${didYouMean(name, names, "it has") ?? "it has none"}`);
    }
  }
  if (wanted.length === 0) return replayed;
  return replayed.map((each) => ({
    ...each,
    present: each.present.map((is, f) => is
      && wanted.some((name) => name === each.fields[f]!.name || name === `${each.sensor.id}.${each.fields[f]!.name}`)),
  })).filter(({ present }) => present.some(Boolean));
}

async function writeFiles(replayed: Replayed[], title: string, { svg, csv }: FilterOptions): Promise<void> {
  if (svg !== undefined) await writeFile(svg, svgOf(replayed, title));
  if (csv !== undefined) await writeFile(csv, csvOf(replayed));
}

/** A line a read: what was read, what became of it, what was published. */
function csvOf(replayed: Replayed[]): string {
  const parts = ["read", "smoothed", "published"] as const;
  const picked = replayed.flatMap((each) =>
    each.fields.map((_, f) => ({ each, f })).filter(({ f }) => each.present[f]));
  const columns = picked.flatMap(({ each, f }) =>
    parts.map((part) => `${each.sensor.id}.${each.fields[f]!.name}.${part}`));
  const rows = new Map<number, (string | undefined)[]>();
  picked.forEach(({ each, f }, i) => {
    for (const { ms, read, shaped, published } of each.readings) {
      const row = rows.get(ms) ?? columns.map(() => undefined);
      rows.set(ms, row);
      [read[f], shaped[f], published[f]].forEach((value, p) => {
        row[i * parts.length + p] = value === undefined ? undefined : String(value);
      });
    }
  });
  const sorted = [...rows].sort(([a], [b]) => a - b).map(([ms, cells]) => ({ ms, cells }));
  return traceText(columns, sorted);
}

function printAll(
  board: Board, replayed: Replayed[], numbers: SensorNumbers[], options: FilterOptions, print: (line: string) => void,
): void {
  const size = { width: Math.min(options.width ?? process.stdout.columns ?? 80, 160), height: 11 };
  for (const [i, each] of replayed.entries()) {
    tableOf(each, numbers[i]!).forEach(print);
    if (options.plot !== false) {
      each.fields.forEach(({ name, unit }, f) => {
        if (!each.present[f]) return;
        print("");
        const legend = `${kleur.gray("· read")}  ${kleur.cyan("─ known  ● published")}`;
        print(`${kleur.bold(`${each.sensor.id}.${name}`)}${unit ? ` ${unit}` : ""}   ${legend}`);
        plotField(each, f, size).forEach(print);
      });
    }
    print("");
  }
  notesOf(board, replayed).forEach((note) => print(kleur.gray(note)));
  for (const file of [options.svg, options.csv]) if (file !== undefined) print(`wrote ${file}`);
}
