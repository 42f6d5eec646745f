/**
 * Every board that is built for NodeMCU, by each version's own compiler. `buildBoard` of test/node asks it of each
 * bundle that any test makes, too.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { LuaVersion } from "../../tools/board/types.ts";
import { root } from "../../tools/build/root.ts";
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

test("there are boards for both chips", () => {
  const chips = BOARDS.map((file) => (JSON.parse(readFileSync(join(root, "boards", file), "utf8")) as { hardware: string }).hardware);
  assert.ok(chips.some((chip) => chip.startsWith("esp8266")) && chips.some((chip) => chip.startsWith("esp32")), chips.join());
});

test.run();
