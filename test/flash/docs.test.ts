/** docs/flashing.md says what the tool says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../../tools/build/root.ts";
import { failuresTable } from "../../tools/flash/failures-doc.ts";
import { FAILURES } from "../../tools/flash/protocol/failures-table.ts";

const text = readFileSync(join(root, "docs/flashing.md"), "utf8");

test("the troubleshooting table is that of the messages", () => {
  const [, shown] = /<!-- failures -->\n([^]*?)\n\n?<!-- \/failures -->/.exec(text) ?? [];
  assert.is(shown?.trim(), failuresTable(), "put the text of failuresTable() (tools/flash/failures-doc.ts) between the marks");
});

test("every exit code of a message is explained, and no other", () => {
  const explained = [...text.matchAll(/^\| (\d+) \| [^`]/gm)].map(([, code]) => Number(code)).sort((a, b) => a - b);
  const known = [...new Set(Object.values(FAILURES).map(({ exit }) => exit as number))].sort((a, b) => a - b);
  assert.equal(explained, [0, ...known]);
});

test("options that the guide names are those of the command", () => {
  const main = readFileSync(join(root, "tools/main.ts"), "utf8");
  const command = main.slice(main.indexOf(".command(\"flash"), main.indexOf(".command(\"console"));
  const has = [...command.matchAll(/\.option\("(?:-\w, )?(--[\w-]+)/g)].map(([, name]) => name!);
  const table = text.slice(text.indexOf("| option |"), text.indexOf("Instead of a board file"));
  for (const [, name] of table.matchAll(/`(--[\w-]+)/g)) assert.ok(has.includes(name!), `${name} is no option`);
  for (const name of has.filter((each) => each !== "--out")) assert.ok(table.includes(name), `${name} is not explained`);
});

test.run();
