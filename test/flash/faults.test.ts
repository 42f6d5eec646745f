/** Flashing over cables that lose, double and alter bytes, and that are pulled; boards that fail in the middle. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { entriesOf, LOG } from "../../tools/flash/protocol/espruino-loader.ts";
import type { EspruinoJob } from "../../tools/flash/protocol/espruino.ts";
import type { Limits } from "../../tools/flash/protocol/transport.ts";
import { Failure } from "../../tools/flash/protocol/failure.ts";
import { createBoard, failureOf, firmwareOf, type TestBoard } from "./board.ts";

const OLD = "motelet old";
const NEW = "motelet new";
const job: Partial<EspruinoJob> = { banner: NEW, firmware: firmwareOf("new", 300), chunkBytes: 128 };
/** The banner is waited for without a long settling. */
const quick: Partial<Limits> = { settleMs: 200 };

/** A board that runs a firmware that was flashed before; flashed once, for all. */
let before: Map<string, string> | undefined;
async function flashed(options: Parameters<typeof createBoard>[0] = {}): Promise<TestBoard> {
  if (before === undefined) {
    const first = createBoard();
    await first.bench.engine.start();
    await first.flash({ ...job, banner: OLD, firmware: firmwareOf("old", 200) }, quick);
    const { storage } = first.bench.engine;
    before = new Map(storage.list().map((name) => [name, storage.read(name)!]));
    await first.close();
  }
  const board = createBoard(options);
  for (const [name, data] of before) board.bench.engine.storage.write(name, data, 0, data.length);
  await board.bench.engine.start();
  return board;
}
/** What the board runs after its power was off, twice. */
async function runs(board: TestBoard): Promise<string[]> {
  board.bench.lines.length = 0;
  await board.powerCycle();
  await board.powerCycle();
  return board.boots();
}

const altered = (byte: string): string => String.fromCharCode(byte.charCodeAt(0) ^ 0x04);
const FAULTS: Record<string, (byte: string) => string> = {
  lost: () => "", doubled: (byte) => byte + byte, altered,
};
/** How many bytes pass in each direction. */
async function countBytes(): Promise<{ board: number; host: number }> {
  const board = await flashed();
  await board.flash(job, quick);
  await board.close();
  return { ...board.passed };
}

const STEP = Number(process.env["FLASH_STEP"] ?? 0);

// Of each flash a byte is damaged in every `gap`, which is longer than what one attempt of a command takes; from one
// flash to the next all of them move on by `step`.
for (const [to, step, gap] of [["board", STEP || 97, 1499], ["host", STEP || 17, 97]] as const) {
  for (const [name, fault] of Object.entries(FAULTS)) {
    test(`bytes to the ${to} that are ${name}, wherever they are, do not keep the firmware from arriving`, async () => {
      const total = (await countBytes())[to];
      for (let at = Object.keys(FAULTS).indexOf(name) * 7; at < gap; at += step) {
        const board = await flashed();
        let faults = 0;
        try {
          board.cable = (byte, position, direction) => {
            if (direction !== to || position % gap !== at) return byte;
            faults++;
            return fault(byte);
          };
          await board.flash(job, quick);
          assert.ok(faults >= Math.floor(total / gap), `${faults} faults`);
          assert.equal(board.boots().slice(-1), [NEW]);
          assert.is(board.bench.engine.storage.read("motelet.b"), job.firmware);
          assert.is(entriesOf(board.bench.engine.storage.read(LOG)!).at(-1), "B");
        } catch (error) {
          throw new Error(`byte ${at} of each ${gap}: ${(error as Error).message}`);
        } finally {
          await board.close();
        }
      }
    });
  }
}

/** Runs `use` with a board that was flashed, at some of the bytes that a flash sends to it. */
async function atBytes(count: number, use: (board: TestBoard, at: number) => Promise<void>): Promise<void> {
  const total = (await countBytes()).board;
  for (let round = 0; round < count; round++) {
    const at = Math.floor(((round + 0.5) * total) / count);
    const board = await flashed();
    try {
      await use(board, at);
    } catch (error) {
      throw new Error(`byte ${at} of ${total}: ${(error as Error).message}`);
    } finally {
      await board.close();
    }
  }
}
/** The cable does something when that byte passes. */
const when = (board: TestBoard, at: number, act: () => void): void => {
  board.cable = (byte, position, to) => {
    if (to === "board" && position === at) act();
    return byte;
  };
};

for (const isPowered of [true, false]) {
  test(`a cable that is pulled is told at every stage, and the previous firmware runs ${isPowered ? "" : "when the power is back"}`,
    () => atBytes(24, async (board, at) => {
      when(board, at, () => {
        board.pull();
        if (!isPowered) void board.bench.engine.stop();
      });
      const failure = await failureOf(board.flash(job, quick));
      const isConfirmed = entriesOf(board.bench.engine.storage.read(LOG)!).at(-1) === "B";
      const [, second] = await runs(board);
      if (failure.code === "closed") {
        assert.is(failure.exit, 5);
        assert.match(failure.message, /the connection has ended \(.+\): the cable was pulled/);
        assert.ok(["untouched", "previous"].includes(failure.board), failure.board);
        assert.is(second, OLD);
      } else if (failure.code === "closed-switching") {
        assert.is(failure.exit, 7);
        assert.is(failure.board, "trial");
        assert.is(second, OLD);
      } else {
        assert.is(failure.code, "unconfirmed");
        assert.is(second, isConfirmed ? NEW : OLD);
      }
    }));
}

test("a chip that restarts once in the middle is stopped again, and the upload goes on", () => atBytes(20, async (board, at) => {
  when(board, at, () => board.brownOut());
  try {
    await board.flash(job, quick);
  } catch (error) {
    // A restart while the new firmware is on trial is what that must not do.
    if (!(error instanceof Failure) || error.board !== "previous") throw error;
    assert.equal(await runs(board), [OLD, OLD]);
    assert.is(error.exit, 6);
    return;
  }
  assert.equal(await runs(board), [NEW, NEW]);
}));

test("a chip that restarts again and again ends the upload, and runs its previous firmware", async () => {
  const board = await flashed();
  let next = 7000;
  board.cable = (byte, position, to) => {
    if (to === "board" && position > next) {
      next = position + 7000;
      board.brownOut();
    }
    return byte;
  };
  const failure = await failureOf(board.flash({ ...job, firmware: firmwareOf("new", 3000) }, quick));
  assert.is(failure.code, "restarts");
  assert.is(failure.exit, 5);
  assert.is(failure.board, "previous");
  assert.equal(await runs(board), [OLD, OLD]);
  await board.close();
});

const impatient = { ...quick, connectMs: 3000, replyMs: 200, bootMs: 3000, attempts: 2 };
/** What was on the board before, and how it is flashed. */
const BEFORE: Record<string, () => Promise<TestBoard>> = {
  slots: () => flashed(),
  "boot code of another tool": async () => {
    const board = createBoard();
    board.bench.engine.storage.write(".bootcde", firmwareOf("old", 200), 0, 0);
    await board.bench.engine.start();
    return board;
  },
  "boot code that always runs": async () => {
    const board = createBoard();
    board.bench.engine.storage.write(".bootrst", firmwareOf("old", 200), 0, 0);
    await board.bench.engine.start();
    return board;
  },
};
for (const mode of ["storage", "bootcode"] as const) {
  for (const [name, make] of Object.entries(BEFORE)) {
    test(`${mode} over ${name}: power that fails in any write to the flash leaves a board that runs`, async () => {
      for (let write = 1; ; write++) {
        const board = await make();
        const { storage } = board.bench.engine;
        storage.failAfter(write);
        let failure: Failure | undefined;
        await board.flash({ ...job, mode }, impatient).catch((error) => {
          if (!(error instanceof Failure)) throw error;
          failure = error;
        });
        storage.failAfter(0);
        const starts = await runs(board);
        await board.close();
        if (failure === undefined) {
          assert.equal(starts, [NEW, NEW]);
          assert.ok(write > 6, `${write} writes`);
          return;
        }
        const told = `write ${write}: ${failure.code}, ${failure.board}, then ${starts.join(", ")}`;
        assert.ok(starts.every((start) => start === OLD || start === NEW) && starts.length >= 2, told);
        if (failure.board === "previous" || failure.board === "untouched") assert.equal(starts, [OLD, OLD], told);
        if (failure.board === "trial") assert.is(starts[1], OLD, told);
      }
    });
  }
}

test.run();
