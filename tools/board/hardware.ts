/** Reads what the boards of `boards/hardware/` offer. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Hardware } from "./types.ts";

const FOLDER = join(import.meta.dirname, "../../boards/hardware");

let loaded: Map<string, Hardware> | undefined;

/** All hardware by name (the name of the file), sorted. */
export function loadHardware(): Map<string, Hardware> {
  loaded ??= new Map(readdirSync(FOLDER).filter((file) => file.endsWith(".json")).sort().map((file) =>
    [basename(file, ".json"), JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Hardware]));
  return loaded;
}
