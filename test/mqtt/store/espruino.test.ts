/** The store on the real interpreter, whose flash is a file: killed at random times, nothing stored is lost. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findEspruino } from "../../../bench/interpreter.ts";
import { bundle } from "../../../bench/profiles.ts";
import { chance } from "./flash.ts";

const espruino = findEspruino();
const needs = espruino === undefined ? " (skipped: set ESPRUINO to a Linux build of Espruino)" : "";
const onInterpreter = espruino === undefined ? test.skip : test;

const PLACES = 12;
/** The flash of the Linux build is all Storage, in pages of 1 KiB: a file makes room, from its second page on. */
const FLASH = 0x10000400;
const ROOM = 'if (!require("Storage").read("room")) require("Storage").write("room", "x", 0, 8192);';

/** Prints what was brought back, by the numbers of the messages, then each number when its message is stored. */
const PROGRAM = `
${ROOM}
var found = [];
mq.configure(2, 128, false);
mq.configureQueue(${PLACES}, 2000, mq.dropOldest);
mq.openStore(${FLASH}, 2048, 3, mq.held);
mq.entries.forEach((e) => found.push(e.substr(4)));
print("found " + found.join(" ") + ".");
var n = found.length ? +found[found.length - 1] : 0;
setInterval(() => {
  n++;
  if (mq.enqueueStored("\\0\\x01t", "" + n, 2 + 2 * (n & 1))) print("stored " + n + ".");
}, 1);
`;

interface Outcome {
  found: number[];
  stored: number[];
}

/** Runs until so many messages are stored and a little longer, then kills. */
const life = (dir: string, messages: number, extraMs: number): Promise<Outcome> => new Promise((resolve, reject) => {
  const child = spawn(espruino!, ["run.js"], { cwd: dir, stdio: ["pipe", "pipe", "pipe"] });
  const kill = (): void => void child.kill("SIGKILL");
  const guard = setTimeout(kill, 20000);
  let text = "";
  let count = -1;
  child.stdout.setEncoding("latin1").on("data", (chunk: string) => {
    text += chunk;
    const now = text.split("stored ").length - 1;
    if (now >= messages && count < messages) setTimeout(kill, extraMs);
    count = now;
  });
  child.on("error", reject);
  child.on("close", () => {
    clearTimeout(guard);
    const found = /found ([\d ]*)\./.exec(text);
    if (!found) return reject(new Error(`the interpreter printed:\n${text}`));
    const numbers = found[1] === "" ? [] : found[1]!.split(" ").map(Number);
    return resolve({ found: numbers, stored: [...text.matchAll(/stored (\d+)\./g)].map((m) => Number(m[1])) });
  });
});

onInterpreter(`a program that is killed at random times brings back all that it stored${needs}`, async () => {
  const dir = mkdtempSync(join(tmpdir(), "motelet-store-"));
  const random = chance(1);
  try {
    const { code } = await bundle("stored");
    writeFileSync(join(dir, "run.js"), `(function(){${code}})();\n${PROGRAM}`);
    let last = 0;
    for (let i = 0; i < 15; i++) {
      const { found, stored } = await life(dir, 5 + Math.floor(random() * 100), random() * 20);
      const newest = found.at(-1) ?? 0;
      // What was printed was stored; of what was stored after it, its print may not have come.
      assert.ok(newest >= last, `stored up to ${last}, found ${found.join(" ")}`);
      const first = Math.max(0, newest - PLACES) + 1;
      const expected = Array.from({ length: newest + 1 - first }, (_, at) => first + at);
      assert.equal(found, expected, "the newest, in order, without a gap");
      assert.ok(stored.length >= 5);
      last = stored.at(-1)!;
    }
    assert.ok(readFileSync(join(dir, "espruino.flash")).subarray(1024, 7168).some((byte) => byte !== 255), "it is in the flash");
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test.run();
