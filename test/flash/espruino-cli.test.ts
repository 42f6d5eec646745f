/**
 * The official `espruino` command line (0.1.67) at the simulated board: what it sent to `motelet sim --console` over
 * TCP was recorded, and is sent again here; the board has to answer as it did when the tool went on.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { toBinary } from "../../tools/flash/protocol/bytes.ts";
import { createBoard, type TestBoard } from "./board.ts";

/** `espruino --no-ble --port tcp://127.0.0.1:2323 tiny.js`: it asks what the board is, resets it, types the program. */
const ASK: [sent: string, heard: RegExp][] = [
  ["\n", /^\r\n>$/],
  ["\x10print(\"<\",\"<<\",JSON.stringify(process.env),\">>\",\">\")\n",
    /^< << \{"VERSION":"2v29","BOARD":"ESP32","SERIAL":"[\w-]+","CONSOLE":"Serial1",.*\} >> >\r\n>$/],
  ["\n", /^\r\n>$/],
  ["\x10reset();\n", /espruino\.com\r\n 2v29 .*\r\n>$/],
];
const TYPED: [string, RegExp][] = [
  ["\x10print()\n\x10\n\x10\x1b[2dvar", /^\r\n/],
  [" motelet = { name: \"tiny\", readings: [21.5, -3.25, 0], text: \"quotes \\\" and \\\\ and `ticks`, %20, tab\\t\" };\n"
    + "\x10\x1b[3dfunction average(list) {\x1b\n  var sum = 0;\x1b\n  for (var i = 0; i < list.length; i++) {\x1b\n"
    + "    sum += list[i];\x1b\n  }\x1b\n  return sum / list.length;\x1b\n}\n\x10\x1b[12dvar chain = [1, 2, 3]\x1b\n"
    + "  .map(function (x) { return x * 2; })\x1b\n  .join(\"-\");\n\x10\x1b[15dE.on(\"init\", function () {\x1b\n"
    + "  print(\"motelet \" + motelet.name + \" \" + average(motelet.readings) + \" \" + chain);\x1b\n});\n"
    + "\x10\x1b[18dprint(\"evaluated \" + chain);\n\n", /^evaluated 2-4-6\r\n(\r\n)?>$/],
];
/** The same with `--config SAVE_ON_SEND=1`: it stores the program, and has it loaded. */
const PROGRAM = "// tiny\\nvar motelet = { name: \\\"tiny\\\" };\\nE.on(\\\"init\\\", function () {\\n"
  + "  print(\\\"motelet \\\" + motelet.name);\\n});\\nprint(\\\"evaluated\\\");\\n";
const SAVED: [string, RegExp][] = [
  ["\x10print()\n\x10require(\"", /^\r\n/],
  [`Storage").write(".bootcde","${PROGRAM}",0,${(JSON.parse(`"${PROGRAM}"`) as string).length});\n\x10load()\n`,
    /evaluated\r\nmotelet tiny\r\n>$/],
];

async function send(board: TestBoard, transcript: [string, RegExp][]): Promise<void> {
  let heard = "";
  board.transport.onData = (bytes) => {
    heard += toBinary(bytes);
  };
  for (const [sent, wanted] of transcript) {
    heard = "";
    // As the tool does: in pieces, with a moment between them.
    for (let at = 0; at < sent.length; at += 20) {
      board.bench.engine.input!(sent.slice(at, at + 20));
      await board.bench.pass(2);
    }
    await board.bench.pass(400);
    assert.match(heard.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, ""), wanted, JSON.stringify(sent.slice(0, 40)));
  }
}

test("it uploads a program to the simulated board, which runs it", async () => {
  const board = createBoard();
  await board.bench.engine.start();
  await board.bench.pass(100);
  await send(board, [...ASK, ...TYPED]);
  assert.equal(board.bench.engine.storage.list(), [], "and stores nothing");
  await board.close();
});

test("told to save, it stores the program, which starts with the board from then on", async () => {
  const board = createBoard();
  await board.bench.engine.start();
  await board.bench.pass(100);
  await send(board, [...ASK, ...SAVED]);
  await board.powerCycle();
  assert.equal(board.boots(), ["motelet tiny", "motelet tiny"]);
  await board.close();
});

test.run();
