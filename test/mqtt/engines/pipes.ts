/** A process that is spoken to over two named pipes, while this one waits. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_MS = 10_000;
const HEAD = 8;

const pause = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

export class Pipes {
  private readonly folder = mkdtempSync(join(tmpdir(), "motelet-client-"));
  private readonly child: ChildProcess;
  private readonly console: number;
  private up: number;
  private down: number;
  private buffer = Buffer.alloc(0);
  private readonly onExit = (): void => this.close();
  private isClosed = false;

  /** Starts `program` on `script` in a folder that has the pipes `up` and `down`; its first message is "ready". */
  constructor(program: string, script: string) {
    const path = (name: string): string => join(this.folder, name);
    writeFileSync(path("run.js"), script);
    execFileSync("mkfifo", [path("up"), path("down")]);
    process.on("exit", this.onExit);
    // For both directions and not blocking, as nobody is at the other end yet.
    this.up = openSync(path("up"), constants.O_RDWR | constants.O_NONBLOCK);
    this.down = openSync(path("down"), constants.O_RDWR);
    this.console = openSync(path("console"), "w");
    // Its input is a pipe to which nobody writes: at the end of a file it would read for ever.
    this.child = spawn(program, ["run.js"], { cwd: this.folder, stdio: ["pipe", this.console, this.console] });
    this.child.on("error", () => {});
    this.child.unref();
    (this.child.stdin as unknown as { unref(): void }).unref();
    this.awaitStart(program);
    // From now on the end of the process is the end of the file.
    const [up, down] = [openSync(path("up"), "r"), openSync(path("down"), "w")];
    closeSync(this.up);
    closeSync(this.down);
    this.up = up;
    this.down = down;
  }

  private awaitStart(program: string): void {
    const bytes = Buffer.alloc(HEAD + "ready".length);
    for (let waited = 0; ; waited += 5) {
      try {
        if (readSync(this.up, bytes) > 0) break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      }
      if (waited > START_MS || this.child.pid === undefined) {
        throw new Error(`${program} does not start; is it what it should be? ${this.said()}`);
      }
      pause(5);
    }
    if (bytes.toString("latin1", HEAD) !== "ready") throw new Error(`${program} says "${bytes.toString("latin1")}"`);
  }

  /** What it has printed last. */
  private said(): string {
    return `It said last: ${readFileSync(join(this.folder, "console"), "latin1").slice(-500)}`;
  }

  private ended(): Error {
    return new Error(`the interpreter has ended. ${this.said()}`);
  }

  send(text: string): void {
    const bytes = Buffer.from(String(text.length).padStart(HEAD, "0") + text, "latin1");
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.down, bytes, at);
    } catch {
      throw this.ended();
    }
  }

  receive(): string {
    for (;;) {
      const size = this.buffer.length < HEAD ? Infinity : HEAD + Number(this.buffer.toString("latin1", 0, HEAD));
      if (this.buffer.length >= size) {
        const text = this.buffer.toString("latin1", HEAD, size);
        this.buffer = this.buffer.subarray(size);
        return text;
      }
      const chunk = Buffer.allocUnsafe(16384);
      const count = readSync(this.up, chunk);
      if (count === 0) throw this.ended();
      const come = chunk.subarray(0, count);
      this.buffer = this.buffer.length === 0 ? come : Buffer.concat([this.buffer, come]);
    }
  }

  /** Kills it: it catches every other signal. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    process.removeListener("exit", this.onExit);
    this.child.kill("SIGKILL");
    this.child.stdin?.destroy();
    for (const fd of [this.up, this.down, this.console]) closeSync(fd);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
