/** Boards that were damaged at random: whatever they hold, they are told of, never thrown at. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadBoard } from "../../tools/board/load.ts";
import { problemLine } from "../../tools/board/report.ts";
import { greenhouse, inFolder, type Json, SECRETS } from "./helper.ts";

const SEED = 20240607;
const ROUNDS = 1500;

/** A small generator (mulberry32): the same damage on every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const VALUES: unknown[] =
  [null, true, 0, -1, 1e99, 1.5, "", "x", "\0", "ä", "\ud800", "${WIFI_PASSWORD}", "${", "${}", [], {}, [[]],
    { a: 1 }, "i2c1", "onewire1", "D21", "D34", "D6", "0x76", "1ms", "999999999d", "off", "constructor", "__proto__",
    "ds18b20",
    "analog", "bme280", "esp8266-nodemcu", "x".repeat(70_000), ["bme280"], "mqtt://", 2 ** 53];
const KEYS = ["constructor", "__proto__", "toString", "hasOwnProperty", "", "a.b", "i2c9", "onewire9", "driver", "pin",
  "probes",
  "ntc", "scale", "extends", "0", "length"];

/** Changes one place of a value, somewhere inside. */
function damage(value: unknown, below: (n: number) => number): unknown {
  if (typeof value !== "object" || value === null
    || below(4) === 0) return structuredClone(VALUES[below(VALUES.length)]);
  const keys = Object.keys(value);
  const copy = value as Json;
  const isList = Array.isArray(value);
  const key = keys[below(Math.max(1, keys.length))];
  const what = below(10);
  if (what === 0 && key !== undefined) {
    if (isList) copy["splice"](Number(key), 1);
    else delete copy[key];
  } else if (what === 1 && !isList) {
    Object.defineProperty(copy, KEYS[below(KEYS.length)]!,
      { value: structuredClone(VALUES[below(VALUES.length)]), enumerable: true, configurable: true, writable: true });
  } else if (what === 2 && isList && keys.length < 8) {
    value.push(structuredClone(value[below(Math.max(1, keys.length))]));
  } else if (key !== undefined) {
    copy[key] = damage(copy[key], below);
  }
  return copy;
}

test(`${ROUNDS} damaged boards (seed ${SEED}) are told of without an exception and without a secret`, async () => {
  const below = random(SEED);
  let good = 0;
  await inFolder({}, async (folder) => {
    const file = join(folder, "board.json");
    for (let round = 0; round < ROUNDS; round++) {
      let board: unknown = greenhouse();
      for (let changes = 1 + below(4); changes > 0; changes--) board = damage(board, below);
      let text = JSON.stringify(board, null, 1);
      // Now and then the text itself is damaged.
      if (below(8) === 0) {
        const middle = ["", "}", ",", "\"", "//", "\\u12"][below(6)]!;
        text = text.slice(0, below(text.length)) + middle + text.slice(below(text.length));
      }
      writeFileSync(file, text);
      const result = await loadBoard(file, { secrets: SECRETS }).catch((error: unknown) => {
        const { stack } = error as Error;
        throw new Error(`seed ${SEED}, round ${round}: ${stack}\n${text.slice(0, 2000)}`);
      });
      const errors = result.problems.filter(({ severity }) => severity === "error");
      assert.is(result.board === undefined, errors.length > 0, `round ${round}`);
      if (result.board) good++;
      const told = result.problems.map(problemLine).join("\n");
      for (const secret of Object.values(SECRETS)) assert.not.ok(told.includes(secret), `round ${round}: ${told}`);
      assert.not.match(told, /must match|undefined|\[object|NaN/, `round ${round}`);
    }
  });
  assert.ok(good > ROUNDS / 50 && good < ROUNDS / 2,
    `${good} of ${ROUNDS} are still good: the damage is not what it was`);
});

test.run();
