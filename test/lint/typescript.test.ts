/** How TypeScript is run: a changed file is never served from what was compiled before, and stacks name its lines. */
import { execFile } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "motelet-typescript-"));
const cache = join(folder, "node_modules/.cache/motelet");

test.before(() => {
  for (const name of ["typescript.js", "typescript-hooks.js"]) cpSync(join(root, "bin", name), join(folder, "bin", name));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "node_modules/esbuild"), join(folder, "node_modules/esbuild"));
});
test.after(() => rmSync(folder, { recursive: true }));

const run = async (): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "./bin/typescript.js", "main.ts"], { cwd: folder });
  return stdout;
};
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

test("a file that was compiled before is compiled anew when it has changed, and only then", async () => {
  write("part.ts", "export type Size = number;\nexport const size: Size = 1;\n");
  write("main.ts", 'import { size, type Size } from "./part.ts";\nconst twice: Size = 2 * size;\nconsole.log(twice);\n');
  assert.is(await run(), "2\n");
  assert.equal(readdirSync(cache), ["main.ts.js", "part.ts.js"]);
  write("part.ts", "export type Size = number;\nexport const size: Size = 3;\n");
  assert.is(await run(), "6\n");
  // What is served is what was kept: an edit of it shows.
  const kept = join(cache, "main.ts.js");
  writeFileSync(kept, readFileSync(kept, "utf8").replace("2 * size", "5 * size"));
  assert.is(await run(), "15\n");
  write("main.ts", 'import { size } from "./part.ts";\nconsole.log(size);\n');
  assert.is(await run(), "3\n");
});

test("other options compile anew", async () => {
  write("main.ts", "console.log(7);\n");
  await run();
  const before = readFileSync(join(cache, "main.ts.js"), "utf8");
  write("bin/typescript-hooks.js", `${readFileSync(join(folder, "bin/typescript-hooks.js"), "utf8")}// Changed.\n`);
  await run();
  assert.not.equal(readFileSync(join(cache, "main.ts.js"), "utf8").slice(0, 64), before.slice(0, 64));
});

test("text keeps its letters; a stack names line and column of the source, whether compiled now or before", async () => {
  write("main.ts", 'interface A { b: string }\n\nconst a: A = { b: "ü°€" };\nconsole.log(a.b, new Error().stack);\n');
  for (let i = 0; i < 2; i++) {
    const text = await run();
    assert.match(text, /^ü°€ Error/);
    assert.match(text, /main\.ts:4:18\b/);
  }
});

test("where nothing can be written it runs as well", async () => {
  rmSync(cache, { recursive: true });
  // A file in its place: not even root can make a folder of it.
  writeFileSync(cache, "");
  chmodSync(cache, 0o444);
  write("main.ts", "console.log(8 satisfies number);\n");
  assert.is(await run(), "8\n");
});

test.run();
