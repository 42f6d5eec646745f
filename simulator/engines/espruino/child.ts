/**
 * The interpreter's process: started in a folder of its own, killed for certain, its console cut into lines.
 */
import { spawn } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { constants as osConstants, setPriority } from "node:os";
import { join } from "node:path";

/**
 * The shell waits until its standard input ends, which it does when this process dies, however that happens;
 * then it kills the interpreter. Its number is the first line of standard error. The interpreter's own input
 * is a pipe, which is written to only by whoever types at the console: at the end of a file it would read for
 * ever, and report that its input buffer is full.
 */
const GUARD = "\"$0\" \"$@\" <>idle & echo $! >&2; p=$!; exec >/dev/null; cat; kill -9 $p 2>/dev/null";

/** Printed by boot.js; what the interpreter says before is its own. */
const MARK = "\x01booting";

export interface Child {
  /** Types at its console; what the pipe does not take is lost, as in a chip whose buffer is full. */
  type(bytes: string): void;
  /** Ends it at once; resolved when it is gone. */
  kill(): Promise<void>;
}

export interface Output {
  onLine: (line: string) => void;
  /** All that comes, from the mark on, as it comes. */
  onBytes: ((bytes: string) => void) | undefined;
}

/** A line of the program, without what a prompt does around it; undefined for what is not the program's. */
function lineOf(raw: string): string | undefined {
  const line = raw.replace(/\x1b\[[0-9?]*[A-Za-z]|[\r\x08]/g, "").replace(/^>+/, "");
  return /[\x00-\x08\x0e-\x1f]/.test(line) ? undefined : line;
}

/**
 * Starts `program` in `cwd`, where a named pipe `idle` has to be; `onExit` is called when it ends by itself,
 * with what it last said.
 */
export function startChild(
  program: string, args: string[], cwd: string, { onLine, onBytes }: Output, onExit: (said: string) => void,
): Child {
  const shell = spawn("/bin/sh", ["-c", GUARD, program, ...args], { cwd, stdio: ["pipe", "pipe", "pipe"] });
  let pid: number | undefined;
  let killed = false;
  let partial = "";
  let booted = false;
  let said = "";
  const killNow = (): void => {
    killed = true;
    if (pid !== undefined) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {}
    }
    shell.stdin.destroy();
  };
  const gone = new Promise<void>((done) => shell.on("close", () => done()));
  process.on("exit", killNow);
  shell.stdin.on("error", () => {});
  shell.stderr.once("data", (data: Buffer) => {
    const first = Number.parseInt(data.toString(), 10);
    if (!(first > 0)) return;
    pid = first;
    if (killed) killNow();
    try {
      // An interpreter with an open socket never sleeps: it must not take the processor from the broker and
      // the tests.
      setPriority(pid, osConstants.priority.PRIORITY_BELOW_NORMAL);
    } catch {}
  });
  shell.stdout.on("data", (data: Buffer) => {
    const text = data.toString("latin1");
    if (booted) onBytes?.(text);
    const lines = (partial + text).split("\n");
    partial = lines.pop()!;
    for (const raw of lines) {
      if (!booted) {
        booted = raw.replace(/\r/g, "").endsWith(MARK);
        if (booted) onBytes?.([...lines.slice(lines.indexOf(raw) + 1), partial].join("\n"));
        continue;
      }
      const line = lineOf(raw);
      if (line === undefined) continue;
      said = line || said;
      onLine(line);
    }
  });
  shell.stdout.on("end", () => {
    if (killed) return;
    killNow();
    onExit(said);
  });
  void gone.then(() => process.removeListener("exit", killNow));
  let input: number | undefined;
  return {
    type(bytes) {
      try {
        input ??= openSync(join(cwd, "idle"), constants.O_RDWR | constants.O_NONBLOCK);
        writeSync(input, Buffer.from(bytes, "latin1"));
      } catch {}
    },
    async kill() {
      if (input !== undefined) closeSync(input);
      input = undefined;
      killNow();
      await gone;
    },
  };
}
