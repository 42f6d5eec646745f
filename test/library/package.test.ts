/** motelet/mqtt as another package sees it, and the examples as a newcomer runs them. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import {
  existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { startAedes } from "../../interop/brokers.ts";
import { urlOf } from "../../interop/target.ts";
import { pack } from "../../tools/flash/web/bundle.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Lock {
  packages: Record<string, { dev?: boolean; optional?: boolean }>;
}

/** The packages that come with this one; those for its development do not. */
const dependencies = (): string[] => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;
  return Object.entries(packages)
    .filter(([path, { dev }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && dev !== true && existsSync(join(root, path)))
    .map(([path]) => path);
};

const folder = mkdtempSync(join(tmpdir(), "motelet-user-"));

/** An empty folder, into which what `npm pack` makes is installed: of our files those that it takes, and no others. */
test.before(async () => {
  await promisify(execFile)("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: root });
  const [archive] = readdirSync(folder);
  const packages = join(folder, "node_modules");
  mkdirSync(join(packages, "motelet"), { recursive: true });
  await promisify(execFile)("tar", ["-xzf", join(folder, archive!), "-C", join(packages, "motelet"), "--strip-components=1"]);
  for (const path of dependencies()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(root, path), join(folder, path), "dir");
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
});

test.after(() => rmSync(folder, { recursive: true, force: true }));

/** The errors of types in each of some programs. */
const typeErrors = (programs: string[]): string[][] => {
  const files = programs.map((program, at) => {
    const file = join(folder, `program-${at}.ts`);
    writeFileSync(file, program);
    return file;
  });
  const options: ts.CompilerOptions = {
    strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, types: ["node"],
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
    typeRoots: [join(folder, "node_modules/@types")],
  };
  const found = ts.getPreEmitDiagnostics(ts.createProgram(files, options));
  return files.map((file) => found.filter((diagnostic) => diagnostic.file?.fileName === file)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " ")));
};

test("a program of another package has types, and mistakes in it are found", () => {
  const [good, bad] = typeErrors([`import { connect, type Message } from "motelet/mqtt";
    const client = connect({ url: "mqtt://h", will: { topic: "t", payload: "x", qos: 1 } });
    client.on("message", (m: Message) => m.text.length);
    const taken: boolean = client.publish("a", Buffer.from([1]), { qos: 2 }, (error) => error?.code === "full");
    void client.end().then((all: boolean) => all && taken);`, `import { connect } from "motelet/mqtt";
    connect({ keepalive: 3 }); connect("a").publish("a", 21); connect("a").on("message", (topic: string) => topic);`]);
  assert.equal(good, []);
  assert.is(bad!.length, 3);
});

test("a program of another package runs in plain Node, over each link", async () => {
  const broker = await startAedes();
  try {
    const { links, username, password } = broker;
    const targets = [broker, links.mqtts!, links.ws!, links.wss!];
    writeFileSync(join(folder, "ca.pem"), broker.ca!);
    writeFileSync(join(folder, "program.js"), `import { readFileSync } from "node:fs";
      import { connect, MqttError } from "motelet/mqtt";
      for (const url of ${JSON.stringify(targets.map(urlOf))}) {
        const tls = /^(mqtts|wss):/.test(url) ? { tls: { ca: readFileSync("ca.pem") } } : {};
        const client = connect({ url, ...tls, username: ${JSON.stringify(username)}, password: ${JSON.stringify(password)} });
        client.publish("a", "x", {}, (error) => console.log(error instanceof MqttError, error.code));
        client.publish("a", "x", { qos: 1 });
        console.log(await client.end());
      }`);
    const { stdout } = await promisify(execFile)(process.execPath, ["program.js"], { cwd: folder });
    assert.is(stdout.trim(), Array.from(targets, () => "true offline\ntrue").join("\n"));
  } finally {
    await broker.stop();
  }
});

test("the command of an installed package checks and builds a board, and writes the module for Espruino", async () => {
  const motelet = join(folder, "node_modules/motelet");
  const run = promisify(execFile);
  const secrets = { WIFI_SSID: "net", WIFI_PASSWORD: "12345678", MQTT_PASSWORD: "secret" };
  const board = join(motelet, "boards/greenhouse.json");
  await run(process.execPath, [join(motelet, "bin/motelet.js"), "build", board], {
    cwd: folder, env: { ...process.env, ...secrets },
  });
  assert.match(readFileSync(join(folder, "dist/greenhouse/firmware.js"), "latin1"), /greenhouse\/air/);
  await run("npm", ["run", "--silent", "library"], { cwd: motelet });
  assert.match(readFileSync(join(motelet, "dist/mqtt.js"), "latin1"), /exports\.connect|\.connect=/);
});

test("the command of an installed package flashes, and serves its page without the packages for development", async () => {
  const motelet = join(folder, "node_modules/motelet");
  const flash = (...args: string[]): ChildProcess => spawn(process.execPath,
    [join(motelet, "bin/motelet.js"), "flash", join(folder, "dist/greenhouse"), ...args], { cwd: folder });
  const ends = (child: ChildProcess): Promise<{ code: number; text: string }> => new Promise((done) => {
    let text = "";
    for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (data: Buffer) => text += data.toString());
    child.on("close", (code) => done({ code: code!, text }));
  });
  const [nobody, bare] = await Promise.all([ends(flash("--port", "tcp://127.0.0.1:1")), ends(flash("--web"))]);
  assert.is(nobody.code, 2);
  assert.match(nobody.text, /no connection to tcp:/);
  assert.is(bare.code, 1, "what npm pack has not prepared");
  assert.match(bare.text, /the page needs @espruino-tools\/core, which is not installed: run npm install/);
  const { scripts } = JSON.parse(readFileSync(join(motelet, "package.json"), "utf8")) as { scripts: Record<string, string> };
  assert.match(scripts["prepack"]!, /web\/bundle\.ts.*pack\(\)/);
  await pack(join(motelet, "tools/flash/web/packed.js"));
  const served = flash("--web");
  const end = ends(served);
  const url = await new Promise<string>((done) => served.stdout!.on("data", (data: Buffer) => {
    const [found] = /http:\/\/127[^\s\x1b]+/.exec(data.toString()) ?? [];
    if (found !== undefined) done(found);
  }));
  assert.match(await (await fetch(`${url}app.js`)).text(), /motelet-flash/);
  assert.is(((await (await fetch(`${url}jobs.json`)).json()) as { name: string }[])[0]!.name, "greenhouse");
  served.kill("SIGINT");
  assert.is((await end).code, 0);
});

test("the example for Node publishes and prints what comes back", async () => {
  const broker = await startAedes();
  try {
    const login = `${broker.username!}:${encodeURIComponent(broker.password!)}`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      "--import", "tsx", "examples/node-publish.ts", `mqtt://${login}@${broker.host}:${broker.port}`, "2",
    ], { cwd: root });
    assert.is(stderr, "");
    assert.match(stdout, /^connected, new session$/m);
    assert.match(stdout, /^example\/status online$/m);
    assert.match(stdout, /^example\/uptime \d+\.\d$/m);
    assert.match(stdout, /^all acknowledged$/m);
  } finally {
    await broker.stop();
  }
});

test.run();
