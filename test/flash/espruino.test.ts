/** Flashing a simulated Espruino board on a good cable: what is on it afterwards. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { EspruinoJob } from "../../tools/flash/protocol/espruino.ts";
import { LOADER, LOG } from "../../tools/flash/protocol/espruino-loader.ts";
import type { Progress } from "../../tools/flash/protocol/transport.ts";
import { createBoard, failureOf, firmwareOf, type TestBoard } from "./board.ts";

const withBoard = async (
  use: (board: TestBoard) => Promise<void>, options: Parameters<typeof createBoard>[0] = {}, program?: string,
): Promise<void> => {
  const board = createBoard(options);
  try {
    await board.bench.engine.start(program === undefined ? undefined : Buffer.from(program, "latin1"));
    await board.bench.pass(500);
    await use(board);
  } finally {
    await board.close();
  }
};
const job = (name: string, bytes = 0, atBoot?: string): Partial<EspruinoJob> =>
  ({ banner: `motelet ${name}`, firmware: firmwareOf(name, bytes, atBoot) });
/** What the board says at its next starts. */
const nextStarts = async (board: TestBoard, count: number): Promise<string[]> => {
  const before = board.boots().length;
  for (let i = 0; i < count; i++) await board.powerCycle();
  return board.boots().slice(before);
};
const log = (board: TestBoard): string => board.bench.engine.storage.read(LOG)!.replaceAll(/(.)\1{3}/g, "$1").replaceAll("\xff", "");

for (const mode of ["storage", "bootcode"] as const) {
  test(`${mode}: an empty board runs the node after it was flashed, and after every power cycle`, () => withBoard(async (board) => {
    const result = await board.flash({ ...job("one", 2000), mode });
    assert.is(result.bytes, 2000);
    assert.is(result.previous, false);
    assert.is(result.board.board, "ESP32");
    assert.equal(board.boots(), ["motelet one"]);
    assert.equal(await nextStarts(board, 3), Array(3).fill("motelet one"));
  }));

  test(`${mode}: a second firmware takes the place of the first, a third that of the second`, () => withBoard(async (board) => {
    await board.flash({ ...job("one", 900), mode });
    const second = await board.flash({ ...job("two", 1500), mode });
    assert.is(second.previous, true);
    assert.equal(await nextStarts(board, 2), ["motelet two", "motelet two"]);
    await board.flash({ ...job("three", 700), mode });
    assert.equal(await nextStarts(board, 2), ["motelet three", "motelet three"]);
  }));

  test(`${mode}: what another tool had put there runs until then, and comes back when the new firmware does not boot`, () =>
    withBoard(async (board) => {
      assert.equal(board.boots(), ["motelet foreign"]);
      const failure = await failureOf(board.flash({ ...job("one", 900, "nosuch.thing()"), mode }));
      assert.is(failure.code, "boot-error");
      assert.match(failure.message, /nosuch is not defined/);
      assert.is(failure.board, "previous");
      assert.equal(await nextStarts(board, 2), ["motelet foreign", "motelet foreign"]);
      await board.flash({ ...job("one", 900), mode });
      assert.equal(await nextStarts(board, 2), ["motelet one", "motelet one"]);
    }, {}, firmwareOf("foreign", 400)));

  test(`${mode}: boot code that another tool had made to run always is replaced, and comes back`, () => withBoard(async (board) => {
    board.bench.engine.storage.write(".bootrst", firmwareOf("always"), 0, 0);
    assert.equal(await nextStarts(board, 1), ["motelet always"]);
    assert.is((await failureOf(board.flash({ ...job("one", 900, "0"), mode }, { bootMs: 3000 }))).code, "boot-silent");
    assert.equal(await nextStarts(board, 1), ["motelet always"]);
    await board.flash({ ...job("one"), mode });
    assert.equal(await nextStarts(board, 2), ["motelet one", "motelet one"]);
  }));

  test(`${mode}: a firmware that never says its name, or restarts again and again, is taken back`, () => withBoard(async (board) => {
    await board.flash({ ...job("one"), mode });
    const silent = await failureOf(board.flash({ ...job("two", 0, "print('motelet twenty')"), mode }, { bootMs: 5000 }));
    assert.is(silent.code, "boot-silent");
    assert.is(silent.exit, 6);
    assert.is(silent.board, "previous");
    assert.equal(await nextStarts(board, 2), ["motelet one", "motelet one"]);
    const loop = await failureOf(board.flash({
      ...job("two", 0, "print('motelet two');setTimeout(function(){E.reboot()},800)"), mode,
    }));
    // With slots the second start already is that of the previous firmware.
    assert.is(loop.code, mode === "storage" ? "boot-undone" : "boot-loop");
    assert.is(loop.board, "previous");
    assert.equal(await nextStarts(board, 2), ["motelet one", "motelet one"]);
  }));

  test(`${mode}: nothing comes back on a board that had nothing`, () => withBoard(async (board) => {
    const failure = await failureOf(board.flash({ ...job("one", 0, "nosuch()"), mode }));
    assert.is(failure.board, "none");
    assert.equal(await nextStarts(board, 2), []);
    assert.is(board.bench.engine.storage.read(".bootcde"), undefined);
    await board.flash({ ...job("one"), mode });
  }));
}

test("the log of the slots begins anew when it is full", () => withBoard(async (board) => {
  for (let i = 0; i < 24; i++) await board.flash(job(`number${i}`), { settleMs: 100 });
  assert.equal(await nextStarts(board, 2), ["motelet number23", "motelet number23"]);
  assert.ok(log(board).length < 20, log(board));
}));

test("a slot that nobody confirmed is left at the second start", () => withBoard(async (board) => {
  await board.flash(job("one"));
  // The reply to the confirmation, and all that comes after it, is lost.
  board.cable = (byte) => byte;
  const failure = await failureOf(board.flash(job("two"), { attempts: 2 }, ({ step }) => {
    if (step === "confirm") board.cable = () => "";
  }));
  assert.is(failure.code, "unconfirmed");
  assert.is(failure.exit, 7);
  assert.is(failure.board, "unsure");
  board.cable = (byte) => byte;
  assert.equal(await nextStarts(board, 2), ["motelet one", "motelet one"]);
  assert.is(log(board), "atAbtA");
  await board.flash(job("two"));
  assert.equal(await nextStarts(board, 1), ["motelet two"]);
}));

test("a dry run asks and changes nothing", () => withBoard(async (board) => {
  const { storage } = board.bench.engine;
  const before = storage.writes;
  const result = await board.flash({ ...job("one"), dryRun: true });
  assert.is(result.file, "motelet.b", "what is there would be kept as slot a");
  assert.is(storage.writes, before);
  assert.equal(board.boots(), ["motelet foreign"], "it did not even restart");
}, {}, firmwareOf("foreign")));

test("an erased board has nothing of before", () => withBoard(async (board) => {
  board.bench.engine.storage.write("notes", "mine", 0, 0);
  await board.flash({ ...job("one"), erase: true });
  assert.equal(board.bench.engine.storage.list().sort(), [".bootcde", "motelet.a", "motelet.ab"]);
}, {}, firmwareOf("foreign")));

test("progress goes from byte to byte up to the last one, and ends", () => withBoard(async (board) => {
  const told: Progress[] = [];
  await board.flash({ ...job("one", 1000), chunkBytes: 300 }, {}, (progress) => void told.push(progress));
  const bytes = told.filter((p) => p.bytes !== undefined);
  assert.equal(bytes.map((p) => p.bytes), [300, 600, 900, 1000]);
  assert.ok(bytes.every((p) => p.total === 1000));
  assert.equal([...new Set(told.map((p) => p.step))],
    ["connect", "check", "stop", "upload", "verify", "switch", "restart", "confirm", "done"]);
}));

test("the loader is one line of code behind its mark, in characters that a command can carry", () => {
  assert.equal(LOADER.split("\n").length, 3);
  assert.ok(LOADER.length < 600, `${LOADER.length} bytes`);
});

test.run();
