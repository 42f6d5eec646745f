/**
 * Every board that is built for NodeMCU, by each version's own compiler, and what typescript-to-lua's library adds to
 * it. `buildBoard` of test/node asks `luac` of each bundle that any test makes, too.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { LuaVersion } from "../../tools/board/types.ts";
import { loadDrivers } from "../../tools/board/drivers.ts";
import { generate } from "../../tools/build/generate.ts";
import { joinModules } from "../../tools/build/lua/join.ts";
import { platformFile } from "../../tools/build/lua/needs.ts";
import { transpile, transpileAnew } from "../../tools/build/lua/transpile.ts";
import { root } from "../../tools/build/root.ts";
import { load } from "../board/helper.ts";
import { hasLuac, luacProblem } from "../luac.ts";
import { buildBoard } from "../node/board.ts";

const VERSIONS: LuaVersion[] = ["5.1", "5.3"];
const BOARDS = readdirSync(join(root, "boards")).filter((file) => file.endsWith(".json"))
  .filter((file) => (JSON.parse(readFileSync(join(root, "boards", file), "utf8")) as { target?: string }).target === "nodemcu");

for (const version of VERSIONS) {
  const on = hasLuac(version) ? test : test.skip;
  for (const file of BOARDS) {
    on(`luac${version} takes ${file}`, async () => {
      // It throws what luac says.
      const { manifest } = await buildBoard({ extends: join(root, "boards", file), nodemcu: { lua: version } });
      assert.is(manifest.lua!.version, version);
    });
  }

  on(`luac${version} takes no other language`, () => {
    assert.is(luacProblem(version, Buffer.from("local a <const> = 1")).startsWith(`luac${version}: `), true);
    assert.is(luacProblem(version, Buffer.from("return 7 // 2")) === "", version === "5.3");
  });
}

/** Functions of typescript-to-lua's library in some Lua: all that are there, and those that nothing calls. */
const libraryOf = (code: string): { there: string[]; unused: string[] } => {
  const there = [...new Set([...code.matchAll(/^\s*local (?:function )?(__TS__\w+)/gm)].map(([, name]) => name!))];
  // Its own definition, and what it says to itself, are no use of it.
  const body = (name: string): string => new RegExp(`^local function ${name}\\b[^]*?^end$`, "m").exec(code)?.[0] ?? "";
  const unused = there.filter((name) => !new RegExp(`\\b${name}\\b`)
    .test(code.replace(body(name), "").replace(new RegExp(`^\\s*local (?:function )?${name}\\b`, "gm"), "")));
  return { there, unused };
};

for (const version of VERSIONS) {
  for (const file of BOARDS) {
    test(`Lua ${version}: ${file} has nothing of typescript-to-lua's library that it does not use`, async () => {
      const board = { extends: join(root, "boards", file), nodemcu: { lua: version } };
      const { board: loaded } = await load(board);
      const metas = Object.fromEntries(await loadDrivers());
      const { text } = joinModules(generate(loaded!, metas), { root, platform: platformFile(loaded!.hardware.chip) });
      const { code } = transpile(text, version);
      assert.ok(code.length > 10_000);
      assert.equal(libraryOf(code).unused, []);
      // Neither is the whole of it asked for.
      assert.not.match(code, /lualib_bundle|____lualib/);
      assert.ok(libraryOf(code).there.length < 10, libraryOf(code).there.join(" "));
    });
  }

  test(`Lua ${version}: a program that needs a function of the library gets that one, and what it calls`, () => {
    const { code } = transpileAnew("export const f = (list: number[], x: number): number[] => list.concat([x]);\n", version);
    assert.equal(libraryOf(code), { there: ["__TS__ArrayIsArray", "__TS__ArrayConcat"], unused: [] });
    assert.equal(libraryOf(`local function __TS__New() return __TS__New() end\n${code}`).unused, ["__TS__New"]);
  });

  test(`Lua ${version}: the same text gives the same Lua, and what is kept of it is that`, () => {
    const text = "export const f = (x: number): string => (x > 1 ? \"a\" : \"b\") + x;\n";
    const first = transpileAnew(text, version);
    for (const again of [transpileAnew, transpile, transpile]) assert.equal(again(text, version), first);
  });
}

test("there are boards for both chips", () => {
  const chips = BOARDS.map((file) => (JSON.parse(readFileSync(join(root, "boards", file), "utf8")) as { hardware: string }).hardware);
  assert.ok(chips.some((chip) => chip.startsWith("esp8266")) && chips.some((chip) => chip.startsWith("esp32")), chips.join());
});

test.run();
