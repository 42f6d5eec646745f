/** What is told when something else than the right board is on the port, or the right one on a bad line. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { flashEspruino } from "../../tools/flash/protocol/espruino.ts";
import { fromBinary, toBinary } from "../../tools/flash/protocol/bytes.ts";
import { converse } from "../../tools/flash/protocol/conversation.ts";
import type { Failure } from "../../tools/flash/protocol/failure.ts";
import type { Transport } from "../../tools/flash/protocol/transport.ts";
import { answering, createBoard, EXPECTED, failureOf, firmwareOf, type TestBoard } from "./board.ts";

/** A port at whose other end something answers in its own way; on the virtual time of a board that is not used. */
async function against(answer: (text: string) => string, greeting = ""): Promise<Failure> {
  const board = createBoard();
  const transport = answering(board, answer, greeting);
  try {
    return await failureOf(board.drive(flashEspruino(transport, {
      banner: "motelet one", firmware: firmwareOf("one"), expected: EXPECTED, mode: "storage", restart: "reboot",
      chunkBytes: 256,
    }, { port: "ttyUSB0", timing: board.timing })));
  } finally {
    await board.close();
  }
}
const withBoard = async (
  use: (board: TestBoard) => Promise<void>, options: Parameters<typeof createBoard>[0] = {},
): Promise<void> => {
  const board = createBoard(options);
  try {
    await board.bench.engine.start();
    await use(board);
  } finally {
    await board.close();
  }
};

test("a silent port is told after some seconds", async () => {
  const failure = await against(() => "");
  assert.is(failure.code, "silent");
  assert.is(failure.exit, 3);
  assert.match(failure.message, /^ttyUSB0 is silent: nothing came back in 1[2-5] s$/);
  assert.match(failure.advice, /Espruino/);
});

test("a port that only echoes is no board", async () => {
  const failure = await against((text) => text);
  assert.is(failure.code, "unanswered");
});

test("bytes at another speed are told from text", async () => {
  const failure = await against(() => "\x00\xfe\x80\x1c\xe0\xf8\x06\x80\xfe");
  assert.is(failure.code, "noise");
  assert.match(failure.advice, /--baud/);
});

test("another firmware is named", async () => {
  const lua = await against((text) => (text.includes("\n") ? "stdin:1: unexpected symbol near '('\r\n> " : ""));
  assert.is(lua.code, "other-firmware");
  assert.is(lua.exit, 4);
  assert.match(lua.message, /^NodeMCU answers on ttyUSB0, and the board file is for Espruino$/);
  const python = await against((text) => (text.includes("\n")
    ? "Traceback (most recent call last):\r\n  File \"<stdin>\", line 1\r\nSyntaxError: invalid syntax\r\n>>> " : ""));
  assert.match(python.message, /^MicroPython/);
});

test("a chip in its loader, and a console with a password, are named", async () => {
  assert.is((await against(() => "", "rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT)\r\nwaiting for download\r\n")).code, "in-loader");
  assert.is((await against(() => "\r\n  Invalid password\r\npassword>")).code, "password");
});

test("a program that only prints is shown", async () => {
  const failure = await against(() => "temperature 21.4\r\n");
  assert.is(failure.code, "unanswered");
  assert.match(failure.message, /temperature 21\.4/);
});

test("another chip is refused before anything is changed", () => withBoard(async (board) => {
  const { storage } = board.bench.engine;
  const failure = await failureOf(board.flash());
  assert.is(failure.code, "wrong-chip");
  assert.is(failure.exit, 4);
  assert.is(failure.message, "the board is ESP8266, and the board file is for ESP32 DevKit (ESP32)");
  assert.is(failure.board, "untouched");
  assert.is(storage.writes, 0);
  assert.equal(board.bench.resets, [], "not even restarted");
}, { chip: "ESP8266" }));

test("an old interpreter is refused with the reason", () => withBoard(async (board) => {
  const failure = await failureOf(board.flash({ expected: { ...EXPECTED, minVersion: "2v30" } }));
  assert.is(failure.message, "Espruino on the board is 2v29, and the node needs 2v30 or newer: of this and that");
  assert.is(failure.exit, 4);
  assert.is(board.bench.engine.storage.writes, 0);
  // A build after a release is no older than that.
  assert.is((await board.flash({ expected: { ...EXPECTED, minVersion: "2v29" } })).board.version, "2v29");
}));

test("names of builds may end in anything where the board file says so", () => withBoard(async (board) => {
  const { board: found } = await board.flash({ expected: { ...EXPECTED, boards: ["ESP32C3", "ESP8*"] } });
  assert.is(found.board, "ESP8266");
}, { chip: "ESP8266" }));

test("a Storage that is too full is told with its numbers, and stays as it is", () => withBoard(async (board) => {
  const { storage } = board.bench.engine;
  storage.write("diary", "x".repeat(6000), 0, 0);
  storage.write(".bootcde", firmwareOf("old"), 0, 0);
  await board.powerCycle();
  const failure = await failureOf(board.flash({ firmware: firmwareOf("one", 2000) }));
  assert.is(failure.code, "full");
  assert.is(failure.exit, 5);
  const [, free, needed] = /has (\d+) bytes free, and (\d+) are needed/.exec(failure.message) ?? [];
  assert.ok(Number(free) > 1500 && Number(free) < 2192, free);
  assert.ok(Number(needed) > 2500 && Number(needed) < 3500, needed);
  assert.is(failure.board, "previous");
  await board.powerCycle();
  assert.is(board.boots().at(-1), "motelet old");
  assert.is(storage.read("diary")!.length, 6000);
}, { storageBytes: 8192 }));

test("files that were erased make room: the flash is tidied first", () => withBoard(async (board) => {
  const { storage } = board.bench.engine;
  storage.write("diary", "x".repeat(6000), 0, 0);
  storage.erase("diary");
  const texts: string[] = [];
  await board.flash({ firmware: firmwareOf("one", 3000) }, {}, ({ text }) => void texts.push(text));
  assert.ok(texts.some((text) => text.includes("tidies")), texts.join());
}, { storageBytes: 8192 }));

test("noise before the prompt, and a half typed line, do no harm", () => withBoard(async (board) => {
  board.bench.engine.input!("function half(){ if (1) {\nvar x = `open");
  for (const ms of [0, 5, 50, 500]) {
    board.timing.after(ms, () => board.transport.onData?.(fromBinary("\x00\xff\x1e12 garbage\x1f\x1e\x13\x11{[(\"\r\n>")));
  }
  await board.flash();
  assert.equal(board.boots(), ["motelet one"]);
}));

test("what looks like a packet to the chip is given up by it after 5 s, and the flash goes on", () => withBoard(async (board) => {
  board.bench.engine.input!("\x10\x01\x3f\xff");
  await board.flash();
  assert.equal(board.boots(), ["motelet one"]);
}));

test("a port of 9600 baud takes its time", () => withBoard(async (board) => {
  const began = board.timing.now();
  const { ms } = await board.flash({ firmware: firmwareOf("one", 3000) });
  assert.is(ms, Math.round(board.timing.now() - began));
  assert.ok(ms > 10_000 && ms < 60_000, `${ms} ms`);
}, { baud: 9600 }));

test("the transport is not written to while the board says stop", async () => {
  const written: string[] = [];
  const board = createBoard();
  const transport: Transport = {
    write: async (bytes) => void written.push(toBinary(bytes)),
    async close() {},
  };
  const talk = converse(transport, board.timing, "x");
  transport.onData!(fromBinary("ab\x13"));
  const sent = talk.send("hello");
  const when: number[] = [];
  void sent.then(() => when.push(board.timing.now()));
  board.timing.after(700, () => transport.onData!(fromBinary("\x11cd")));
  await board.drive(sent);
  assert.equal(written, ["hello"]);
  assert.ok(when[0]! >= 700 && when[0]! < 800, String(when[0]));
  assert.is(talk.heard(), "abcd");
  // Noise may say stop, too: not for ever.
  transport.onData!(fromBinary("\x13"));
  const again = board.timing.now();
  await board.drive(talk.send("x"));
  assert.ok(board.timing.now() - again < 4000);
  await board.close();
});

test.run();
