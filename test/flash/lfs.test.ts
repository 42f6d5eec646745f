/** NodeMCU whose code is in the flash store of Lua: the image is brought, taken over, and goes back as the rest. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { withLfsImage } from "../../tools/flash/lfs.ts";
import type { FlashSettings } from "../../tools/flash/config.ts";
import type { Program } from "../../tools/flash/program.ts";
import type { Failure } from "../../tools/flash/protocol/failure.ts";
import type { NodemcuJob } from "../../tools/flash/protocol/nodemcu.ts";
import { failureOf } from "./board.ts";
import { createNodemcu, type NodemcuBoard } from "./nodemcu-board.ts";

const OLD = "motelet old";
const NEW = "motelet new";
const quick = { settleMs: 200, bootMs: 4000 };
const impatient = { ...quick, connectMs: 4000, replyMs: 300, attempts: 3 };

/** An image as the simulation has it: when it was made, and its Lua. */
const imageOf = (time: number, source: string): string => `LFS ${time} firmware\n${source}`;
const job = (name: string, time: number, source = `print("motelet ${name}")`): Partial<NodemcuJob> => ({
  banner: `motelet ${name}`,
  files: [
    { name: "init.lua", data: "local run = assert(node.LFS.get('firmware') or loadfile('firmware.lua')) run()" },
    { name: "firmware.img", data: imageOf(time, source) },
  ],
});

/** A board that runs an old firmware from its store; flashed once, for all. */
let before: Record<string, Uint8Array> | undefined;
async function withFlashed(use: (board: NodemcuBoard) => Promise<void>): Promise<void> {
  const board = createNodemcu({ chip: "ESP8266" });
  try {
    await board.bench.engine.start(before ?? {});
    if (before === undefined) {
      await board.flash(job("old", 1000), quick);
      before = Object.fromEntries([...board.bench.engine.files].map(([name, data]) => [name, Buffer.from(data, "latin1")]));
    } else {
      // The store is not among the files: the first start takes the image over.
      await board.bench.pass(4000);
      assert.equal(board.boots(), [OLD]);
    }
    await use(board);
  } finally {
    await board.close();
  }
}
/** What the board runs after its power was off, twice; an image may have to be taken over. */
async function runs(board: NodemcuBoard): Promise<string[]> {
  board.bench.lines.length = 0;
  for (let times = 0; times < 2; times++) {
    await board.powerCycle();
    await board.bench.pass(6000);
  }
  return board.boots();
}

test("an image is brought, summed, taken over and run, and stays over losses of power; the same one is not taken over again", () =>
  withFlashed(async (board) => {
    const { files } = board.bench.engine;
    assert.equal(await runs(board), [OLD, OLD]);
    const { file, previous } = await board.flash(job("new", 2000), quick);
    assert.equal([file, previous], ["b", true]);
    assert.is(files.get("b.lfs"), "=2000");
    assert.equal(await runs(board), [NEW, NEW]);
    board.bench.resets.length = 0;
    await board.flash(job("new", 2000), quick);
    assert.is(files.get("a.lfs"), "=2000");
    assert.is(board.bench.resets.length, 2, "a start that runs nothing, and the one that runs");
  }));

test("a node that is no good goes back, and its predecessor's image with it", () => withFlashed(async (board) => {
  const failure = await failureOf(board.flash(job("new", 2000, "error('no sensor')"), quick));
  assert.is(failure.code, "boot-error");
  assert.is(failure.board, "previous");
  assert.equal(await runs(board), [OLD, OLD]);
}));

test("an image that the firmware cannot read leaves a silent chip, which runs its previous firmware when it is reset", () =>
  withFlashed(async (board) => {
    const bad = job("new", 2000);
    bad.files![1]!.data = "of another firmware";
    const failure = await failureOf(board.flash(bad, impatient));
    assert.is(failure.exit, 7);
    assert.is(failure.code, "rollback-failed");
    assert.match(failure.advice, /switch it off and on/);
    assert.equal(await runs(board), [OLD, OLD]);
  }));

test("power that fails in any write, to the store too, leaves a board that runs", async () => {
  let most = 0;
  await withFlashed(async (board) => {
    const { done } = board.bench.flash;
    await board.flash(job("new", 2000), quick);
    most = board.bench.flash.done - done;
  });
  for (let round = 0; round < 10; round++) {
    // Most of them where the image is written and taken over.
    const after = Math.floor(most - ((10 - round) * most) / 25);
    await withFlashed(async (board) => {
      board.bench.flash.failAfter(after);
      const failure: Failure | undefined = await board.flash(job("new", 2000), impatient).then(() => undefined, (error: Failure) => error);
      board.bench.flash.failAfter(Infinity);
      const [first, second] = await runs(board);
      const told = `after ${after} of ${most}: ${failure?.code}, ${failure?.board}, then ${first}, ${second}`;
      assert.ok(first === OLD || first === NEW, told);
      assert.ok(second === OLD || second === NEW, told);
      if (failure?.board === "previous" || failure?.board === "untouched") assert.is(second, OLD, told);
    });
  }
});

test("the image is that of --lfs, or made by the luac.cross of the configuration; without either it is said what to do", async () => {
  const folder = mkdtempSync(join(tmpdir(), "motelet-lfs-test-"));
  const luac = join(folder, "luac.cross");
  writeFileSync(luac, `#!${process.execPath}
    const [f, o, image, source] = process.argv.slice(2);
    if (f !== "-f" || o !== "-o") process.exit(2);
    const text = require("fs").readFileSync(source, "latin1");
    if (text === "bad") { console.error("firmware.lua:1: syntax error"); process.exit(1); }
    require("fs").writeFileSync(image, "LFS 7 firmware\\n" + text);`.replace("\\\\", "\\"));
  chmodSync(luac, 0o755);
  const program = (text: string): Program => ({
    manifest: { name: "cellar", lua: { flashed: ["firmware.lua"] } },
    files: [{ name: "init.lua", bytes: Buffer.from("--") }, { name: "firmware.lua", bytes: Buffer.from(text) }],
  }) as unknown as Program;
  const settings = { folder, nodemcu: { luac } } as FlashSettings;
  try {
    const made = await withLfsImage(program("x = 1"), settings);
    assert.equal(made.files.map(({ name }) => name), ["init.lua", "firmware.img"]);
    assert.is(made.files[1]!.bytes.toString(), "LFS 7 firmware\nx = 1");
    const given = await withLfsImage(program("x = 1"), settings, luac);
    assert.match(given.files[1]!.bytes.toString(), /^#!/);
    assert.match((await failureOf(withLfsImage(program("bad"), settings))).message, /luac\.cross has made no image: firmware\.lua:1: syntax error$/);
    assert.is((await failureOf(withLfsImage(program("x"), settings, join(folder, "none")))).code, "image-missing");
    const refused = await failureOf(withLfsImage(program("x"), { ...settings, nodemcu: undefined }));
    assert.is(refused.code, "lfs");
    assert.match(refused.advice, /nodemcu\.upload\.luac.*--luac, .*--lfs; .* --luac simulator\/luac\.js$/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
