/** Each example of docs/mqtt.md runs. */
import { transformSync } from "esbuild";
import { MqttError, type ErrorCode } from "motelet/mqtt";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findEspruino, MARK, runOn } from "../../bench/interpreter.ts";
import { startAedes } from "../../interop/brokers.ts";
import { REASONS } from "../../library/node/reasons.ts";
import type { Target } from "../../interop/target.ts";
import { checkGrammar } from "../../tools/build/grammar.ts";
import { minify } from "../../tools/build/minify.ts";
import { libraryText } from "../../tools/library.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const manual = readFileSync(new URL("../../docs/mqtt.md", import.meta.url), "utf8");
const blocks = (language: string): string[] =>
  [...manual.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "gm"))].map((match) => match[1]!);
const isForNode = (code: string): boolean => code.includes('"motelet/mqtt"');

test("there are examples for Node, the core and Espruino", () => {
  assert.equal([blocks("ts").filter(isForNode).length, blocks("ts").length, blocks("js").length], [5, 6, 1]);
});

blocks("ts").filter(isForNode).forEach((code, at) => {
  test(`example ${at + 1} for Node runs, ends by itself and complains of nothing`, async () => {
    const broker = await startAedes();
    try {
      const url = ({ link, host, port, username, password }: Target): string =>
        `${link}://${username!}:${encodeURIComponent(password!)}@${host}:${port}`;
      const ca = join(mkdtempSync(join(tmpdir(), "motelet-docs-")), "ca.pem");
      writeFileSync(ca, broker.ca!);
      const adapted = code.replace("mqtt://127.0.0.1:1883", url(broker))
        .replace("mqtts://127.0.0.1:8883", url(broker.links.mqtts!)).replace('"ca.pem"', JSON.stringify(ca));
      assert.is.not(adapted, code);
      const program = transformSync(adapted, { loader: "ts" }).code;
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath, ["--input-type=module", "-e", program], { cwd: root, timeout: 20_000 },
      );
      assert.is(stderr, "");
      assert.not.match(stdout, /refused|false all/);
      if (/console\.log\((error|topic)/.test(code)) assert.match(stdout, /acknowledged/);
      rmSync(dirname(ca), { recursive: true });
    } finally {
      await broker.stop();
    }
  });
});

test("the example of the portable core compiles for Espruino", async () => {
  const { code } = await minify({ contents: blocks("ts").find((c) => !isForNode(c))!, resolveDir: root }, root);
  assert.equal(checkGrammar(code), []);
  assert.ok(code.length < 3000, `${code.length} bytes`);
});

const espruino = findEspruino();
const needs = espruino === undefined ? " (skipped: set ESPRUINO to a Linux build of Espruino)" : "";

(espruino === undefined ? test.skip : test)(`the example for Espruino runs on the interpreter${needs}`, async () => {
  const broker = await startAedes();
  try {
    const options = `{ port: ${broker.port}, username: "${broker.username}", password: "${broker.password}", host: "127.0.0.1"`;
    const code = blocks("js")[0]!.replace('{ host: "192.168.1.10"', options);
    assert.not.equal(code, blocks("js")[0]);
    const script = `${code}\nmqtt.on("publish", function(m) { print('${MARK}' + JSON.stringify({ message: m.message })); });`;
    assert.equal(await runOn(espruino!, script, { mqtt: await libraryText(1) }, 20_000), { message: "online" });
  } finally {
    await broker.stop();
  }
});

test("the table of reasons has all of them, each with its fault", () => {
  const rows = [...manual.matchAll(/^\| (\d+) \| [^|]+ \| (config|peer|resource|link) \|/gm)].map((m) => `${m[1]} ${m[2]}`);
  assert.equal(rows, Object.entries(REASONS).map(([code, { fault }]) => `${code} ${fault}`));
});

test("the table of codes has all of them, each with its fault", () => {
  const types = readFileSync(new URL("../../library/mqtt.d.ts", import.meta.url), "utf8");
  const codes = [.../export type ErrorCode =([^;]*);/.exec(types)![1]!.matchAll(/"(\w+)"/g)].map(([, code]) => code as ErrorCode);
  const rows = [...manual.matchAll(/^\| `(\w+)` \| (\w+) \| [^|]+ \| [^|]+ \|/gm)].map((m) => `${m[1]} ${m[2]}`);
  assert.equal(rows, codes.map((code) => `${code} ${new MqttError(code, "").fault}`));
});

test("the table of events has all of them", () => {
  const types = readFileSync(new URL("../../library/mqtt.d.ts", import.meta.url), "utf8");
  const events = [.../export interface Events {([^}]*)}/.exec(types)![1]!.matchAll(/^ {2}(\w+): \[/gm)].map(([, name]) => name);
  const table = /^\| event \|[^\n]*\n[^\n]*\n((\|[^\n]*\n)+)/m.exec(manual)![1]!;
  assert.equal([...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name), events);
});

test.run();
