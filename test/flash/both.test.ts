/** What ends a flash, on either firmware: the message, the exit code, and the board still runs what it ran before. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { flashEspruino } from "../../tools/flash/protocol/espruino.ts";
import type { Failure } from "../../tools/flash/protocol/failure.ts";
import type { FailureCode } from "../../tools/flash/protocol/failures-table.ts";
import { flashNodemcu } from "../../tools/flash/protocol/nodemcu.ts";
import type { Limits, Progress, Transport } from "../../tools/flash/protocol/transport.ts";
import { answering, createBoard, EXPECTED, failureOf, firmwareOf, type TestBoard } from "./board.ts";
import { createNodemcu, nodeOf, type NodemcuBoard } from "./nodemcu-board.ts";

const OLD = "motelet old";
const NEW = "motelet new";
const limits: Partial<Limits> = { settleMs: 200, connectMs: 3000, replyMs: 300, bootMs: 3000, attempts: 3 };

interface Kind {
  name: "Espruino" | "NodeMCU";
  /** A board that runs `OLD`. */
  make(): Promise<TestBoard | NodemcuBoard>;
  flash(board: TestBoard | NodemcuBoard, onProgress?: (progress: Progress) => void): Promise<unknown>;
  /** Changes a byte of what the upload has written. */
  damage(board: TestBoard | NodemcuBoard): void;
  /** Leaves no room. */
  fill(board: TestBoard | NodemcuBoard): void;
  /** Something that is no board at all. */
  talkTo(transport: Transport, board: TestBoard): Promise<unknown>;
}

const other = (data: string): string => data.slice(0, 9) + String.fromCharCode(data.charCodeAt(9) ^ 1) + data.slice(10);

const KINDS: Kind[] = [
  {
    name: "Espruino",
    async make() {
      const board = createBoard({ storageBytes: 16_384 });
      await board.bench.engine.start();
      await board.flash({ banner: OLD, firmware: firmwareOf("old", 200) }, limits);
      return board;
    },
    flash: (board, onProgress) => (board as TestBoard).flash({ banner: NEW, firmware: firmwareOf("new", 900) }, limits, onProgress),
    damage(board) {
      const { storage } = (board as TestBoard).bench.engine;
      const data = other(storage.read("motelet.b")!);
      storage.erase("motelet.b");
      storage.write("motelet.b", data, 0, data.length);
    },
    fill(board) {
      const { storage } = (board as TestBoard).bench.engine;
      storage.erase("motelet.b");
      storage.write("diary", "x".repeat(15_000), 0, 0);
    },
    talkTo: (transport, { timing, drive }) => drive(flashEspruino(transport, {
      banner: NEW, firmware: firmwareOf("new"), expected: EXPECTED, mode: "storage", restart: "reboot", chunkBytes: 256,
    }, { port: "ttyUSB0", timing, limits })),
  },
  {
    name: "NodeMCU",
    async make() {
      const board = createNodemcu();
      await board.bench.engine.start({});
      await board.flash({ banner: OLD, files: nodeOf("old", 50) }, limits);
      return board;
    },
    flash: (board, onProgress) => (board as NodemcuBoard).flash({ banner: NEW, files: nodeOf("new", 400) }, limits, onProgress),
    damage(board) {
      const { files } = (board as NodemcuBoard).bench.engine;
      files.set("b.firmware.lua", other(files.get("b.firmware.lua")!));
    },
    fill: (board) => void (board as NodemcuBoard).bench.engine.files.set("diary", "x".repeat(1024 * 1024)),
    talkTo: (transport, { timing, drive }) => drive(flashNodemcu(transport, {
      banner: NEW, files: nodeOf("new"), compile: true,
      expected: { chip: "esp32", lua: "5.1", modules: ["file"], hardware: "ESP32 DevKit" },
    }, { port: "ttyUSB0", timing, limits })),
  },
];

async function runs(board: TestBoard | NodemcuBoard): Promise<string[]> {
  board.bench.lines.length = 0;
  await board.powerCycle();
  await board.powerCycle();
  return board.boots();
}

/** Flashes a board while something happens; what it ends with, and that the board runs what it ran. */
async function ends(
  kind: Kind, during: (board: TestBoard | NodemcuBoard, progress: Progress) => void, code: FailureCode, exit: number,
): Promise<Failure> {
  const board = await kind.make();
  try {
    const failure = await failureOf(kind.flash(board, (progress) => during(board, progress)));
    assert.is(failure.code, code, failure.message);
    assert.is(failure.exit, exit);
    assert.is(failure.board, "previous");
    board.cable = (byte) => byte;
    assert.equal(await runs(board), [OLD, OLD]);
    return failure;
  } finally {
    await board.close();
  }
}

for (const kind of KINDS) {
  test(`${kind.name}: done is not said of bytes that the chip sums otherwise, although it acknowledged each of them`, async () => {
    let sums = 0;
    const failure = await ends(kind, (board, { step, text }) => {
      if (step !== "verify" || /compiles|init/.test(text)) return;
      sums++;
      kind.damage(board);
    }, "checksum", 5);
    assert.is(sums, 3, "it tries again");
    assert.match(failure.message, /^the checksum that the board computed is .+ and not .+, 3 times$/);
  });

  test(`${kind.name}: a sum that is wrong once costs another upload`, async () => {
    const board = await kind.make();
    let sums = 0;
    await kind.flash(board, ({ step, text }) => {
      if (step === "verify" && !/compiles|init/.test(text) && sums++ === 0) kind.damage(board);
    });
    assert.is(sums, 2);
    assert.equal(await runs(board), [NEW, NEW]);
    await board.close();
  });

  test(`${kind.name}: a board that stops answering in the middle is given up`, async () => {
    const failure = await ends(kind, (board, { bytes }) => {
      if (bytes !== undefined && bytes > 300) board.cable = (byte, _, to) => (to === "host" ? "" : byte);
    }, "no-reply", 5);
    assert.match(failure.message, /^the board has stopped answering \(writing byte \d+ of \d+\)$/);
    assert.match(failure.advice, /cable is short.*--baud/);
  });

  test(`${kind.name}: a write that the chip cannot do is told with what it says`, async () => {
    let isFull = false;
    const failure = await ends(kind, (board, { bytes }) => {
      if (bytes === undefined || isFull) return;
      isFull = true;
      kind.fill(board);
    }, "refused", 5);
    assert.match(failure.message, /^the board could not do it \(writing byte \d+ of \d+\): .+/);
  });

  test(`${kind.name}: a chip that restarts again and again ends the upload`, async () => {
    const failure = await ends(kind, (board, { bytes }) => {
      if (bytes !== undefined) board.brownOut();
    }, "restarts", 5);
    assert.match(failure.message, /^the board restarted in the middle of the upload, 3 times$/);
  });

  test(`${kind.name}: silence, echo, noise, a loader and another firmware are told apart before anything is sent to flash`, async () => {
    const against = async (answer: (text: string) => string, greeting = ""): Promise<[string, number, string]> => {
      const board = createBoard();
      const transport = answering(board, answer, greeting);
      const { code, exit, board: state } = await failureOf(kind.talkTo(transport, board));
      await board.close();
      return [code, exit, state];
    };
    const says = (reply: string) => (text: string) => (text.includes("\n") ? reply : "");
    assert.equal(await against(() => ""), ["silent", 3, "untouched"]);
    assert.equal(await against((text) => text), ["unanswered", 3, "untouched"]);
    assert.equal(await against(() => "\x00\xfe\x80\x1c\xe0\xf8\x06\x80\xfe"), ["noise", 3, "untouched"]);
    assert.equal(await against(() => "", "waiting for download\r\n"), ["in-loader", 3, "untouched"]);
    const [lua, js] = ["stdin:1: unexpected symbol near '('\r\n> ", "Uncaught ReferenceError: \"x\" is not defined\r\n>"];
    assert.equal(await against(says(kind.name === "Espruino" ? lua : js)), ["other-firmware", 4, "untouched"]);
  });
}

test("a program that save() has left is refused: it would run beside the node", async () => {
  const board = createBoard();
  await board.bench.engine.start();
  board.bench.engine.storage.write(".varimg", "image", 0, 0);
  const failure = await failureOf(board.flash({}, limits));
  assert.is(failure.code, "saved-image");
  assert.is(failure.exit, 4);
  assert.is(board.bench.engine.storage.read("motelet.a"), undefined);
  await board.close();
});

test.run();
