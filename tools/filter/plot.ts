/** A plot of characters: what was read, and what was published of it. */
import kleur from "kleur";
import type { Replayed } from "./replay.ts";

export interface PlotSize {
  /** Columns of the whole plot, its margin included. */
  width: number;
  /** Lines of the part that shows values. */
  height: number;
}

const MARGIN = 10;
const BARS = " ▁▂▃▄▅▆▇█";

/** What one column of the plot covers. */
interface Bucket {
  reads: number[];
  /** Values that were known to subscribers in it, one after the other. */
  known: number[];
  messages: number;
  failed: boolean;
}

/**
 * Lines of a plot of one field: `·` where readings are, `─` what is known of them, `●` where it was published. The line
 * below shows how many messages went out, and `x` where reads failed.
 */
export function plotField(replayed: Replayed, f: number, { width, height }: PlotSize): string[] {
  const columns = Math.max(20, width - MARGIN - 1);
  const buckets = bucketsOf(replayed, f, columns);
  const values = buckets.flatMap(({ reads, known }) => [...reads, ...known]);
  if (values.length === 0) return ["no readings"];
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) [low, high] = [low - 1, high + 1];
  const rowOf = (value: number): number => Math.round((high - value) / (high - low) * (height - 1));
  const cells = Array.from({ length: height }, () => Array<string>(columns).fill(" "));
  buckets.forEach(({ reads, known, messages }, x) => {
    for (const value of reads) cells[rowOf(value)]![x] = kleur.gray("·");
    for (const value of known) cells[rowOf(value)]![x] = kleur.cyan("─");
    // In a column with messages all that became known in it was published.
    const published = messages > 0 ? known.slice(-messages) : [];
    for (const value of published) cells[rowOf(value)]![x] = kleur.cyan("●");
  });
  const decimals = replayed.fields[f]!.decimals;
  const label = (row: number): string =>
    row === 0 || row === height - 1 || row === Math.floor((height - 1) / 2)
      ? (high - (high - low) * row / (height - 1)).toFixed(decimals) : "";
  const lines = cells.map((line, row) => `${label(row).padStart(MARGIN - 1)} ${kleur.gray("│")}${line.join("")}`);
  const most = Math.max(...buckets.map(({ messages }) => messages));
  const bars = buckets.map(({ messages, failed }) => messages > 0 ? BARS[Math.ceil(messages / most * 8)]! : failed ? "x" : " ");
  lines.push(`${"messages".padStart(MARGIN - 1)} ${kleur.gray("│")}${bars.map((bar) => bar === "x" ? kleur.red(bar) : bar).join("")}`);
  lines.push(`${" ".repeat(MARGIN)}${axis(replayed, columns)}`);
  return lines;
}

function bucketsOf({ readings }: Replayed, f: number, columns: number): Bucket[] {
  const buckets = Array.from({ length: columns }, (): Bucket => ({ reads: [], known: [], messages: 0, failed: false }));
  const [first, last] = [readings[0]?.ms ?? 0, readings.at(-1)?.ms ?? 0];
  let known: number | undefined;
  let at = 0;
  for (const { ms, read, published } of readings) {
    const next = last === first ? 0 : Math.min(columns - 1, Math.floor((ms - first) / (last - first) * columns));
    // What is known at the left edge of a column, also of one without a reading.
    for (; at < next; at++) if (known !== undefined) buckets[at + 1]!.known.push(known);
    const bucket = buckets[next]!;
    if (published[f] !== undefined) {
      known = published[f];
      bucket.known.push(known);
      bucket.messages++;
    }
    if (read[f] === undefined) bucket.failed = true;
    else bucket.reads.push(read[f]);
  }
  return buckets;
}

/** The time axis: 0 at the left, the length of the trace at the right. */
function axis({ readings }: Replayed, columns: number): string {
  const ms = (readings.at(-1)?.ms ?? 0) - (readings[0]?.ms ?? 0);
  const end = timeText(ms);
  const middle = timeText(ms / 2);
  const half = Math.floor(columns / 2) - 1;
  return kleur.gray(`└0${" ".repeat(Math.max(1, half - 1))}${middle}`
    + `${" ".repeat(Math.max(1, columns - half - middle.length - end.length))}${end}`);
}

/** A time for people: "90 s", "6 h", "1 d 12 h". */
export function timeText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const units: [string, number][] = [["d", 86_400], ["h", 3600], ["min", 60]];
  const at = units.findIndex(([, size]) => seconds >= size);
  const [name, size] = units[at]!;
  const [smaller, smallSize] = units[at + 1] ?? ["s", 1];
  let whole = Math.floor(seconds / size);
  let rest = Math.round((seconds % size) / smallSize);
  if (rest * smallSize === size) [whole, rest] = [whole + 1, 0];
  return `${whole} ${name}${rest > 0 ? ` ${rest} ${smaller}` : ""}`;
}
