/** What filters did to a trace, as numbers. */
import { wordsOf } from "../board/rules/sensors.ts";
import type { Replayed } from "./replay.ts";

export interface FieldNumbers {
  name: string;
  unit: string;
  decimals: number;
  /** Readings that gave a value, and values that were published. */
  read: number;
  published: number;
  /** Of the steps from one reading to the next, root mean square: before and behind the filters that change values. */
  noise: { before: number; after: number };
  /**
   * How far what was published last is from the newest reading (corrected and converted), and from what the filters
   * that change values made of it, for which holding back alone is to blame: at most, and on average.
   */
  off: { largest: number; mean: number };
  held: { largest: number; mean: number };
}

export interface SensorNumbers {
  id: string;
  topics: string[];
  reads: number;
  /** Reads that gave nothing at all. */
  failed: number;
  skipped: number;
  messages: { before: number; after: number; bytesBefore: number; bytesAfter: number };
  /** Between two messages, or from the last one to the end, ms. */
  longestSilenceMs: number;
  fields: FieldNumbers[];
}

/** The numbers of one sensor. Quantities that are words have no noise and are never off. */
export function numbersOf(replayed: Replayed): SensorNumbers {
  const { sensor, topics, readings, present, skipped, before, after, fields } = replayed;
  return {
    id: sensor.id, topics, reads: readings.length, skipped,
    failed: readings.filter(({ raw }) => raw.every((value) => value === undefined)).length,
    messages: { before: before.count, after: after.count, bytesBefore: before.bytes, bytesAfter: after.bytes },
    longestSilenceMs: longestSilence(replayed),
    fields: fields.map((_, f) => f).filter((f) => present[f]).map((f) => fieldNumbers(replayed, f)),
  };
}

function longestSilence({ readings }: Replayed): number {
  let longest = 0;
  let last = readings[0]?.ms ?? 0;
  for (const { ms, published } of readings) {
    longest = Math.max(longest, ms - last);
    if (published.some((value) => value !== undefined)) last = ms;
  }
  return longest;
}

function fieldNumbers({ fields, readings }: Replayed, f: number): FieldNumbers {
  const field = fields[f]!;
  const off = new Distances();
  const held = new Distances();
  const steps = { before: new Distances(), after: new Distances() };
  let known: number | undefined;
  let last: { read: number; shaped: number } | undefined;
  let published = 0;
  let count = 0;
  for (const reading of readings) {
    const [read, shaped, now] = [reading.read[f], reading.shaped[f], reading.published[f]];
    if (now !== undefined) {
      published++;
      known = now;
    }
    if (read === undefined || shaped === undefined) {
      last = undefined;
    } else {
      count++;
      if (last) {
        steps.before.add(read - last.read);
        steps.after.add(shaped - last.shaped);
      }
      last = { read, shaped };
      if (known !== undefined) {
        off.add(known - read);
        held.add(known - shaped);
      }
    }
  }
  const isWord = wordsOf(field) !== undefined;
  const none = { largest: 0, mean: 0 };
  return {
    name: field.name, unit: field.unit, decimals: field.decimals, read: count, published,
    noise: isWord ? { before: 0, after: 0 } : { before: steps.before.rms, after: steps.after.rms },
    off: isWord ? none : off.numbers, held: isWord ? none : held.numbers,
  };
}

class Distances {
  private count = 0;
  private sum = 0;
  private squares = 0;
  private largest = 0;

  add(distance: number): void {
    this.count++;
    this.sum += Math.abs(distance);
    this.squares += distance * distance;
    this.largest = Math.max(this.largest, Math.abs(distance));
  }

  get numbers(): { largest: number; mean: number } {
    return { largest: this.largest, mean: this.count === 0 ? 0 : this.sum / this.count };
  }

  get rms(): number {
    return this.count === 0 ? 0 : Math.sqrt(this.squares / this.count);
  }
}
