/** The portable subset: each ban reports what it should and lets its neighbour pass; and only where it applies. */
import { Linter } from "eslint";
import { parser } from "typescript-eslint";
import { readFileSync } from "node:fs";
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { problemWith } from "../../tools/lint/layers.ts";
import { motelet, portable, portableRules } from "../../tools/lint/plugin.ts";
import { tableOfBans } from "../../tools/lint/table.ts";
import { bans, messageOf, type BanName, type Runtime } from "../../tools/lint/subset.ts";
import { rows } from "./portable-rows.ts";

const names = Object.keys(bans) as BanName[];
const files = new Map<string, string>();

const isModule = /^(im|ex)port /m;
const fileOf = (name: string, code: string): string => {
  const file = `/${name}`;
  files.set(file, isModule.test(code) ? code : `${code}\nexport {};`);
  return file;
};

interface Snippet { name: BanName; code: string; file: string; isBad: boolean }

const snippets: Snippet[] = names.flatMap((name) => [
  ...rows[name].bad.map((code, at) => ({ name, code, file: fileOf(`lib/mqtt/${name}-bad${at}.ts`, code), isBad: true })),
  ...rows[name].good.map((code, at) => ({ name, code, file: fileOf(`lib/mqtt/${name}-good${at}.ts`, code), isBad: false })),
]);

const driver = fileOf("lib/drivers/x.ts", `
export const create = (): string[] => "a,b".split(",");
export const meta = { title: "x".split(","), fields(a = 1): number { return a ?? null; } };
export interface DriverMeta { fields(options: unknown): void }
export interface Driver { open(): void }
`);
const chip = fileOf("lib/platform/espruino/x.ts", `
declare const getTime: () => number;
export const a = { end: null };
export const f = (): unknown => { try { return new Uint8Array(getTime() >> 1); } catch { return undefined; } };
export const g = (): unknown => new Map();
export const h = [1].flat();
export const i = (a = Math.trunc(1)): number => a;
`);

/** One program for all of them, in memory: types as in the repository. */
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022, lib: ["lib.es2023.d.ts"], strict: true, types: [], noEmit: true,
  module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, allowImportingTsExtensions: true,
};
const host = ts.createCompilerHost(options);
const { getSourceFile, fileExists, readFile } = host;
host.getSourceFile = (file, version) => files.has(file)
  ? ts.createSourceFile(file, files.get(file)!, version, true)
  : getSourceFile.call(host, file, version);
host.fileExists = (file) => files.has(file) || fileExists.call(host, file);
host.readFile = (file) => files.get(file) ?? readFile.call(host, file);
const program = ts.createProgram([...files.keys()], options, host);

/** Names of the rules that report something, with the lines. */
const lint = (file: string, runtimes: Runtime[], place: "platform" | "anywhere" = "anywhere"): string[] => {
  const linter = new Linter({ configType: "flat", cwd: "/" });
  const messages = linter.verify(files.get(file)!, [{
    files: ["**/*.ts"],
    languageOptions: { parser, parserOptions: { programs: [program] } },
    plugins: { portable, motelet } as never,
    rules: portableRules(runtimes, place) as never,
  }], { filename: file });
  return messages.map((m) => (m.ruleId === null ? m.message : `${m.ruleId.replace("portable/", "")}:${m.line}`));
};

for (const { name, code, file, isBad } of snippets) {
  test(`${name} ${isBad ? "is reported" : "lets pass"}: ${code}`, () => {
    const found = lint(file, ["espruino", "lua"]).map((f) => f.split(":")[0]);
    if (isBad) {
      assert.ok(found.includes(name), `found: ${found.join(", ") || "nothing"}`);
    } else {
      assert.equal(found, []);
    }
  });
}

test("meta of a driver and its type are for the host: they may use all of JavaScript", () => {
  assert.equal(lint(driver, ["espruino", "lua"]), ["member:2", "this-void:5"]);
});

test("a chip's own module is held to its own interpreter, and may catch what the chip throws", () => {
  assert.equal(lint(chip, ["espruino"], "platform"), ["global:5", "member:6", "default-parameter:7", "member:7"]);
});

test("a message says for whom, why, and what to do instead", () => {
  assert.is(messageOf(bans.delete), "Not for Lua: it is 5.5 KB in Lua. Instead: assign undefined.");
});

test("CONTRIBUTING.md lists each rule with its reason and its remedy", () => {
  const text = readFileSync(new URL("../../CONTRIBUTING.md", import.meta.url), "utf8");
  assert.ok(text.includes(tableOfBans()), "Instead: node --import ./bin/typescript.js tools/lint/table.ts writes it");
});

test("imports go down the layers only", () => {
  const wrong = (path: string, imported: string): boolean => problemWith(path, imported) !== undefined;
  assert.ok(wrong("lib/mqtt/client.ts", "../../firmware/node.ts"));
  assert.ok(wrong("lib/mqtt/client.ts", "node:net"));
  assert.ok(wrong("lib/drivers/bme280.ts", "../../simulator/parts/bme280.ts"));
  assert.ok(wrong("lib/mqtt/client.ts", "../platform/espruino/net.ts"));
  assert.ok(wrong("simulator/parts/bme280.ts", "../../lib/drivers/bme280.ts"));
  assert.ok(wrong("simulator/engines/v8.ts", "../../firmware/node.ts"));
  assert.ok(wrong("simulator/engines/v8.ts", "#platform/net"));
  assert.ok(wrong("firmware/node.ts", "../tools/board/types.ts"));
  assert.ok(wrong("tools/main.ts", "../test/helper.ts"));
  assert.not(wrong("lib/mqtt/client.ts", "#platform/net"));
  assert.not(wrong("lib/mqtt/client.ts", "./packet.ts"));
  assert.not(wrong("lib/drivers/bme280.ts", "../platform/types.ts"));
  assert.not(wrong("lib/platform/node/net.ts", "node:net"));
  assert.not(wrong("firmware/node.ts", "../lib/mqtt/client.ts"));
  assert.not(wrong("simulator/types.ts", "../tools/board/types.ts"));
  assert.not(wrong("test/mqtt/client.test.ts", "../../lib/mqtt/client.ts"));
});

test.run();
