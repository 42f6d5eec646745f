/** `motelet flash --watch`: builds again when a file has changed, and flashes what has become another firmware. */
import { watch, type FSWatcher } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readLayers } from "../board/source.ts";
import { root } from "../build/root.ts";
import { programOf } from "./program.ts";

/** Editors write a file in several steps. */
const QUIET_MS = 300;

/** What the files of a board become: equal texts, equal firmware; undefined for one with mistakes. */
async function digest(file: string, outDir: string): Promise<string | undefined> {
  try {
    const { program } = await programOf(file, outDir);
    return program && JSON.stringify(program.manifest.files ?? program.manifest.sha256);
  } catch {
    return undefined;
  }
}

/** Folders whose files make up the boards: those of the board files, of what they extend, and the library. */
async function foldersOf(files: string[]): Promise<{ folder: string; recursive: boolean }[]> {
  const folders = new Set<string>();
  for (const file of files) {
    folders.add(dirname(resolve(file)));
    for (const layer of (await readLayers(file)).layers) folders.add(dirname(layer.file));
  }
  return [
    ...[...folders].map((folder) => ({ folder, recursive: false })),
    ...["lib", "firmware"].map((name) => ({ folder: join(root, name), recursive: true })),
  ];
}

/** Goes on until the signal is aborted. `flash` gets a file whose firmware has become another one. */
export async function watchBoards(
  files: string[], outDir: string, signal: AbortSignal, flash: (file: string) => Promise<unknown>,
  say: (line: string) => void = (line) => console.log(line),
): Promise<void> {
  const known = new Map<string, string | undefined>();
  for (const file of files) known.set(file, await digest(file, outDir));
  let timer: ReturnType<typeof setTimeout> | undefined;
  let work = Promise.resolve();
  const look = async (): Promise<void> => {
    for (const file of files) {
      const now = await digest(file, outDir);
      if (now === known.get(file) || signal.aborted) continue;
      known.set(file, now);
      // Mistakes are told by `flash`, too.
      await flash(file);
      say("watching; Ctrl-C ends");
    }
  };
  const watchers: FSWatcher[] = (await foldersOf(files)).map(({ folder, recursive }) =>
    watch(folder, { recursive }, () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        work = work.then(look).catch((error: unknown) => say(error instanceof Error ? error.message : String(error)));
      }, QUIET_MS);
    }));
  say("watching; Ctrl-C ends");
  await new Promise<void>((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
  clearTimeout(timer);
  for (const watcher of watchers) watcher.close();
  await work;
}
