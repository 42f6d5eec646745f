/**
 * What typescript-to-lua has made of a text, kept in node_modules/.cache under the hash of what it was made of: most of
 * a build's time goes there. Where nothing can be written it is made each time.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../root.ts";

const FOLDER = join(root, "node_modules/.cache/motelet/lua");
/** More than the boards of all tests; what is older than so many others is seldom asked for again. */
const MOST = 600;

const require = createRequire(import.meta.url);
const madeBy = createHash("sha256");
const makers = ["typescript", "typescript-to-lua"].map((name) => require.resolve(`${name}/package.json`));
for (const maker of [fileURLToPath(new URL("transpile.ts", import.meta.url)), ...makers]) madeBy.update(readFileSync(maker));

/** What is kept of `inputs`, as JSON, or what `make` makes of them. An exception is not kept. */
export function kept<T>(inputs: string[], make: () => T): T {
  const hash = madeBy.copy();
  for (const input of inputs) hash.update(`${input.length}:${input}`);
  const place = join(FOLDER, hash.digest("hex"));
  try {
    return JSON.parse(readFileSync(place, "utf8")) as T;
  } catch {
    // It is not there.
  }
  const made = make();
  try {
    mkdirSync(FOLDER, { recursive: true });
    if (readdirSync(FOLDER).length >= MOST) rmSync(FOLDER, { recursive: true });
    mkdirSync(FOLDER, { recursive: true });
    // Several processes may do so at once: each finds a whole file or none.
    const partial = `${place}.${process.pid}`;
    writeFileSync(partial, JSON.stringify(made));
    renameSync(partial, place);
  } catch {
    // The package is where nothing can be written, or another process has emptied the folder.
  }
  return made;
}
