/** Flashing NodeMCU: commands that check themselves, slots, and everything that can go wrong on the way. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findLuaReply, luaLine, luaString, luaSum, sumText } from "../../tools/flash/protocol/nodemcu-command.ts";
import { confirmedOf, decisionsOf } from "../../tools/flash/protocol/nodemcu-loader.ts";
import { Failure } from "../../tools/flash/protocol/failure.ts";
import type { NodemcuJob } from "../../tools/flash/protocol/nodemcu.ts";
import { failureOf } from "./board.ts";
import { createNodemcu, nodeOf, type NodemcuBoard } from "./nodemcu-board.ts";

const OLD = "motelet old";
const NEW = "motelet new";
const job: Partial<NodemcuJob> = { banner: NEW, files: nodeOf("new", 200) };
const quick = { settleMs: 200 };
const impatient = { ...quick, connectMs: 4000, replyMs: 300, bootMs: 3000, attempts: 3 };

type Files = Record<string, Uint8Array>;
/** The files of a board that was flashed before; flashed once, for all. */
let before: Files | undefined;
const filesOf = (board: NodemcuBoard): Files =>
  Object.fromEntries([...board.bench.engine.files].map(([name, data]) => [name, Buffer.from(data, "latin1")]));
async function flashed(options: Parameters<typeof createNodemcu>[0] = {}): Promise<NodemcuBoard> {
  if (before === undefined) {
    const first = createNodemcu(options);
    await first.bench.engine.start();
    await first.flash({ banner: OLD, files: nodeOf("old", 50) }, quick);
    before = filesOf(first);
    await first.close();
  }
  return start(before, options);
}
async function start(files: Files, options: Parameters<typeof createNodemcu>[0] = {}): Promise<NodemcuBoard> {
  const board = createNodemcu(options);
  await board.bench.engine.start(files);
  return board;
}
/** What the board runs after its power was off, twice. */
async function runs(board: NodemcuBoard): Promise<string[]> {
  board.bench.lines.length = 0;
  await board.powerCycle();
  await board.powerCycle();
  return board.boots();
}
const withBoard = async (made: Promise<NodemcuBoard>, use: (board: NodemcuBoard) => Promise<void>): Promise<void> => {
  const board = await made;
  try {
    await use(board);
  } finally {
    await board.close();
  }
};

test("sums tell every single change, and go on where they ended", () => {
  const text = "return _W('b.firmware.lua',123,...)";
  for (let at = 0; at < text.length; at++) {
    for (const other of [text.slice(0, at) + text.slice(at + 1), text.slice(0, at) + text[at]! + text.slice(at),
      `${text.slice(0, at)}\x01${text.slice(at + 1)}`]) {
      if (other !== text) assert.is.not(sumText(luaSum(other)), sumText(luaSum(text)));
    }
  }
  assert.equal(luaSum("cd", luaSum("ab")), luaSum("abcd"));
  assert.is(luaString("a\"\\\n\x00\xff"), "\"a\\034\\092\\010\\000\\255\"");
});

test("a reply is taken only whole, with its number", () => {
  const reply = (text: string): string => `\x1e${sumText(luaSum(text))} ${text}\x1f`;
  assert.equal(findLuaReply(`> ${luaLine(3, "x", "")}${reply("3=true")}`, 3), { value: "true" });
  assert.is(findLuaReply(reply("2=true"), 3), undefined);
  assert.is(findLuaReply(reply("3=true").replace("true", "tru"), 3), "again");
  assert.is(findLuaReply("stdin:1: attempt to call global '_m' (a nil value)", 3), "restarted");
});

test("the log says which slot runs, up to where it was cut off", () => {
  assert.is(decisionsOf("OatA\x00B"), "OatA");
  assert.is(confirmedOf("AstbtBst"), "B");
  assert.is(confirmedOf("at"), undefined);
});

for (const [chip, lua] of [["ESP8266", "5.1"], ["ESP32", "5.1"], ["ESP32", "5.3"]] as const) {
  test(`${chip}, Lua ${lua}: flashed twice, compiled, and each start runs the latest`, () =>
    withBoard(start({}, { chip, lua }), async (board) => {
      const first = await board.flash({ banner: OLD, files: nodeOf("old", 3000) }, quick);
      assert.is(first.file, "a");
      assert.is(first.previous, false);
      assert.equal(await runs(board), [OLD, OLD]);
      const second = await board.flash(job, quick);
      assert.is(second.file, "b");
      assert.is(second.previous, true);
      assert.equal(await runs(board), [NEW, NEW]);
      const { files } = board.bench.engine;
      assert.ok(files.get("b.firmware.lc")!.startsWith("\x1bLua"));
      assert.not.ok(files.has("b.firmware.lua"));
    }));
}

test("a program of somebody else's is kept, and comes back when the node is no good", () =>
  withBoard(start({ "init.lua": Buffer.from("print('motelet other')") }), async (board) => {
    const bad = await failureOf(board.flash({ banner: NEW, files: nodeOf("new", 0, "error('no sensor')") }, quick));
    assert.is(bad.code, "boot-error");
    assert.match(bad.message, /no sensor/);
    assert.is(bad.exit, 6);
    assert.is(bad.board, "previous");
    assert.equal(await runs(board), ["motelet other", "motelet other"]);
    await board.flash(job, quick);
    assert.equal(await runs(board), [NEW, NEW]);
  }));

test("a node that says nothing, or restarts again and again, is taken back", () => withBoard(flashed(), async (board) => {
  const silent = await failureOf(board.flash({ ...job, files: nodeOf("new", 0, "x = 1") }, impatient));
  assert.is(silent.code, "boot-silent");
  assert.is(silent.board, "previous");
  assert.equal(await runs(board), [OLD, OLD]);
  const loop = "print('motelet new') tmr.create():alarm(900, tmr.ALARM_SINGLE, node.restart)";
  const undone = await failureOf(board.flash({ ...job, files: nodeOf("new", 0, loop) }, { settleMs: 3000 }));
  assert.is(undone.code, "boot-undone");
  assert.is(undone.board, "previous");
  assert.equal(await runs(board), [OLD, OLD]);
}));

test("another chip, another Lua and missing modules are refused before anything is changed", async () => {
  const refuse = async (options: Parameters<typeof createNodemcu>[0], expected: object): Promise<Failure> => {
    const board = await start({}, options);
    const normal = { chip: "esp32" as const, lua: "5.1", modules: ["file", "tmr"], hardware: "ESP32 DevKit" };
    const failure = await failureOf(board.flash({ expected: { ...normal, ...expected } }));
    assert.is(board.bench.engine.files.size, 0);
    await board.close();
    return failure;
  };
  assert.is((await refuse({ chip: "ESP8266" }, {})).message, "the board is esp8266, and the board file is for ESP32 DevKit (esp32)");
  const lua = await refuse({ lua: "5.3" }, {});
  assert.is(lua.message, "the firmware of the board lacks what is needed: Lua 5.1 (it has Lua 5.3)");
  assert.is(lua.exit, 4);
  assert.match((await refuse({ modules: ["file", "node", "tmr"] }, { modules: ["tmr", "i2c", "ow"] })).message, /the modules i2c, ow$/);
});

test("a file system that is too full is told, and stays as it is", () => withBoard(flashed(), async (board) => {
  board.bench.engine.files.set("diary", "x".repeat(1024 * 1024 - 9000));
  const failure = await failureOf(board.flash(job, quick));
  assert.is(failure.code, "full");
  assert.is(failure.board, "previous");
  assert.equal(await runs(board), [OLD, OLD]);
}));

test("a log that is full begins anew, and a start in the middle of that takes the new one", async () => {
  await withBoard(flashed(), async (board) => {
    const { files } = board.bench.engine;
    files.set("motelet.ab", `atA${"btBatA".repeat(33)}`);
    await board.flash(job, quick);
    assert.is(files.get("motelet.ab"), "AbtB");
    assert.equal(await runs(board), [NEW, NEW]);
  });
  const { "motelet.ab": _, ...others } = before!;
  await withBoard(start({ ...others, "motelet.new": Buffer.from("A") }), async (board) => {
    assert.equal(await runs(board), [OLD, OLD]);
    assert.is(board.bench.engine.files.get("motelet.ab"), "A");
  });
});

test("noise before the prompt, a half typed line and 9600 baud do no harm", () => withBoard(flashed({ baud: 9600 }), async (board) => {
  board.bench.engine.input!("\x00\xfefor i=1,2 do x = [[ open");
  await board.flash(job, quick);
  assert.equal(board.boots().slice(-1), [NEW]);
}));

/** How many bytes pass in each direction. */
let total: { board: number; host: number } | undefined;
async function countBytes(): Promise<{ board: number; host: number }> {
  if (total === undefined) {
    await withBoard(flashed(), async (board) => {
      await board.flash(job, quick);
      total = { ...board.passed };
    });
  }
  return total!;
}
const FAULTS: Record<string, (byte: string) => string> = {
  lost: () => "", doubled: (byte) => byte + byte, altered: (byte) => String.fromCharCode(byte.charCodeAt(0) ^ 0x04),
};
const STEP = Number(process.env["FLASH_STEP"] ?? 0);
// Of each flash a byte is damaged in every `gap`; from one flash to the next all of them move on by `step`.
for (const [to, step, gap] of [["board", STEP || 503, 3001], ["host", STEP || 997, 5003]] as const) {
  test(`bytes to the ${to} that are lost, doubled or altered do not keep the firmware from arriving`, async () => {
    for (const [nth, [name, fault]] of Object.entries(FAULTS).entries()) {
      for (let at = nth * 70; at < gap; at += step) {
        await withBoard(flashed(), async (board) => {
          let faults = 0;
          board.cable = (byte, position, direction) => {
            if (direction !== to || position % gap !== at) return byte;
            faults++;
            return fault(byte);
          };
          await board.flash(job, quick).catch((error: Error) => {
            throw new Error(`byte ${at} of each ${gap} ${name}: ${error.message}`);
          });
          assert.ok(faults >= 2, String(faults));
          assert.equal(board.boots().slice(-1), [NEW], `byte ${at} of each ${gap} ${name}`);
        });
      }
    }
  });
}

/** Runs `use` on a flashed board, at some of the bytes that a flash sends to it. */
async function atBytes(
  count: number, act: (board: NodemcuBoard) => void, use: (board: NodemcuBoard) => Promise<void>,
): Promise<void> {
  const most = (await countBytes()).board;
  for (let round = 0; round < count; round++) {
    const at = Math.floor(((round + 0.5) * most) / count);
    await withBoard(flashed(), async (board) => {
      board.cable = (byte, position, to) => {
        if (to === "board" && position === at) act(board);
        return byte;
      };
      await use(board).catch((error: Error) => {
        throw new Error(`byte ${at} of ${most}: ${error.message}`);
      });
    });
  }
}

test("a cable that is pulled is told at every stage, and the board runs its previous firmware", () =>
  atBytes(12, (board) => board.pull(), async (board) => {
    const failure = await failureOf(board.flash(job, quick));
    assert.ok(["closed", "closed-switching", "unconfirmed"].includes(failure.code), failure.code);
    assert.is(failure.exit, failure.code === "closed" ? 5 : 7);
    const isConfirmed = confirmedOf(board.bench.engine.files.get("motelet.ab")!) === "B";
    const starts = await runs(board);
    if (failure.code === "closed") assert.equal(starts, [OLD, OLD]);
    else assert.is(starts[1], isConfirmed ? NEW : OLD);
    if (failure.code !== "unconfirmed") assert.not.ok(isConfirmed);
  }));

test("a chip that restarts in the middle is stopped again, and the upload goes on", () =>
  atBytes(10, (board) => board.brownOut(), async (board) => {
    try {
      await board.flash(job, quick);
    } catch (error) {
      // A restart while the new firmware is on trial is what that must not do.
      if (!(error instanceof Failure) || error.board !== "previous") throw error;
      assert.is(error.exit, 6);
      assert.equal(await runs(board), [OLD, OLD]);
      return;
    }
    assert.equal(await runs(board), [NEW, NEW]);
  }));

test("power that fails in any write to the flash leaves a board that runs", async () => {
  let most = 0;
  await withBoard(flashed(), async (board) => {
    const { done } = board.bench.flash;
    await board.flash(job, quick);
    most = board.bench.flash.done - done;
  });
  assert.ok(most > 200, String(most));
  for (let round = 0; round < 12; round++) {
    const after = Math.floor((round * most) / 12);
    await withBoard(flashed(), async (board) => {
      board.bench.flash.failAfter(after);
      const failure = await failureOf(board.flash(job, impatient));
      board.bench.flash.failAfter(Infinity);
      const [first, second] = await runs(board);
      const told = `after ${after} of ${most}: ${failure.code}, ${failure.board}, then ${first}, ${second}`;
      assert.ok(first === OLD || first === NEW, told);
      assert.ok(second === OLD || second === NEW, told);
      if (failure.board === "previous" || failure.board === "untouched") assert.is(second, OLD, told);
    });
  }
});

test.run();
