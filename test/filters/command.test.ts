/** `motelet filter`: what it prints, what it writes, and what it says of mistakes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { filter, type FilterOptions } from "../../tools/filter/command.ts";
import { numbersOf, type SensorNumbers } from "../../tools/filter/numbers.ts";
import { timeText } from "../../tools/filter/plot.ts";
import { ticks } from "../../tools/filter/svg.ts";

const ROOT = join(import.meta.dirname, "../..");
const TRACE = join(import.meta.dirname, "traces/greenhouse.csv");
const COLDFRAME = join(ROOT, "boards/coldframe.json");

const folder = mkdtempSync(join(tmpdir(), "motelet-filter-"));
test.after(() => rmSync(folder, { recursive: true }));
const fileOf = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const run = async (
  board: string, trace: string, options: FilterOptions = {},
): Promise<{ code: number; lines: string[] }> => {
  const lines: string[] = [];
  // Colours belong to a terminal.
  const print = (line: string): unknown => lines.push(line.replace(/\x1b\[\d+m/g, ""));
  return { code: await filter(board, trace, { print: (line) => void print(line), width: 80, ...options }), lines };
};

interface Printed {
  ok: boolean;
  sensors: SensorNumbers[];
  problems: { message: string; line?: number; column?: number }[];
}
const json = async (board: string, trace: string, options: FilterOptions = {}): Promise<Printed> =>
  JSON.parse((await run(board, trace, { json: true, ...options })).lines.join("\n")) as Printed;

/** A board whose sensors have these keys. */
const boardOf = (name: string, ...sensors: object[]): string => fileOf(`${name}.json`, JSON.stringify({
  extends: join(ROOT, "boards/greenhouse.json"), name, sensors,
}));
const AIR = { driver: "bme280", id: "air", bus: "i2c1", address: "0x76", interval: "10s" };

test("filters of one quantity are counted by hand: delta lets pass what moved by it, heartbeat what is due", async () => {
  const board = boardOf("hand", { ...AIR, filters: { temperature: [{ delta: 1 }, { heartbeat: "30s" }] } });
  const values = [20, 20.5, 20.9, 21, 21.5, 21.5, 21.5, 19, "-", 19.5];
  const trace = fileOf("hand.csv", `time,air.temperature\n${values.map((value, i) => `${i * 10},${value}`).join("\n")}\n`);
  const { ok, sensors: [air] } = await json(board, trace);
  assert.ok(ok);
  // 20 is new; 21 is a whole degree away; 21.5 is due 30 s later; 19 has moved. 19.5 is neither.
  assert.equal([air!.reads, air!.failed, air!.messages.before, air!.messages.after], [10, 1, 9, 4]);
  assert.is(air!.longestSilenceMs, 30_000);
  const [field] = air!.fields;
  assert.equal([field!.name, field!.read, field!.published], ["temperature", 9, 4]);
  assert.ok(Math.abs(field!.off.largest - 0.9) < 1e-9, `${field!.off.largest}`);
  assert.equal(field!.noise.before, field!.noise.after);
});

test("an average takes noise out, and that is told as noise; a correction is not told as being off", async () => {
  const filters = { temperature: [{ calibrate: { offset: 5 } }, { average: 4 }] };
  const board = boardOf("noise", { ...AIR, filters });
  const rows = Array.from({ length: 100 }, (_, i) => `${i * 10},${20 + i % 2}`);
  const { sensors: [air] } = await json(board, fileOf("noise.csv", `time,air.temperature\n${rows.join("\n")}\n`));
  const { noise, off } = air!.fields[0]!;
  assert.ok(Math.abs(noise.before - 1) < 0.01 && noise.after < 0.1, JSON.stringify(noise));
  assert.ok(off.largest <= 1, `${off.largest}`);
});

test("a recorded day: messages are saved, and what is known is never a delta from what was smoothed", async () => {
  const { sensors: [air] } = await json(COLDFRAME, TRACE);
  assert.ok(air!.messages.after < air!.messages.before / 2 && air!.messages.bytesAfter < air!.messages.bytesBefore / 2);
  // delta 0.5, and half of the step that round leaves.
  assert.ok(air!.fields[0]!.held.largest < 0.56, `${air!.fields[0]!.held.largest}`);
  assert.is(air!.longestSilenceMs, 3_600_000);
});

test("on NodeMCU the built Lua runs, and does the same", async () => {
  const sensor = { ...AIR, filters: { temperature: [{ median: 3 }, { ema: 0.3 }, { delta: 0.5 }] } };
  const trace = fileOf("part.csv", readFileSync(TRACE, "utf8").split("\n").slice(0, 200).join("\n"));
  const espruino = await json(boardOf("here", sensor), trace);
  const lua = fileOf("there.json", JSON.stringify({
    extends: join(ROOT, "boards/greenhouse.json"), name: "there", target: "nodemcu", sensors: [sensor],
  }));
  assert.equal((await json(lua, trace)).sensors[0]!.fields, espruino.sensors[0]!.fields);
});

test("words are published when they change, and a sensor that tells by itself is read whenever the trace says", async () => {
  const board = boardOf("door", {
    driver: "contact", id: "door", pin: "D4", interval: "10m",
    filters: { contact: [{ delta: 1 }, { heartbeat: "1h" }] },
  });
  const { sensors: [door], problems } = await json(board, fileOf("door.csv",
    "time,door.contact\n0,OFF\n1,OFF\n1.5,ON\n60,ON\n61,OFF\n"));
  assert.equal(problems.filter(({ line }) => line !== undefined), []);
  assert.equal([door!.reads, door!.messages.after], [5, 3]);
  assert.equal(door!.fields[0]!.off, { largest: 0, mean: 0 });
});

test("it prints numbers and a plot, or what was asked for of them", async () => {
  const { code, lines } = await run(COLDFRAME, TRACE);
  assert.is(code, 0);
  const text = lines.join("\n");
  assert.match(text, /air \(coldframe\/air\): 1,440 reads, 33 of them failed/);
  for (const name of ["temperature", "humidity", "pressure"]) assert.match(text, `air.${name}`);
  assert.ok(lines.some((line) => /^ *messages │/.test(line)));
  assert.ok(lines.every((line) => /│|└/.test(line) ? [...line].length <= 80 : true), "the plot is as wide as the terminal");
  const one = (await run(COLDFRAME, TRACE, { field: "humidity", plot: false })).lines.join("\n");
  assert.not.match(one, /│|air\.temperature|\n {2}temperature/);
  assert.match(one, /humidity/);
});

test("it writes a picture and a table", async () => {
  const [svg, csv] = [join(folder, "x.svg"), join(folder, "x.csv")];
  await run(COLDFRAME, TRACE, { svg, csv, plot: false });
  const picture = readFileSync(svg, "utf8");
  assert.match(picture, /^<svg xmlns=/);
  for (const style of ["read", "shaped", "known"]) assert.match(picture, `<path class="${style}" d="M`);
  assert.not.match(picture, /NaN|undefined|Infinity/);
  const rows = readFileSync(csv, "utf8").trim().split("\n");
  assert.is(rows.length, 1441);
  assert.match(rows[0]!, "time,air.temperature.read,air.temperature.smoothed,air.temperature.published");
});

test("mistakes of a trace have their line and column, and what to do", async () => {
  const rows: [text: string, line: number, column: number, message: RegExp][] = [
    ["time,air.temperature\n0,warm\n", 2, 3, /"warm" .* not a number/],
    ["time,air.temperature\n0,20\n0,21\n", 3, 1, /does not come after/],
    ["time,air.temperature\n0,20,5\n", 2, 6, /3 cells/],
    ["time,air.temprature\n0,20\n", 1, 6, /no "air.temprature"/],
    ["time,air.temperature\nnoon,20\n", 2, 1, /no time/],
  ];
  for (const [text, line, column, message] of rows) {
    const { ok, problems } = await json(COLDFRAME, fileOf("bad.csv", text));
    assert.not(ok);
    const found = problems.find((each) => message.test(each.message));
    assert.equal([found?.line, found?.column], [line, column], JSON.stringify(problems));
  }
  assert.is((await run(COLDFRAME, join(folder, "none.csv"), { json: true })).code, 1);
  let error = "";
  await run(COLDFRAME, TRACE, { field: "humidty" }).catch((e: Error) => error = e.message);
  assert.match(error, /humidity/);
});

test("ticks are round numbers, times are for people", () => {
  assert.equal(ticks(0, 10, 5), [0, 2, 4, 6, 8, 10]);
  assert.equal(ticks(-0.13, 0.31, 5), [-0.1, 0, 0.1, 0.2, 0.3]);
  assert.equal([90_000, 21_600_000, 129_600_000, 3_599_600].map(timeText), ["90 s", "6 h", "1 d 12 h", "1 h"]);
  assert.type(numbersOf, "function");
});

test.run();
