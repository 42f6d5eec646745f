/** Brokers to run the suite against, on free loopback ports, each with one user and one filter that it denies. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Aedes } from "aedes";
import type { Target } from "./peer.ts";

export interface RunningBroker extends Target {
  name: string;
  denied: string;
  stop(): Promise<void>;
}

const USER = "interop";
const PASSWORD = "a password for loopback";
const DENIED = "denied/#";

/** The path of a program, or undefined. Debian keeps daemons where not every user's PATH leads. */
export const findProgram = (name: string): string | undefined =>
  [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** Aedes, in this process. */
export const startAedes = async (): Promise<RunningBroker> => {
  const aedes = await Aedes.createBroker();
  aedes.authenticate = (_client, username, password, done) => {
    const right = username === USER && password?.toString() === PASSWORD;
    done(right ? null : Object.assign(new Error("refused"), { returnCode: 4 as const }), right);
  };
  aedes.authorizeSubscribe = (_client, subscription, done) =>
    done(null, subscription.topic === DENIED ? null : subscription);
  const server = createServer((socket) => void aedes.handle(socket));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    name: "Aedes", host: "127.0.0.1", port: (server.address() as AddressInfo).port,
    username: USER, password: PASSWORD, denied: DENIED,
    async stop() {
      await new Promise<void>((done) => aedes.close(() => done()));
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
};

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
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

/** Waits until a program of ours listens. */
const listening = async (child: ChildProcess, port: number, patienceMs: number): Promise<boolean> => {
  const late = Date.now() + patienceMs;
  while (Date.now() < late && !ended(child)) {
    if (await answers(port)) return true;
    await new Promise((done) => setTimeout(done, 50));
  }
  return false;
};

const stopChild = async (child: ChildProcess): Promise<void> => {
  if (ended(child)) return;
  const gone = new Promise<void>((done) => child.on("exit", () => done()));
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 5000);
  await gone;
  clearTimeout(late);
};

const mosquittoFiles = async (folder: string, port: number): Promise<void> => {
  await writeFile(join(folder, "passwords"), `${USER}:${PASSWORD}\n`, { mode: 0o600 });
  spawnSync(findProgram("mosquitto_passwd")!, ["-U", join(folder, "passwords")], { stdio: "ignore" });
  await writeFile(join(folder, "acl"), `user ${USER}\ntopic readwrite interop/#\n`, { mode: 0o600 });
  await writeFile(join(folder, "mosquitto.conf"), [
    `listener ${port} 127.0.0.1`, "allow_anonymous false", "persistence false", "log_dest stderr",
    `password_file ${join(folder, "passwords")}`, `acl_file ${join(folder, "acl")}`,
    // Started by root it would become a user that may not read these files.
    ...(process.getuid?.() === 0 ? ["user root"] : []),
  ].join("\n"));
};

/** Mosquitto, where it is installed; undefined otherwise. */
export const startMosquitto = async (): Promise<RunningBroker | undefined> => {
  const program = findProgram("mosquitto");
  if (program === undefined || findProgram("mosquitto_passwd") === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "motelet-mosquitto-"));
  await chmod(folder, 0o700);
  let said = "";
  // Between asking for a free port and using it another program may take it.
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await freePort();
    await mosquittoFiles(folder, port);
    const child = spawn(program, ["-c", join(folder, "mosquitto.conf")], { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.on("data", (bytes) => (said = `${said}${String(bytes)}`.slice(-2000)));
    if (await listening(child, port, 5000)) {
      return {
        name: "Mosquitto", host: "127.0.0.1", port, username: USER, password: PASSWORD, denied: DENIED,
        async stop() {
          await stopChild(child);
          await rm(folder, { recursive: true, force: true });
        },
      };
    }
    await stopChild(child);
  }
  await rm(folder, { recursive: true, force: true });
  throw new Error(`${program} does not start; it said: ${said}`);
};
