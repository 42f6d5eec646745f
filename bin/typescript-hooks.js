// Compiles TypeScript for Node, file by file; types are not looked at. What was compiled is kept in node_modules/.cache
// beside the hash of what it was made of, so that a process that finds all of it there starts in a tenth of a second.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = join(ROOT, "node_modules/.cache/motelet");
const OPTIONS = {
  loader: "ts", format: "esm", target: "node20", sourcemap: "inline", sourcesContent: false,
  tsconfigRaw: { compilerOptions: { target: "es2022", verbatimModuleSyntax: true } },
};
const HASH = "sha256";
const HASH_LENGTH = 64;

/** What the result depends on besides the source; this file stands for the options. */
const base = createHash(HASH)
  .update(readFileSync(fileURLToPath(import.meta.url)))
  .update(readFileSync(createRequire(import.meta.url).resolve("esbuild/package.json")));

const read = (path) => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
};

/** The JavaScript of a file. */
export const compile = async (path) => {
  const source = readFileSync(path);
  const hash = base.copy().update(path).update("\0").update(source).digest("hex");
  const place = join(FOLDER, `${relative(ROOT, path).replaceAll(/[^\w.-]/g, "+")}.js`);
  const kept = read(place);
  if (kept.startsWith(hash)) return Buffer.from(kept.slice(HASH_LENGTH), "latin1");
  const { transform } = await import("esbuild");
  const { code } = await transform(source, { ...OPTIONS, sourcefile: pathToFileURL(path).href });
  try {
    mkdirSync(FOLDER, { recursive: true });
    // Several processes may do so at once: each finds a whole file or none.
    const partial = `${place}.${process.pid}`;
    writeFileSync(partial, hash + code);
    renameSync(partial, place);
  } catch {
    // The package is where nothing can be written: it is compiled each time.
  }
  return code;
};

/** What Node asks of a loader. */
export const load = async (url, context, next) => {
  const { protocol, pathname } = new URL(url);
  if (protocol !== "file:" || !pathname.endsWith(".ts")) return next(url, context);
  const path = fileURLToPath(url);
  if (!path.startsWith(ROOT)) return next(url, context);
  return { format: "module", source: await compile(path), shortCircuit: true };
};
