/** Runs a script on the real interpreter that ESPRUINO names, and collects what it prints. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Marks a line of results among what the interpreter prints. */
export const MARK = "@@";

/**
 * Runs `script` until it prints `MARK` + JSON, and returns that. `files` are put into the Storage before: code that
 * is evaluated from there stays in flash, as boot code does.
 */
export const runOn = async (
  espruino: string,
  script: string,
  files: Record<string, string>,
  timeoutMs: number,
): Promise<Record<string, number>> => {
  const dir = mkdtempSync(join(tmpdir(), "motelet-bench-"));
  const store = Object.entries(files)
    .map(([name, text]) => `require("Storage").write(${JSON.stringify(name)}, ${JSON.stringify(text)});`)
    .join("\n");
  try {
    // Two runs: the text that fills the Storage must not count as heap of the run that is measured.
    writeFileSync(join(dir, "store.js"), `${store}\nprint("${MARK}{}");\n`);
    writeFileSync(join(dir, "run.js"), script);
    await once(espruino, "store.js", dir, 20000);
    return await once(espruino, "run.js", dir, timeoutMs);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

const once = (espruino: string, file: string, dir: string, timeoutMs: number): Promise<Record<string, number>> =>
  new Promise((resolve, reject) => {
    const child = spawn(espruino, [file], { cwd: dir, stdio: ["pipe", "pipe", "pipe"] });
    let text = "";
    // The interpreter catches SIGTERM.
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the interpreter did not finish within ${timeoutMs / 1000} s; it printed:\n${text.slice(-2000)}`));
    }, timeoutMs);
    child.on("error", reject);
    child.stdout.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
      const line = text.split("\n").find((l) => l.includes(MARK) && l.includes("}"));
      if (line) {
        clearTimeout(timer);
        child.kill("SIGKILL");
        resolve(JSON.parse(line.slice(line.indexOf(MARK) + MARK.length).replace(/[^}]*$/, "")) as Record<string, number>);
      }
    });
    child.on("exit", (code) => {
      clearTimeout(timer);
      if (code !== null) reject(new Error(`the interpreter ended with code ${code}; it printed:\n${text.slice(-2000)}`));
    });
  });

/** The interpreter that ESPRUINO names, or `espruino-linux` on the PATH; undefined where there is none. */
export const findEspruino = (): string | undefined => {
  const named = process.env["ESPRUINO"];
  if (named) return named;
  return (process.env["PATH"] ?? "").split(delimiter)
    .map((dir) => join(dir, "espruino-linux"))
    .find((path) => existsSync(path));
};
