/**
 * What a row file says: `test/node/ranges/<driver>.ts` exports `row`. `ranges.test.ts` and `part-faults.test.ts` find
 * the files by themselves and build nodes of them, several sensors each.
 */
import { readdirSync } from "node:fs";
import type { LeftOutKey } from "../../engines.ts";

/** Largest deviation of a published value: half a step of the part at the value, and what the firmware rounds away. */
export type Tolerance = number | ((value: number) => number);

export interface Step {
  /** The world, by signal of the part; a signal that is not named stays as it was. */
  world: Record<string, number>;
  /** What is to be published, by field, where that is not the signal of the same name. */
  published?: Record<string, number>;
  /** The reason that is reported instead, because the part cannot measure this world; nothing is published then. */
  error?: string;
}

export interface Range {
  /** Keys of the sensor in the board file, besides driver, id, bus and interval: address, options, pin. */
  sensor?: Record<string, unknown>;
  /** Buses that it needs of its own; a sensor on I2C is put on a bus that has its address free. */
  buses?: Record<string, object>;
  /** "5s" where nothing is said. */
  interval?: string;
  /** How many readings after a change still show the old world: a part that measures by itself. */
  lag?: number;
  /** That some targets lack what it takes, as `check` says. */
  leftOut?: LeftOutKey;
  /**
   * "1s": it tells of a change by itself, and has to have published it within this time, which is below its interval;
   * what it publishes before is not judged, as it is still on its way.
   */
  within?: string;
  /**
   * Share of the usual speed on the real interpreter, whose time to compute is the host's: it makes thousands of edges.
   * Those with the same pace share boards.
   */
  pace?: number;
  /** It gets a board of its own: it talks so much that others would be late on the real interpreter. */
  alone?: boolean;
  /** How long it reports that it warms up, after power-on and after each failure: "3m". */
  warmUp?: string;
  /** From one end of what the part measures to the other, the ends included, through zero where there is a sign. */
  steps: Step[];
  /** By field; the part's quantisation, with its source in a comment. */
  tolerance: Record<string, Tolerance>;
}

/** What a node makes of a fault. */
export interface Outcome {
  /** The reasons that it may report: one of them at least, unless it publishes anything; none: it cannot notice. */
  reasons: string[];
  /**
   * What it publishes meanwhile: "nothing"; "true": at most the world; "old": the world of before the fault;
   * "drifting": values that leave the world, to one side; "anything": it cannot know better.
   */
  publishes: "nothing" | "true" | "old" | "drifting" | "anything";
  /** Whether it is reported is left to chance. */
  byChance?: boolean;
  /** Why, where `publishes` is not what one would wish: what the datasheet gives no means to find out. */
  because?: string;
}

export interface Row {
  ranges: Range[];
  /** The sensor that has the faults, where that is not the first of `ranges`; its steps are two worlds. */
  patient?: Range;
  /** By fault, where it differs from `COMMON_OUTCOMES`. Every fault of the part must be in one of the two. */
  faults: Record<string, Outcome>;
}

const SILENT: Outcome = { reasons: ["nack"], publishes: "nothing" };

/** What every driver on I2C makes of these. `stuck`, `reset` and `corrupt` are each row's to say. */
export const COMMON_OUTCOMES: Record<string, Outcome> = {
  absent: SILENT,
  low: SILENT,
  nack: { reasons: ["nack"], publishes: "true" },
  drift: { reasons: [], publishes: "drifting" },
};

/** A fault that a node cannot notice, or by chance alone, with these reasons. */
export const unnoticed = (publishes: Outcome["publishes"], because: string, ...reasons: string[]): Outcome =>
  ({ reasons, publishes, because });

/** A fault that does no harm, and that is reported where chance has it. */
export const harmless = (because: string, ...reasons: string[]): Outcome =>
  ({ reasons, publishes: "true", because, byChance: true });

/** A fault that is reported, and of which nothing is published. */
export const reported = (...reasons: string[]): Outcome => ({ reasons, publishes: "nothing" });

const FOLDER = new URL("../ranges/", import.meta.url);

/** All rows, by driver; with `ROWS=bme280,gps` in the environment just those. */
export const loadRows = async (): Promise<Map<string, Row>> => {
  const rows = new Map<string, Row>();
  const only = process.env["ROWS"]?.split(",");
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".ts")).sort()) {
    if (only?.includes(file.slice(0, -3)) === false) continue;
    const module = await import(new URL(file, FOLDER).href) as { row: Row };
    rows.set(file.slice(0, -3), module.row);
  }
  return rows;
};
