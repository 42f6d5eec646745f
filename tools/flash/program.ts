/** What is flashed: a board file, built now, or a folder that `motelet build` has written. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { loadBoard } from "../board/load.ts";
import { loadHardware } from "../board/hardware.ts";
import type { Manifest, Problem } from "../board/types.ts";
import { build } from "../build/build.ts";
import type { FlashBoard } from "./config.ts";
import { Failure } from "./protocol/failure.ts";

export interface Program {
  manifest: Manifest;
  /** Files of the node by name. */
  files: { name: string; bytes: Buffer }[];
  /** Of a folder: what is known of the board without its file. */
  board: FlashBoard;
}

/** The program of a board file; mistakes in it are given back. */
export async function programOf(file: string, outDir: string): Promise<{ program?: Program; problems: Problem[] }> {
  const folder = builtFolder(file);
  if (folder !== undefined) return { program: await readBuilt(folder), problems: [] };
  const { board } = await loadBoard(file);
  const { manifest, file: path, problems } = await build(file, { outDir });
  if (!board || !manifest || !path) return { problems };
  return { program: { manifest, board, files: await readFiles(manifest, dirname(path)) }, problems };
}

/** A folder with a manifest, or the manifest itself. */
function builtFolder(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  if (statSync(path).isDirectory()) return existsSync(join(path, "manifest.json")) ? path : undefined;
  return basename(path) === "manifest.json" ? dirname(path) : undefined;
}

async function readBuilt(folder: string): Promise<Program> {
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest;
  const hardware = loadHardware().get(manifest.hardware);
  if (hardware === undefined) throw new Failure("no-config", { hardware: manifest.hardware });
  return { manifest, files: await readFiles(manifest, folder), board: { target: manifest.target, hardware } };
}

/** The files of a manifest, which have to be those that it describes. */
async function readFiles(manifest: Manifest, folder: string): Promise<Program["files"]> {
  if (manifest.secrets === "simulated") throw new Failure("secrets", { name: manifest.name });
  const described = manifest.files ?? [{ name: manifest.file, sha256: manifest.sha256 }];
  return Promise.all(described.map(async ({ name, sha256 }) => {
    const path = join(folder, name);
    const bytes = await readFile(path).catch(() => {
      throw new Failure("build-stale", { file: path });
    });
    if (createHash("sha256").update(bytes).digest("hex") !== sha256) throw new Failure("build-stale", { file: path });
    return { name, bytes };
  }));
}
