/** A trace as the world, and readings as a trace. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { follow, readWorld, recordTo } from "../../tools/trace/world.ts";
import { parseTrace } from "../../tools/trace/trace.ts";
import { buildGreenhouse, withNode } from "../node/board.ts";

const folder = mkdtempSync(join(tmpdir(), "motelet-world-"));
test.after(() => rmSync(folder, { recursive: true }));
const fileOf = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test("between rows lie straight lines, failed reads are none, and the ends go on", () => {
  const file = fileOf("lines.csv", "time,air.temperature\n0,-10\n10,-\n20,10\n40,10\n");
  const at = readWorld(file).get("air.temperature")!;
  assert.equal([-5, 0, 5000, 10_000, 20_000, 30_000, 90_000, 1000].map(at), [-10, -10, -5, 0, 10, 10, 10, -9]);
});

test("a node measures a recorded world, and what it publishes is a trace of it again", async () => {
  const recorded = readWorld(fileOf("day.csv", "time,temperature,air.humidity\n0,-10,20\n600,20,80\n"));
  const built = await buildGreenhouse();
  const file = join(folder, "out.csv");
  await withNode(built, {}, async (node) => {
    follow(node.world, recorded);
    await node.run(10 * 60_000);
    const record = recordTo(file, built.manifest);
    for (const event of node.events) record.take(event);
    assert.match(record.save(), /out\.csv: 2\d rows/);
  });
  const { trace, problems } = parseTrace(readFileSync(file, "utf8"), file, () => undefined);
  assert.equal(problems, []);
  assert.equal(trace!.columns, ["air.temperature", "air.humidity", "air.pressure"]);
  const [first, last] = [trace!.rows[0]!, trace!.rows.at(-1)!];
  assert.ok((first.cells[0] as number) < -8 && (last.cells[0] as number) > 17, JSON.stringify([first, last]));
  assert.ok((first.cells[1] as number) < 25 && (last.cells[1] as number) > 74, JSON.stringify([first, last]));
});

test("a file that is not there, a column that is no signal and a mistake in a line are errors that say so", async () => {
  assert.throws(() => readWorld(join(folder, "no.csv")), /there is no file .*no\.csv/);
  assert.throws(() => readWorld(fileOf("bad.csv", "time,air.temperature\n0,warm\n")), /bad\.csv:2:3 .*warm/);
  await withNode(await buildGreenhouse(), {}, (node) => {
    assert.throws(() => follow(node.world, new Map([["air.temprature", () => 1]])), /air\.temperature/);
    return Promise.resolve();
  });
});

test.run();
