/**
 * What drivers compute is what V8 computes: on the real interpreter and in both versions of Lua, by one program for
 * each target. (That whole nodes publish alike is for `test/node`, where every driver runs on every engine.)
 */
import { readdirSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createLuaVm } from "../../simulator/engines/lua/vm.ts";
import { compileLua } from "../../tools/build/lua/compile.ts";
import { enginesWith } from "../engines.ts";
import { bundle, runThere } from "./bundle.ts";
import { casesInJs, casesInLua, OTHERS, PROGRAM, ROWS } from "./conversions.ts";

/** What a program prints in the simulator's VM, behind "begin". */
const runInLua = (version: "5.1" | "5.3"): string[] => {
  const { code } = compileLua(PROGRAM, "ESP8266", version);
  let said = "";
  const vm = createLuaVm(version, (text) => {
    said += text;
    return "";
  });
  try {
    // NodeMCU's `bit`, as the simulator has it.
    vm.run(`N = { is53 = _VERSION == "Lua 5.3", int = function(value) return value end, modules = {} }`);
    vm.run(readFileSync(new URL("../../simulator/engines/lua/prelude/bit.lua", import.meta.url), "latin1"));
    vm.run("bit = N.modules.bit lines = {} print = function(line) lines[#lines + 1] = line end");
    vm.run(casesInLua);
    vm.run(code);
    vm.run(`io.stdout:write(table.concat(lines, "\\n")) io.stdout:flush() io.stdin:read(3)`);
  } finally {
    vm.close(true);
  }
  return said.split("\n").slice(1);
};

const shrunk = `${casesInJs}\n${await bundle(PROGRAM, "esbuild+terser")}`;
const expected: string[] = [];
new Function("print", shrunk)((line: string) => expected.push(line));
expected.shift();

const [first, ...others] = enginesWith<{ run: () => string[] }>({
  v8: { run: () => expected },
  "lua5.1": { run: () => runInLua("5.1") },
  "lua5.3": { run: () => runInLua("5.3") },
  espruino: { run: () => runThere(shrunk) },
});

test(`${first!.name}: conversions have results: of most cases, not the same of each, with and without a sign`, () => {
  for (const { module, names, cases } of ROWS) {
    const lines = expected.filter((line) => line.startsWith(`${module} ${names.join(" ")} `));
    assert.is(lines.length, cases.length, module);
    assert.ok(new Set(lines).size > 2, `${module} ${names.join()}: ${lines.slice(0, 5).join("\n")}`);
    assert.ok(lines.every((line) => /\d|none|nothing/.test(line.slice(module.length + names.join(" ").length + 2))), module);
    assert.not(lines.some((line) => /NaN|Infinity|undefined/.test(line)), `${module}: ${lines.find((line) => /NaN|Infinity|undefined/.test(line))}`);
    assert.ok(lines.filter((line) => line.endsWith("none")).length < lines.length * 0.9, `${module} ${names.join()} gives nothing`);
  }
  for (const name of ["sixteenths", "max17048Values", "mpuValues", "ms5611Values", "dht11Temperature", "stepsOf"]) {
    assert.ok(expected.some((line) => line.includes(name) && line.includes("-")), `${name} never below 0`);
  }
});

/**
 * Espruino reads decimal fractions, even 7.8125, as a neighbour of the right double: what is in the middle of two
 * integers is the lower one there.
 */
const MOST_TIES = 8;
const isTie = (line: string, wanted: string): boolean => {
  const [numbers, others] = [line.split(" "), wanted.split(" ")];
  return numbers.every((each, i) => each === others[i] || Number(each) + 1 === Number(others[i]));
};

for (const { name, missing, run } of others) {
  const skipped = missing === undefined ? "" : ` (skipped: ${missing})`;
  (missing === undefined ? test : test.skip)(`${name} computes what V8 computes${skipped}`, () => {
    const lines = run();
    assert.is(lines.length, expected.length);
    const off = lines.flatMap((line, i) => (line === expected[i] ? [] : [[line, expected[i]!] as const]));
    const ties = name === "espruino" ? off.filter(([line, wanted]) => isTie(line, wanted)) : [];
    // In full they are some thousand.
    assert.equal(off.filter((each) => !ties.includes(each)), []);
    assert.ok(ties.length <= MOST_TIES, JSON.stringify(ties));
  });
}

test("no conversion of a driver is left out", () => {
  const drivers = new URL("../../lib/drivers/", import.meta.url);
  const modules = ["", "common/"].flatMap((folder) => readdirSync(new URL(folder, drivers))
    .filter((file) => file.endsWith(".ts") && !["types.ts", "classes.ts"].includes(file)).map((file) => folder + file.slice(0, -3)));
  const left = modules.flatMap((module) => {
    const known = ROWS.flatMap((each) => (each.module === module ? each.names : [])).concat(OTHERS[module] ?? [], "create", "meta");
    const exported = [...readFileSync(new URL(`${module}.ts`, drivers), "utf8").matchAll(/^export const (\w+)/gm)].map((m) => m[1]!);
    return exported.filter((name) => !known.includes(name)).map((name) => `${module}: ${name}`);
  });
  assert.equal(left, [], "give each a row in test/drivers/conversions.ts");
});

test.run();
