/** Commands that check themselves: what is sent, and which replies are believed. */
import { crc32 as zlibCrc } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { base64, crc32, fromBinary, toBinary } from "../../tools/flash/protocol/bytes.ts";
import { ChipError, commandLine, findReply } from "../../tools/flash/protocol/espruino-command.ts";
import { confirmedSlot, entriesOf } from "../../tools/flash/protocol/espruino-loader.ts";
import { Failure, sample } from "../../tools/flash/protocol/failure.ts";
import { FAILURES, type FailureCode } from "../../tools/flash/protocol/failures-table.ts";

const reply = (text: string): string => `\x1e${crc32(text)} ${text}\x1f`;

test("the CRC-32 is that of zlib, for every byte", () => {
  const bytes = Uint8Array.from({ length: 1024 }, (_, at) => (at * 7) & 255);
  assert.is(crc32(toBinary(bytes)), zlibCrc(bytes));
  assert.is(crc32(""), 0);
  assert.is(crc32("123456789"), 0xcbf43926);
  assert.equal(fromBinary(toBinary(bytes)), bytes);
  assert.is(base64("\xff\x00a"), Buffer.from([255, 0, 97]).toString("base64"));
});

test("a command drops what was half typed, switches the echo off and is one line", () => {
  const line = commandLine(7, "1+1");
  assert.ok(line.startsWith("\x1b[2H\x10("));
  assert.is(line.split("\n").length, 2);
  const [, program] = /\)\("(.*)"\)\n$/.exec(line)!;
  assert.ok(program!.includes("r=(1+1)"));
  assert.ok(line.includes(`===${crc32(program!)}?`));
  assert.throws(() => commandLine(1, "print(\"x\")"), /not fit/);
  assert.throws(() => commandLine(1, "a\nb"), /not fit/);
});

test("the reply with the right number and checksum is taken, among whatever else is said", () => {
  assert.equal(findReply(`boot\r\n>${reply("3=[1,\"x\"]")}\r\n>`, 3), { value: [1, "x"] });
  assert.is(findReply(reply("2=1"), 3), undefined, "of an earlier command");
  assert.equal(findReply(`${reply("2=1")}${reply("3=null")}`, 3), { value: null });
  assert.is(findReply("\x1e12 3=1", 3), undefined, "not whole yet");
  assert.is(findReply("\x1e?\x1f", 3), "again");
  assert.throws(() => findReply(reply("3!\"Error: no\""), 3), (error: unknown) => error instanceof ChipError);
});

test("a reply with any one byte altered, doubled or missing is not taken", () => {
  const good = reply("3=[1234,\"motelet.a\"]");
  for (let at = 0; at < good.length; at++) {
    for (const bad of [
      good.slice(0, at) + String.fromCharCode(good.charCodeAt(at) ^ 1) + good.slice(at + 1),
      good.slice(0, at) + good[at]! + good.slice(at),
      good.slice(0, at) + good.slice(at + 1),
    ]) {
      const found = findReply(bad, 3);
      // A doubled first or last byte changes nothing.
      if (typeof found === "object") assert.equal(found, { value: [1234, "motelet.a"] }, `byte ${at}`);
    }
  }
});

test("the log of the slots is read up to erased flash, and the last capital letter counts", () => {
  assert.equal(entriesOf("AAAAbbbbttttBBBB\xff\xff\xff\xff"), ["A", "b", "t", "B"]);
  assert.equal(entriesOf("AAAAbbbbtt\xff\xff"), ["A", "b", "t"], "a write that was cut off");
  assert.equal(entriesOf(""), []);
  assert.is(confirmedSlot(["A", "b", "t"]), "a");
  assert.is(confirmedSlot(["a", "t"]), undefined);
});

test("every message is filled in, and says what to do", () => {
  for (const [code, { message, advice }] of Object.entries(FAILURES)) {
    const names = [...`${message} ${advice}`.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name!, `<${name}>`]);
    const failure = new Failure(code as FailureCode, Object.fromEntries(names) as Record<string, string>);
    assert.not.match(failure.message + failure.advice, /[{}]/);
    assert.ok(advice.length > 10, code);
  }
  assert.is(sample("\x1b[J\x00\xfe\xff>hello\r\nthere"), "\"\u{fffd}>hello there\"");
});

test.run();
