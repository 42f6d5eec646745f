/**
 * Each feature is rejected where it stands, and its neighbours are let pass. Where ESPRUINO names an
 * interpreter (or espruino-linux is on the path), it says itself what it makes of each row: it is believed,
 * not the table.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { features, missingGlobals, missingMethods, missingStatics } from "../../tools/build/capabilities.ts";
import { checkGrammar } from "../../tools/build/grammar.ts";
import { allowed, rejected } from "./grammar-rows.ts";

const interpreter = process.env["ESPRUINO"] || "espruino-linux";
const isHere = spawnSync(interpreter, ["--help"], { timeout: 5000, killSignal: "SIGKILL" }).error === undefined;

/** What a program prints on the real interpreter, line by line; an error is its first line. */
const runThere = (program: string): string => {
  const folder = mkdtempSync(join(tmpdir(), "motelet-grammar-"));
  writeFileSync(join(folder, "x.js"), program, "latin1");
  const options = { timeout: 10_000, killSignal: "SIGKILL", encoding: "latin1" } as const;
  const { stdout } = spawnSync(interpreter, [join(folder, "x.js")], options);
  rmSync(folder, { recursive: true });
  const text = stdout.slice(stdout.lastIndexOf("espruino.com")).split("\n").slice(1).join("\n");
  const lines = text.replace(/\x1b\[[0-9;]*[A-Za-z]|\r/g, "").split("\n");
  const error = lines.find((line) => line.startsWith("Uncaught"));
  return error ?? lines.filter((line) => line !== "" && !/^(>|Size of)/.test(line)).join("\n");
};

/** What the same program prints here. */
const runHere = (program: string): string => {
  const lines: string[] = [];
  const print = (...values: unknown[]): number => lines.push(values.join(" "));
  try {
    runInNewContext(program, { print });
  } catch (error) {
    return `threw ${String(error)}`;
  }
  return lines.join("\n");
};

for (const row of rejected) {
  test(`${row.feature} is rejected with its place: ${JSON.stringify(row.code)}`, () => {
    const found = checkGrammar(row.code);
    assert.equal(found.map((p) => p.feature), [row.feature], JSON.stringify(found));
    const [problem] = found;
    assert.equal(`${problem!.line}:${problem!.column}`, row.at);
    assert.ok(problem!.message.includes(features[row.feature].instead), "says what to do");
  });
}

for (const code of allowed) {
  test(`is let pass: ${JSON.stringify(code)}`, () => {
    assert.equal(checkGrammar(code), []);
  });
}

test("every feature has a row that shows it", () => {
  const shown = new Set<string>(rejected.map((row) => row.feature));
  assert.equal(Object.keys(features).filter((name) => !shown.has(name)), []);
});

test("several mistakes come in the order of the code", () => {
  const found = checkGrammar("var a=2**3;\nvar {b}=a;\n  var m=new Map;");
  assert.equal(found.map((p) => `${p.line}:${p.column} ${p.feature}`), [
    "1:7 exponent", "2:5 destructuring", "3:13 missing-global",
  ]);
});

test("code that is no JavaScript is a problem with a place, not an exception", () => {
  const [problem] = checkGrammar("var a=1;\nvar b=;");
  assert.equal([problem!.line, problem!.column, problem!.feature], [2, 7, "syntax"]);
});

test("the names that the table calls missing exist in JavaScript, so none is a slip of the pen", () => {
  const statics = Object.entries(missingStatics).flatMap(([object, names]) => [...names].map((n) => `${object}.${n}`));
  // Newer than Node 20.
  const newer = new Set(["Array.fromAsync", "Object.groupBy", "Iterator"]);
  const host = runInNewContext("globalThis") as Record<string, Record<string, unknown>>;
  const isThere = (path: string): boolean => {
    const [object, name] = path.split(".") as [string, string | undefined];
    const value = host[object] ?? (globalThis as Record<string, unknown>)[object] as Record<string, unknown>;
    return newer.has(path) || (name === undefined ? value : value[name]) !== undefined;
  };
  assert.equal([...statics, ...missingGlobals].filter((path) => !isThere(path)), []);
  const here: unknown[] = ["", [], 1];
  assert.equal([...missingMethods].filter((name) => !here.some((v) => name in Object(v))), []);
});

if (isHere) {
  for (const row of rejected) {
    test(`the real interpreter fails on it or differs: ${row.feature} ${JSON.stringify(row.code)}`, () => {
      if (row.untried === undefined) {
        assert.is.not(runThere(row.code), runHere(row.code));
      } else {
        assert.ok(row.untried.length > 20, "a row that is not run says why");
      }
    });
  }
  for (const code of allowed) {
    test(`the real interpreter runs it right: ${JSON.stringify(code)}`, () => {
      const expected = runHere(code);
      assert.is.not(expected, "", "the row prints something");
      assert.is(runThere(code), expected);
    });
  }
  test("the real interpreter has none of the names that the table calls missing", () => {
    const statics = Object.entries(missingStatics).flatMap(([object, names]) => [...names].map((n) => `${object}.${n}`));
    const globals = [...missingGlobals].map((name) => `typeof ${name}!="undefined"&&print("${name}");`);
    const members = statics.map((path) => `typeof ${path}!="undefined"&&print("${path}");`);
    const methods = [...missingMethods].flatMap((name) => ["\"a\"", "[]", "(1)"].map((value) =>
      `try{typeof ${value}.${name}!="undefined"&&print(${JSON.stringify(`${value}.${name}`)})}catch(e){}`));
    assert.is(runThere([...globals, ...members, ...methods, "print('end');"].join("\n")), "end");
  });
} else {
  test.skip("the rows on the real interpreter");
  console.log("skipped: no Espruino interpreter here (set ESPRUINO to a Linux build of 2v29)");
}

test.run();
