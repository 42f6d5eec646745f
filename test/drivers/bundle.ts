/** Drivers as the build makes them, and what they compute on the real interpreter. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkGrammar } from "../../tools/build/grammar.ts";
import { minify } from "../../tools/build/minify.ts";

const ROOT = join(import.meta.dirname, "../..");
const interpreter = process.env["ESPRUINO"] || "espruino-linux";

/** Whether there is a real interpreter. */
export const hasEspruino = (): boolean =>
  spawnSync(interpreter, ["--help"], { timeout: 5000, killSignal: "SIGKILL" }).error === undefined;

/** An entry that reaches `motelet/...`, bundled and shrunk for Espruino, after a check of its grammar. */
export const bundle = async (contents: string, minifier: "esbuild" | "esbuild+terser"): Promise<string> => {
  const { code } = await minify({ contents, resolveDir: ROOT }, ROOT, minifier);
  const problems = checkGrammar(code);
  if (problems.length > 0) throw new Error(`not for Espruino: ${JSON.stringify(problems)}`);
  return code;
};

/** Minified with `create` alone, and the bytes that belong to the driver. */
export const driverAlone = async (name: string): Promise<{ code: string; bytes: number }> => {
  const contents = `import { create } from "motelet/lib/drivers/${name}.ts";
    declare const it: { create: unknown };
    it.create = create;`;
  const { code, modules } = await minify({ contents, resolveDir: ROOT }, ROOT, "esbuild");
  return { code, bytes: modules[`lib/drivers/${name}.ts`]! };
};

/** What `print`s of a program print on the real interpreter before it prints "end". */
export const runThere = (program: string): string[] => {
  const folder = mkdtempSync(join(tmpdir(), "motelet-drivers-"));
  try {
    writeFileSync(join(folder, "x.js"), `${program}\nprint("end");quit();`, "latin1");
    const { stdout } = spawnSync(interpreter, [join(folder, "x.js")], {
      timeout: 60_000, killSignal: "SIGKILL", encoding: "latin1", maxBuffer: 1e7,
    });
    const lines = stdout.replace(/\x1b\[[0-9;]*[A-Za-z]|\r/g, "").split("\n");
    const from = lines.indexOf("begin");
    const to = lines.indexOf("end");
    if (from < 0 || to < 0) throw new Error(`the interpreter stopped early:\n${stdout.slice(-1500)}`);
    return lines.slice(from + 1, to);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
