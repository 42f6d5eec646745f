/** Programs that are installed here, run on free loopback ports, in a folder of their own, and ended by their pid. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** The path of a program, or undefined. Debian keeps daemons where not every user's PATH leads. */
export const findProgram = (name: string): string | undefined =>
  [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** Ports that nobody uses now; between asking and using another program may take one. */
const freePorts = async (count: number): Promise<number[]> => {
  const servers: Server[] = [];
  for (let i = 0; i < count; i++) {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise<void>((done) => server.close(() => done()))));
  return ports;
};

const answers = (port: number): Promise<boolean> => new Promise((done) => {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("connect", () => {
    socket.destroy();
    done(true);
  });
  socket.on("error", () => done(false));
});

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Ends a program of ours; one that does not end by itself within 5 s is killed. */
const stop = async (child: ChildProcess): Promise<void> => {
  if (ended(child)) return;
  const gone = new Promise<void>((done) => child.on("exit", () => done()));
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 5000);
  await gone;
  clearTimeout(late);
};

/** How a program is run. */
export interface Command {
  program: string;
  args: string[];
  /** Instead of our own. */
  env?: Record<string, string>;
}

export interface Recipe {
  /** How many ports it needs. */
  ports: number;
  /** Writes its files into a folder of its own, and says what to run: the last one is the program, others it needs. */
  prepare(folder: string, ports: number[]): Promise<Command[]>;
  /** Those of its ports that answer when it is up; all where nothing is said. */
  answering?: (ports: number[]) => number[];
  /** What it says when it is up, beside answering. */
  says?: string;
  patienceMs: number;
  /** How often it is tried, each time with other ports. */
  attempts?: number;
}

export interface Running {
  folder: string;
  ports: number[];
  stop(): Promise<void>;
}

/** Waits until `up` or the time is over, or the program has ended. */
const wait = async (child: ChildProcess, patienceMs: number, up: () => Promise<boolean>): Promise<boolean> => {
  const late = Date.now() + patienceMs;
  while (Date.now() < late && !ended(child)) {
    if (await up()) return true;
    await new Promise((done) => setTimeout(done, 50));
  }
  return false;
};

/** Runs a program until it answers. Throws an Error for people, with what it said, where it does not. */
export const run = async (name: string, recipe: Recipe): Promise<Running> => {
  const folder = await mkdtemp(join(tmpdir(), `motelet-${name.toLowerCase()}-`));
  let said = "";
  for (let attempt = 0; attempt < (recipe.attempts ?? 3); attempt++) {
    const ports = await freePorts(recipe.ports);
    const commands = await recipe.prepare(folder, ports);
    said = "";
    const children = commands.map(({ program, args, env }) => {
      const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], ...(env ? { env } : {}) });
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (bytes) => (said = `${said}${String(bytes)}`.slice(-4000)));
      }
      child.on("error", (error) => (said += error.message));
      return child;
    });
    const stopAll = async (): Promise<void> => {
      for (const child of [...children].reverse()) await stop(child);
    };
    const needed = (recipe.answering ?? ((all) => all))(ports);
    if (await wait(children.at(-1)!, recipe.patienceMs, async () =>
      said.includes(recipe.says ?? "") && (await Promise.all(needed.map(answers))).every((answer) => answer))) {
      return {
        folder, ports,
        stop: async () => {
          await stopAll();
          await rm(folder, { recursive: true, force: true });
        },
      };
    }
    await stopAll();
  }
  await rm(folder, { recursive: true, force: true });
  throw new Error(`${name} does not start; it said: ${said}`);
};
