/** motelet/mqtt as another package sees it, and the examples as a newcomer runs them. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { startAedes } from "../../interop/brokers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A folder in which this package is installed. */
const withPackage = async (body: (folder: string) => Promise<void> | void): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "motelet-user-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules/motelet"), "dir");
    symlinkSync(join(root, "node_modules/@types"), join(folder, "node_modules/@types"), "dir");
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const typeErrors = (folder: string, program: string): string[] => {
  const file = join(folder, "program.ts");
  writeFileSync(file, program);
  const options: ts.CompilerOptions = {
    strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, types: ["node"],
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
    typeRoots: [join(folder, "node_modules/@types")],
  };
  return ts.getPreEmitDiagnostics(ts.createProgram([file], options))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
};

test("a program of another package has types, and mistakes in it are found", () => withPackage((folder) => {
  const good = `import { connect, type Message } from "motelet/mqtt";
    const client = connect({ url: "mqtt://h", will: { topic: "t", payload: "x", qos: 1 } });
    client.on("message", (m: Message) => m.text.length);
    const taken: boolean = client.publish("a", Buffer.from([1]), { qos: 2 }, (error) => error?.code === "full");
    void client.end().then((all: boolean) => all && taken);`;
  assert.equal(typeErrors(folder, good), []);
  const bad = `import { connect } from "motelet/mqtt";
    connect({ keepalive: 3 }); connect("a").publish("a", 21); connect("a").on("message", (topic: string) => topic);`;
  assert.is(typeErrors(folder, bad).length, 3);
}));

test("a program of another package runs in plain Node", () => withPackage(async (folder) => {
  writeFileSync(join(folder, "program.js"), `import { connect, MqttError } from "motelet/mqtt";
    const client = connect({ host: "127.0.0.1", port: 1 });
    client.publish("a", "x", {}, (error) => console.log(error instanceof MqttError, error.code));
    await client.end(0);`);
  const { stdout } = await promisify(execFile)(process.execPath, ["program.js"], { cwd: folder });
  assert.is(stdout.trim(), "true offline");
}));

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
