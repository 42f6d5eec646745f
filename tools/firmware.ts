/** The files of a build, as they go onto the chip. */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Firmware } from "../simulator/engines/types.ts";
import type { Manifest } from "./board/types.ts";

/** `path` is that of the manifest's `file`. Lua comes with the files beside it, and with its source maps. */
export async function readFirmware(manifest: Manifest, path: string): Promise<Firmware> {
  if (manifest.target === "espruino") return readFile(path);
  const folder = dirname(path);
  const names = (await readdir(folder)).filter((name) => /\.(lua|lc|img|lua\.map)$/.test(name)).sort();
  return Object.fromEntries(await Promise.all(
    names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}
