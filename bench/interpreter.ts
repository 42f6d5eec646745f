/** Runs a script on the real interpreter that ESPRUINO names, and collects what it prints. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Marks a line of results among what the interpreter prints. */
export const MARK = "@@";

/** Fills the Storage of `dir`, in a run of its own: the text that does must not count as heap of what is measured. */
const store = async (espruino: string, files: Record<string, string>, dir: string): Promise<void> => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, `${name}.file`), text, "latin1");
  writeFileSync(join(dir, "store.js"), `${Object.keys(files).map((name) =>
    `require("Storage").write("${name}", require("fs").readFileSync("${name}.file"));`).join("\n")}
print("${MARK}{}");
`);
  await once(espruino, "store.js", dir, 20000);
};

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
  try {
    await store(espruino, files, dir);
    writeFileSync(join(dir, "run.js"), script);
    return await once(espruino, "run.js", dir, timeoutMs);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

export interface Booted {
  /** The next report: MARK and JSON, as its program prints them from time to time. */
  next(): Promise<Record<string, unknown>>;
  /** All that it printed. */
  text(): string;
  close(): void;
}

/** Boots the interpreter with these files in its Storage, as a chip does, and leaves it running. */
export const bootOn = async (espruino: string, files: Record<string, string>): Promise<Booted> => {
  const dir = mkdtempSync(join(tmpdir(), "motelet-bench-"));
  try {
    await store(espruino, files, dir);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  const child = spawn(espruino, ["-e", "1"], { cwd: dir, stdio: ["pipe", "pipe", "pipe"] });
  let text = "";
  let over: string | undefined;
  child.stdout.setEncoding("latin1").on("data", (chunk: string) => text += chunk);
  child.on("error", (error) => over ??= error.message);
  child.on("exit", (code) => over ??= `it ended with code ${code}`);
  return {
    text: () => text,
    async next() {
      const from = text.length;
      for (let end = Date.now() + 20000; Date.now() < end && over === undefined;) {
        await new Promise((done) => setTimeout(done, 50));
        const report = text.slice(from).split("\n").slice(0, -1).find((line) => line.includes(MARK));
        if (report) return JSON.parse(report.slice(report.indexOf(MARK) + MARK.length)) as Record<string, unknown>;
      }
      throw new Error(`the interpreter reports nothing more (${over ?? "20 s"}); it printed:\n${text.slice(-2000)}`);
    },
    close() {
      over ??= "closed";
      child.kill("SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    },
  };
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
