/** The code of a node that is kept in the flash store of Lua (LFS): an image that luac.cross makes of it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../build/root.ts";
import type { FlashSettings } from "./config.ts";
import type { Program } from "./program.ts";
import { Failure } from "./protocol/failure.ts";
import { NODE_IMAGE } from "./protocol/nodemcu-loader.ts";

/** Makes images for the simulated NodeMCU. */
export const SIMULATED_LUAC = join(root, "simulator/luac.js");

/** The program as it is flashed: with an image in the place of the files that go into the store. */
export async function withLfsImage(program: Program, settings: FlashSettings, image?: string): Promise<Program> {
  const { flashed } = program.manifest.lua ?? {};
  if (flashed === undefined) return program;
  const luac = settings.nodemcu?.luac;
  const sources = program.files.filter(({ name }) => flashed.includes(name));
  let bytes: Buffer;
  if (image !== undefined) {
    bytes = await readFile(image).catch(() => {
      throw new Failure("image-missing", { file: image });
    });
  } else if (luac !== undefined) bytes = compile(luac, sources);
  else throw new Failure("lfs", { name: program.manifest.name });
  const others = program.files.filter(({ name }) => !flashed.includes(name));
  return { ...program, files: [...others, { name: NODE_IMAGE, bytes }] };
}

function compile(luac: string, sources: Program["files"]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "motelet-lfs-"));
  try {
    for (const { name, bytes } of sources) writeFileSync(join(folder, name), bytes);
    // That of the simulation is a program for Node.
    const [program = luac, ...first] = luac.endsWith(".js") ? [process.execPath, luac] : [luac];
    const args = [...first, "-f", "-o", NODE_IMAGE, ...sources.map(({ name }) => name)];
    const { error, status, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8" });
    if (error || status !== 0) {
      throw new Failure("lfs-luac", { luac, reason: error?.message ?? (stderr.trim() || `exit code ${status}`) });
    }
    return readFileSync(join(folder, NODE_IMAGE));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
