/**
 * Every test of nodes, clients, filters, drivers, links and platforms runs on all engines of the one table, or is in
 * the list of what does not, with its reason; and what is in the list is so.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ENGINES } from "./engines.ts";
import { LEFT_OUT, type LeftOutKey } from "./left-out.ts";

const FOLDERS = ["node", "mqtt", "link", "library", "filters", "drivers", "platform"];
/** What makes tests of the table's rows. */
const TABLE = /from "(?:\.\.?\/)+(?:engines|engine-table|engines\/test|range\/engines|left-out)\.ts"/;
/** Titles of tests for which no engine runs. */
const ABOUT_NO_ENGINE = [
  "the reading is the world's", "no conversion of a driver is left out", "there is something to compare",
  "reaches both ends of what the part measures", "says what becomes of each fault that the part can have",
  "the same bytes speak WebSocket over TLS on the engine espruino", "a board pays for the filters that it names",
];

interface File { name: string; code: string; isTest: boolean; usesTable: boolean }

const read = (folder: string): File[] => readdirSync(join(import.meta.dirname, folder), { recursive: true })
  .map(String).filter((file) => file.endsWith(".ts"))
  .map((file) => {
    const code = readFileSync(join(import.meta.dirname, folder, file), "utf8");
    const isTest = file.endsWith(".test.ts");
    return { name: `${folder}/${file.replace(/(\.test)?\.ts$/, "")}`, code, isTest, usesTable: isTest && TABLE.test(code) };
  });

const all = FOLDERS.flatMap(read);
const tests = all.filter(({ isTest }) => isTest);

const keys = Object.keys(LEFT_OUT) as LeftOutKey[];
const whole = keys.filter((key) => !key.includes(": "));
const covers = (key: string, { name }: File): boolean =>
  (key.endsWith("*") ? name.startsWith(key.slice(0, -1)) : name === key);

test("a test file that knows no engines is in the list", () => {
  const silent = tests.filter((file) => !file.usesTable && !whole.some((key) => covers(key, file)));
  assert.equal(silent.map(({ name }) => name), [], "run it on ENGINES of test/engines.ts, or say why not in test/left-out.ts");
});

test("what is in the list is left out by a file, and by that one", () => {
  for (const key of keys) {
    const users = all.filter(({ code }) => code.includes(`"${key}"`));
    const owners = users.filter(({ name }) => name === key.split(": ")[0]);
    const covered = key.includes(": ") ? [] : tests.filter((file) => !file.usesTable && covers(key, file));
    assert.ok(owners.length + covered.length > 0, `"${key}" leaves nothing out: take it from test/left-out.ts`);
    assert.equal(users.filter((user) => !owners.includes(user)).map(({ name }) => name), [], `"${key}" is of another file`);
  }
});

test("each entry leaves out something, says why, and leaves an engine unless nothing runs", () => {
  for (const [key, { on, why }] of Object.entries(LEFT_OUT)) {
    assert.ok(on.length > 0 && (on.length < ENGINES.length || key === "mqtt/statements"), key);
    assert.ok(why.length > 10, key);
  }
});

/** Everything in a file that picks engines otherwise than by a key of the list. */
const otherwise = ({ name, code }: File): string[] => {
  const file = ts.createSourceFile(name, code, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const note = (node: ts.Node, what: string): void => {
    const line = 1 + file.getLineAndCharacterOfPosition(node.getStart()).line;
    found.push(`${name}:${line}: ${what}: ${node.getText().slice(0, 60)}`);
  };
  const isTitled = (node: ts.CallExpression): boolean => {
    const title = node.arguments[0]?.getText() ?? "";
    return /\$\{[^}]*\b(?:name|what|engine|each|chip)\b/.test(title) || ABOUT_NO_ENGINE.some((part) => title.includes(part));
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression: from, name: method } = node.expression;
      if (method.text === "filter" && /\bengines(?:For)?\([^)]*\)$|\bENGINES$|\ball$/.test(from.getText())) note(node, "a filter");
    }
    if (ts.isContinueStatement(node) && ts.isIfStatement(node.parent)) {
      const condition = node.parent.expression.getText();
      if (/\b(?:isVirtual|target|lua|name|engine|v8)\b/.test(condition)) note(node.parent, "an engine is passed over");
    }
    if (ts.isArrayLiteralExpression(node) && /^\[(?:v8|espruino|lua\b)/.test(node.getText())) note(node, "a list by hand");
    // In test/mqtt `test` is the table's.
    const isByHand = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "test";
    if (isByHand && !name.startsWith("mqtt/") && !isTitled(node)) note(node, "no engine in its name");
    ts.forEachChild(node, visit);
  };
  visit(file);
  const isPlain = name.startsWith("mqtt/") && /import \{ test\b.* from "uvu"/.test(code);
  if (isPlain) found.push(`${name}: test of uvu: take that of engines/test.ts`);
  return found;
};

test("no test of the table picks engines in another way than by the list", () => {
  const found = all.filter(({ usesTable }) => usesTable).flatMap(otherwise);
  assert.equal(found, [], "engines(key), enginesFor(key) and runsOn(name, key) leave out what test/left-out.ts says");
});

test.run();
