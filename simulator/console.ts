/** The console of a simulated board as a port that others can open: a TCP address, or a pseudo-terminal. */
import { spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";

export interface ConsolePort {
  /** How others name it: "tcp://127.0.0.1:2323", "/dev/pts/3". */
  name: string;
  /** What the board says; nobody keeps it while nobody listens. */
  write(this: void, bytes: string): void;
  close(): Promise<void>;
}

/** What comes in, as a binary string. */
type Listener = (bytes: string) => void;

const HELP = "--console takes tcp://host:port or pty";

/** "tcp://host:port" or "pty". */
export function parseConsole(text: string): { host: string; port: number } | "pty" {
  if (text === "pty") return "pty";
  const [, host, port] = /^tcp:\/\/([^:/[\]]+|\[[^\]]+\]):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65535) throw new Error(`${HELP}, not "${text}"`);
  return { host: host.replace(/[[\]]/g, ""), port: Number(port) };
}

export function openConsole(where: string, onInput: Listener): Promise<ConsolePort> {
  const target = parseConsole(where);
  return target === "pty" ? openPty(onInput) : openTcp(target, onInput);
}

/** One at a time may sit there, as at a serial port. */
async function openTcp({ host, port }: { host: string; port: number }, onInput: Listener): Promise<ConsolePort> {
  let client: Socket | undefined;
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => {});
    if (client !== undefined) {
      socket.end("somebody else is at this console\r\n");
      return;
    }
    client = socket;
    socket.on("data", (data) => onInput(data.toString("latin1")));
    socket.on("close", () => {
      client = undefined;
    });
  });
  await new Promise<void>((done, fail) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      fail(new Error(`the console cannot be at tcp://${host}:${port}: ${error.code === "EADDRINUSE" ? "the port is in use" : error.message}`)));
    server.listen(port, host, done);
  });
  const { port: chosen } = server.address() as AddressInfo;
  return {
    name: `tcp://${host.includes(":") ? `[${host}]` : host}:${chosen}`,
    write: (bytes) => void client?.write(bytes, "latin1"),
    async close() {
      client?.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Node has no pseudo-terminals of its own: socat makes one. */
async function openPty(onInput: Listener): Promise<ConsolePort> {
  const child = spawn("socat", ["-d", "-d", "PTY,raw,echo=0", "STDIO"], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => {});
  const gone = new Promise<void>((done) => child.once("close", () => done()));
  const kill = (): void => void child.kill("SIGKILL");
  process.on("exit", kill);
  const name = await new Promise<string>((done, fail) => {
    let said = "";
    child.once("error", () => fail(new Error("a pseudo-terminal needs socat (apt-get install socat): or use --console tcp://127.0.0.1:2323")));
    child.once("exit", () => fail(new Error(`socat ended: ${said.trim()}`)));
    child.stderr.on("data", (data: Buffer) => {
      said += data.toString();
      const [, path] = /PTY is (\S+)/.exec(said) ?? [];
      if (path !== undefined) done(path);
    });
  });
  // While nobody has its other end open, a pseudo-terminal is an error to read.
  const held = openSync(name, constants.O_RDWR | constants.O_NOCTTY);
  child.stdout.on("data", (data: Buffer) => onInput(data.toString("latin1")));
  return {
    name,
    write: (bytes) => void child.stdin.write(bytes, "latin1"),
    async close() {
      closeSync(held);
      kill();
      process.off("exit", kill);
      await gone;
    },
  };
}
