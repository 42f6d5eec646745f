/** Links on the real interpreter that ESPRUINO names, as a firmware is shrunk; see guest.ts. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEspruino } from "../../../simulator/engines/espruino.ts";
import { minify } from "../../../tools/build/minify.ts";
import { root } from "../../../tools/build/root.ts";
import { elsewhere, type Probe, type Side } from "../probe.ts";

const program = findEspruino();

interface Running {
  child: ChildProcess;
  folder: string;
  server: Server;
  control: Socket;
  printed: () => string;
}

let running: Running | undefined;
let text: Promise<string> | undefined;
const links = elsewhere("the interpreter");

const startInterpreter = async (): Promise<Running> => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const code = await (text ??= minify(join(import.meta.dirname, "guest.ts"), root).then((built) => built.code));
  const folder = mkdtempSync(join(tmpdir(), "motelet-links-"));
  writeFileSync(join(folder, "run.js"), `PORT=${(server.address() as AddressInfo).port};${code}`, "latin1");
  const child = spawn(program!, ["run.js"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
  let printed = "";
  child.stdout.setEncoding("latin1").on("data", (piece: string) => {
    printed += piece;
  });
  const ended = once(child, "exit").then(() => {
    throw new Error(`the interpreter ended; it printed:\n${printed}`);
  });
  ended.catch(() => {});
  const [control] = await Promise.race([once(server, "connection") as Promise<[Socket]>, ended]);
  control.setNoDelay(true);
  let rest = "";
  control.on("error", () => {}).setEncoding("latin1").on("data", (piece: string) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const [id, event, bytes] = line.split(" ") as [string, string, string];
      links.hear(Number(id), event, Buffer.from(bytes, "base64"));
    }
  });
  return { child, folder, server, control, printed: () => printed };
};

/** What is sent in one turn goes as one piece, so that nothing happens over there in between. */
const send = (command: object): void => {
  const { control } = running!;
  if (control.writableCorked === 0) {
    control.cork();
    setImmediate(() => control.uncork());
  }
  control.write(`${JSON.stringify(command)}\n`);
};

const probe = (kind: string, port: number, request: string): Probe => links.probe({
  open: (id) => send({ what: "open", id, kind, port, request }),
  write: (id, bytes) => send({ what: "write", id, bytes: bytes.toString("base64") }),
  close: (id, flush) => send({ what: "close", id, flush }),
  quiet: (id) => send({ what: "quiet", id }),
});

export const onInterpreter: Side = {
  name: "the real interpreter",
  missing: program === undefined ? "set ESPRUINO to a Linux build of Espruino" : undefined,
  algorithm: "rsa", largestWriteBytes: 16_384, muchBytes: 30_000,
  link: (kind, port) => () => probe(kind.name, port, kind.request(port)),
  async start({ secure }) {
    // One that has worked for a while before it opens a TLS connection trips now and then over an assertion of its own
    // (src/jsvar.c, `jsvGetFlatStringPointer`): a new one for each row then.
    if (secure) await onInterpreter.stop();
    running ??= await startInterpreter();
  },
  async stop() {
    if (!running) return;
    const { child, folder, server, control, printed } = running;
    running = undefined;
    // It catches SIGTERM.
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    control.destroy();
    await new Promise<void>((done) => server.close(() => done()));
    rmSync(folder, { recursive: true, force: true });
    // Of a TLS connection that its peer breaks the interpreter itself says so, by this one.
    const said = printed().replaceAll("Uncaught InternalError: mbedtls_ssl_handshake returned", "");
    if (/Uncaught|Error:/.test(said)) throw new Error(`the interpreter complained:\n${said.slice(-2000)}`);
  },
};
