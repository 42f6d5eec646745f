/**
 * The interpreter's process: started in a folder of its own, killed for certain, its console cut into lines.
 */
import { spawn } from "node:child_process";
import { constants as osConstants, setPriority } from "node:os";

/**
 * The shell waits until its standard input ends, which it does when this process dies, however that happens;
 * then it kills the interpreter. Its number is the first line of standard error. The interpreter's own input
 * is a pipe that nobody writes to: at the end of a file it would read for ever, and report that its input
 * buffer is full.
 */
const GUARD = "\"$0\" \"$@\" <>idle & echo $! >&2; p=$!; exec >/dev/null; cat; kill -9 $p 2>/dev/null";

/** Printed by boot.js; what the interpreter says before is its own. */
const MARK = "\x01booting";

export interface Child {
  /** Ends it at once; resolved when it is gone. */
  kill(): Promise<void>;
}

/**
 * Starts `program` in `cwd`, where a named pipe `idle` has to be; `onExit` is called when it ends by itself,
 * with what it last said.
 */
export function startChild(
  program: string, args: string[], cwd: string, onLine: (line: string) => void, onExit: (said: string) => void,
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
    const lines = (partial + data.toString("latin1")).split("\n");
    partial = lines.pop()!;
    for (const raw of lines) {
      const line = raw.replace(/\x1b\[[0-9?]*[A-Za-z]/g, "").replace(/\r/g, "");
      said = line || said;
      if (booted) onLine(line);
      else booted = line.endsWith(MARK);
    }
  });
  shell.stdout.on("end", () => {
    if (killed) return;
    killNow();
    onExit(said);
  });
  void gone.then(() => process.removeListener("exit", killNow));
  return {
    async kill() {
      killNow();
      await gone;
    },
  };
}
