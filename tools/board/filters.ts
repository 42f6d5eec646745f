/**
 * Finds the filters: every file of `lib/filters` that exports a `meta`. Nothing else has to be told of a new one. And
 * what the filters of a board file make of a field.
 */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { SENSOR_CLASSES } from "../../lib/drivers/classes.ts";
import type { DriverMeta, DriverOptions, Field } from "../../lib/drivers/types.ts";
import type { FilterMeta } from "../../lib/filters/types.ts";
import { durationMs } from "./duration.ts";
import type { Filters } from "./types.ts";

const FOLDER = join(import.meta.dirname, "../../lib/filters");

/** Descriptions of all filters by name (the name of the file), sorted. */
export const filterMetas: ReadonlyMap<string, FilterMeta> = await load();

async function load(): Promise<Map<string, FilterMeta>> {
  const filters = new Map<string, FilterMeta>();
  for (const file of readdirSync(FOLDER).filter((name) => /^[^.]+\.ts$/.test(name) && name !== "types.ts").sort()) {
    const module = await import(pathToFileURL(join(FOLDER, file)).href) as { meta?: FilterMeta };
    // A file without `meta` is something that filters share.
    if (module.meta !== undefined) filters.set(basename(file, ".ts"), module.meta);
  }
  return filters;
}

/** One filter of a chain. */
export interface Step {
  name: string;
  meta: FilterMeta;
  /** As the board file has it, and as the filter takes it: a duration in ms. */
  given: unknown;
  parameter: unknown;
  /** What goes in and what comes out. */
  field: Field;
  behind: Field;
}

/** True when Home Assistant takes this unit for the class of a field, or it has none. */
export const allowsUnit = ({ deviceClass, unit }: Field): boolean => {
  const units = (SENSOR_CLASSES as Partial<Record<string, readonly string[]>>)[deviceClass ?? ""];
  return deviceClass === undefined || units === undefined || units.includes(unit);
};

/** A field that has another unit than before, without a class that does not allow it, unless it is the filter's own. */
const classed = (field: Field, before: Field): Field => {
  if (field.deviceClass !== before.deviceClass || allowsUnit(field)) return field;
  const { deviceClass: _, ...rest } = field;
  return rest;
};

/** The filters of a field, in order. They have to fit the schema. */
export function stepsOf(chain: Filters[string] | undefined, field: Field): Step[] {
  let at = field;
  return (chain ?? []).map((entry) => {
    const [name, given] = Object.entries(entry)[0]!;
    const meta = filterMetas.get(name)!;
    const parameter = meta.isDuration ? durationMs(given) : given;
    const behind = classed(meta.field?.(parameter, at) ?? at, at);
    const step = { name, meta, given, parameter, field: at, behind };
    at = behind;
    return step;
  });
}

/** Time between two readings; 0 of a sensor that tells by itself when there is a new one. */
export const readingIntervalMs = (
  meta: DriverMeta, { intervalMs, pins }: { intervalMs: number; pins?: Record<string, string | undefined> },
): number => meta.events || pins?.["interrupt"] !== undefined ? 0 : intervalMs;

const GATES: FilterMeta["kind"][] = ["change", "time"];

/** True for a filter that holds readings back. */
export const isGate = ({ meta }: Step): boolean => GATES.includes(meta.kind);

/** True when some of a sensor's filters hold readings back. */
export const holdsBack = (filters: Filters | undefined): boolean =>
  Object.values(filters ?? {}).flat().flatMap(Object.keys).some((name) => GATES.includes(filterMetas.get(name)!.kind));

/** The fields of a sensor as they are published: its filters may change unit and decimals. */
export function publishedFields(meta: DriverMeta, sensor: { options: DriverOptions; filters?: Filters }): Field[] {
  return meta.fields(sensor.options).map((field) =>
    stepsOf(sensor.filters?.[field.name], field).at(-1)?.behind ?? field);
}

/**
 * The longest time that a sensor may publish nothing though it works: Infinity where its values need not change and no
 * heartbeat is set.
 */
export function longestSilenceMs(meta: DriverMeta, sensor: {
  options: DriverOptions; filters?: Filters; intervalMs: number; publish: { as: string };
}): number {
  const times = meta.fields(sensor.options).map((field) => {
    const gates = stepsOf(sensor.filters?.[field.name], field).filter(isGate);
    let ms = sensor.intervalMs;
    for (const { meta: { kind, opens }, parameter } of gates) {
      if (kind === "change") ms = Infinity;
      else ms = opens ? Math.min(ms, parameter as number) : Math.max(ms, parameter as number);
    }
    return { ms, isGated: gates.length > 0 };
  });
  // One message of all fields goes out when any gate opens; fields without one go along.
  const gated = times.filter(({ isGated }) => isGated);
  if (gated.length === 0) return sensor.intervalMs;
  return sensor.publish.as === "json" ? Math.min(...gated.map(({ ms }) => ms)) : Math.max(...gated.map(({ ms }) => ms));
}
