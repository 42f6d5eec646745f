/**
 * Traces: what sensors measured over time, as CSV. docs/filters.md describes the format. A trace is read as a whole;
 * every mistake has its line and column, and says what to do.
 */
import type { Problem } from "../board/types.ts";
import { list, quote } from "../board/words.ts";

/** One line of a trace. */
export interface TraceRow {
  /** Since the first row, ms. */
  ms: number;
  /** By column: a value, "failed" for a read that gave none, undefined where nothing was read. */
  cells: (number | "failed" | undefined)[];
  line: number;
}

export interface Trace {
  file: string;
  /** Names of the columns behind `time`: "air.temperature", or "temperature" alone. */
  columns: string[];
  /** Where they are named: the line, and the place of each in it. */
  head: { line: number; places: number[] };
  rows: TraceRow[];
}

export interface ParsedTrace {
  /** Only where there is no error. */
  trace?: Trace;
  problems: Problem[];
}

/** A cell and the column of text that it starts at, from 1. */
interface Cell {
  text: string;
  column: number;
}

/** More mistakes than these are not told: they are the same one again and again. */
const MOST_PROBLEMS = 10;
const EXAMPLE = "time,air.temperature,air.humidity";
/** Seconds of the year 5138: what is larger counts milliseconds. */
const MOST_SECONDS = 1e11;

class Reader {
  readonly problems: Problem[] = [];
  /** How many were not told. */
  untold = 0;

  constructor(private readonly file: string) {}

  error(line: number, column: number, message: string, suggestion?: string): void {
    if (this.problems.length === MOST_PROBLEMS) {
      this.untold++;
      return;
    }
    this.problems.push({
      file: this.file, path: "", severity: "error", message, line, column,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }
}

/** Cells of a line; quotes around a cell are taken off. */
function cellsOf(line: string): Cell[] {
  const cells: Cell[] = [];
  for (let at = 0; at <= line.length;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(?=,|$)/.exec(line.slice(at));
    const end = quoted ? at + quoted[0].length : line.indexOf(",", at) < 0 ? line.length : line.indexOf(",", at);
    const raw = line.slice(at, end);
    const text = quoted ? quoted[1]!.replaceAll("\"\"", "\"") : raw;
    cells.push({ text: text.trim(), column: at + raw.length - raw.trimStart().length + 1 });
    at = end + 1;
  }
  return cells;
}

/** The words of a column whose readings are words; a cell is the place of one then. */
export type WordsOf = (column: string) => readonly string[] | undefined;

/**
 * Reads the text of a trace.
 * @param file its name, for messages
 */
export function parseTrace(text: string, file: string, wordsOf: WordsOf = () => undefined): ParsedTrace {
  const reader = new Reader(file);
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/)
    .map((line, i) => ({ line, number: i + 1 }))
    .filter(({ line }) => line.trim() !== "" && !line.startsWith("#"));
  const [head, ...body] = lines;
  const columns = head === undefined ? undefined : columnsOf(head.line, head.number, reader);
  if (head === undefined) {
    reader.error(1, 1, "the trace is empty", `its first line names the columns, such as ${EXAMPLE}`);
  } else if (columns && body.length === 0) {
    reader.error(head.number, 1, "there are no readings below the names of the columns", "each line holds a time and its readings");
  }
  if (head === undefined || !columns || reader.problems.length > 0) return { problems: reader.problems };
  const rows = rowsOf(body, columns, wordsOf, reader);
  if (reader.untold > 0) {
    reader.problems.push({ file, path: "", severity: "error", message: `${reader.untold} more mistakes like these` });
  }
  if (reader.problems.length > 0) return { problems: reader.problems };
  const places = cellsOf(head.line).slice(1).map(({ column }) => column);
  return { trace: { file, columns, head: { line: head.number, places }, rows }, problems: [] };
}

function columnsOf(line: string, number: number, reader: Reader): string[] | undefined {
  const cells = cellsOf(line);
  const [time, ...names] = cells as [Cell, ...Cell[]];
  const other = [";", "\t"].find((separator) => line.includes(separator) && !line.includes(","));
  if (other !== undefined) {
    reader.error(number, line.indexOf(other) + 1, `columns are separated by commas here, not by ${other === ";" ? "semicolons" : "tabs"}`,
      "save it as CSV with commas, and with points in numbers (21.5)");
  } else if (time.text.toLowerCase() !== "time") {
    reader.error(number, time.column, `the first column has to be "time", not ${quote(time.text)}`,
      `the first line names the columns, such as ${EXAMPLE}`);
  } else if (names.length === 0) {
    reader.error(number, line.length, "there is no column but the time", `name the readings behind it, such as ${EXAMPLE}`);
  }
  names.forEach(({ text, column }, i) => {
    const first = names.findIndex((name) => name.text === text);
    if (text === "") {
      reader.error(number, column, "this column has no name", "a sensor and its quantity, such as air.temperature");
    } else if (first < i) {
      reader.error(number, column, `the column ${quote(text)} is there twice`, "rename or remove one");
    }
  });
  return reader.problems.length > 0 ? undefined : names.map(({ text }) => text);
}

function rowsOf(
  lines: { line: string; number: number }[], columns: string[], wordsOf: WordsOf, reader: Reader,
): TraceRow[] {
  const words = columns.map(wordsOf);
  const rows: TraceRow[] = [];
  let start: number | undefined;
  let before = -Infinity;
  let kind: "number" | "date" | undefined;
  for (const { line, number } of lines) {
    const cells = cellsOf(line);
    if (cells.length !== columns.length + 1) {
      wrongCount(cells, columns, line, number, reader);
    } else {
      const time = timeOf(cells[0]!, number, reader);
      if (time !== undefined) {
        kind ??= time.kind;
        start ??= time.ms;
        if (kind !== time.kind) {
          reader.error(number, cells[0]!.column, `${quote(cells[0]!.text)} is a ${time.kind}, the times before are ${kind}s`, "write all alike");
        } else if (time.ms <= before) {
          reader.error(number, cells[0]!.column, `the time ${cells[0]!.text} does not come after that of the line before`,
            "sort the lines by time, and keep one for each time");
        }
        before = time.ms;
      }
      const values = cells.slice(1).map((cell, i) => valueOf(cell, columns[i]!, words[i], number, reader));
      const all = values.every((value) => value === undefined) ? values.map(() => "failed" as const) : values;
      rows.push({ ms: (time?.ms ?? 0) - (start ?? 0), cells: all, line: number });
    }
  }
  return rows;
}

function wrongCount(cells: Cell[], columns: string[], line: string, number: number, reader: Reader): void {
  const wanted = columns.length + 1;
  const many = cells.length > wanted;
  const column = many ? cells[wanted]!.column : line.length + 1;
  // 21,5 is two cells.
  const comma = many && cells.length - 1 === 2 * columns.length && cells.every(({ text }) => /^-?\d+$/.test(text));
  reader.error(number, column,
    `this line has ${cells.length} cell${cells.length === 1 ? "" : "s"}, and there are ${wanted} columns: ${list(["time", ...columns])}`,
    comma ? "write numbers with a point (21.5), as commas separate the cells"
      : many ? "remove what is too much" : "leave a cell empty where nothing was read, but write its comma");
}

function timeOf({ text, column }: Cell, line: number, reader: Reader): { kind: "number" | "date"; ms: number } | undefined {
  if (/^-?\d+(\.\d+)?$/.test(text)) {
    const seconds = Number(text);
    if (Math.abs(seconds) < MOST_SECONDS) return { kind: "number", ms: Math.round(seconds * 1000) };
    reader.error(line, column, `${text} is too large for a time in seconds`, "divide milliseconds by 1000");
    return undefined;
  }
  const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  // Without a zone it is UTC: the length of a day must not depend on where the trace is read.
  const ms = iso ? Date.parse(`${iso[1]}T${iso[2]}${iso[3] ?? "Z"}`) : NaN;
  if (!Number.isNaN(ms)) return { kind: "date", ms };
  reader.error(line, column, text === "" ? "this line has no time" : `${quote(text)} is no time`,
    "write seconds (90.5), or date and time (2025-06-01T12:00:00Z)");
  return undefined;
}

function valueOf(
  { text, column }: Cell, name: string, words: readonly string[] | undefined, line: number, reader: Reader,
): TraceRow["cells"][number] {
  if (text === "") return undefined;
  if (text === "-") return "failed";
  if (words !== undefined) {
    const at = words.indexOf(text);
    if (at >= 0) return at;
    reader.error(line, column, `${quote(text)} in the column ${name} is none of ${list(words)}`,
      "write one of them, - where a read failed, or nothing where there was none");
    return undefined;
  }
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text) && Math.abs(Number(text)) < 1e9) return Number(text);
  const huge = Number.isFinite(Number(text));
  reader.error(line, column, `${quote(text)} in the column ${name} is ${huge ? "too large" : "not a number"}`,
    huge ? "readings are below 1,000,000,000" : "write a number such as 21.5, - where a read failed, or nothing where there was none");
  return undefined;
}

/** The text of a trace. @param comments lines that tell what it is */
export function traceText(
  columns: string[], rows: { ms: number; cells: (string | undefined)[] }[], comments: string[] = [],
): string {
  return [
    ...comments.map((comment) => `# ${comment}`), ["time", ...columns].join(","),
    ...rows.map(({ ms, cells }) => [ms / 1000, ...cells.map((cell) => cell ?? "")].join(",")),
  ].map((line) => `${line}\n`).join("");
}
