/** Finds the drivers: every file of `lib/drivers` that exports a `meta`. Nothing else has to be told of a new one. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { DriverMeta } from "../../lib/drivers/types.ts";

const FOLDER = join(import.meta.dirname, "../../lib/drivers");

let loaded: Promise<Map<string, DriverMeta>> | undefined;

/** Descriptions of all drivers by name (the name of the file), sorted. */
export function loadDrivers(): Promise<Map<string, DriverMeta>> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Map<string, DriverMeta>> {
  const drivers = new Map<string, DriverMeta>();
  for (const file of readdirSync(FOLDER).filter((name) => /^[^.]+\.ts$/.test(name) && name !== "types.ts").sort()) {
    const module = await import(pathToFileURL(join(FOLDER, file)).href) as { meta?: DriverMeta };
    // A file without `meta` is something that drivers share.
    if (module.meta !== undefined) drivers.set(basename(file, ".ts"), module.meta);
  }
  return drivers;
}
