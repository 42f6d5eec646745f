/** What filters did to a trace, as lines for people. */
import kleur from "kleur";
import { durationText } from "../board/duration.ts";
import type { Board } from "../board/types.ts";
import type { FieldNumbers, SensorNumbers } from "./numbers.ts";
import { timeText } from "./plot.ts";
import { engineNameOf, type Replayed } from "./replay.ts";

const thousands = (n: number): string => String(n).replace(/(?<=\d)(?=(\d{3})+$)/g, ",");

const percent = (part: number, whole: number): string => whole === 0 ? "0 %" : `${(100 * part / whole).toFixed(0)} %`;

/** A table of texts; the first column to the left, others to the right. */
function table(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((cells) =>
    `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("   ")}`);
}

/** Lines about one sensor. */
export function tableOf({ sensor }: Replayed, numbers: SensorNumbers): string[] {
  const { messages, reads, failed, longestSilenceMs, topics } = numbers;
  const fewer = messages.before - messages.after;
  const lines = [
    `${kleur.bold(sensor.id)} (${topics.length === 1 ? topics[0]! : `${topics[0]!} and ${topics.length - 1} more`}): ${thousands(reads)} reads`
    + `${failed > 0 ? `, ${thousands(failed)} of them failed` : ""}`,
    `  ${thousands(messages.before)} messages without filters, ${kleur.bold(thousands(messages.after))} with them`
    + ` (${percent(fewer, messages.before)} saved); ${thousands(messages.bytesBefore)} bytes, ${thousands(messages.bytesAfter)}`
    + ` (${percent(messages.bytesBefore - messages.bytesAfter, messages.bytesBefore)} saved)`,
    `  longest silence ${timeText(longestSilenceMs)}`,
  ];
  const head = ["quantity", "read", "published", "noise before", "after", "off at most", "on average", "held back at most"];
  return [...lines, "", ...table([head, ...numbers.fields.map(row)])];
}

function row(field: FieldNumbers): string[] {
  const unit = field.unit === "" ? "" : ` ${field.unit}`;
  // One digit more than is published: averages are finer than readings.
  const text = (value: number): string => `${value.toFixed(Math.min(6, field.decimals + 1))}${unit}`;
  return [
    field.name, thousands(field.read), `${thousands(field.published)} (${percent(field.published, field.read)})`,
    ...[field.noise.before, field.noise.after, field.off.largest, field.off.mean, field.held.largest].map(text),
  ];
}

/** What one should know of the numbers. */
export function notesOf(board: Board, replayed: readonly Replayed[]): string[] {
  const notes = [
    `Noise is the step from one reading to the next (root mean square), before and behind the filters that change values. "Off" is what `
    + `was published last against the newest reading. The code that is built for the board ran on ${engineNameOf(board)}.`,
  ];
  for (const { sensor, intervalMs, skipped, readings } of replayed) {
    const gaps = readings.slice(1).map(({ ms }, i) => ms - readings[i]!.ms).sort((a, b) => a - b);
    const usual = gaps[Math.floor(gaps.length / 2)] ?? 0;
    if (skipped > 0) {
      notes.push(`${sensor.id}: ${thousands(skipped)} rows were left out, as the sensor is read every ${durationText(intervalMs)} only.`);
    }
    if (intervalMs > 0 && usual > 1.5 * intervalMs) {
      notes.push(`${sensor.id}: the trace has a reading every ${timeText(usual)}, and the sensor is read every ${durationText(intervalMs)}: `
        + "windows of so many readings are longer here, and more may pass.");
    }
    if (sensor.filters === undefined) notes.push(`${sensor.id} has no filters. docs/filters.md says what there are.`);
  }
  return notes;
}
