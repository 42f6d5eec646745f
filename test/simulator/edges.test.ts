/** Edges on their way to the real interpreter, and what its watches make of them: pins.js over answers of edges.ts. */
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EDGES, edgeQueue } from "../../simulator/engines/espruino/edges.ts";

type Watch = { state: boolean; time: number; lastTime?: number };
type Api = {
  setWatch: (fn: (event: Watch) => void, pin: string, options: object) => number;
  clearWatch: (id?: number) => void;
};

const code = readFileSync(new URL("../../simulator/engines/pins.js", import.meta.url), "utf8");

/** pins.js whose edges are those that a test puts into `pending`; time stands at `nowMs`. */
const pins = () => {
  const state = { pending: "", nowMs: 1000, timers: [] as (() => void)[], answers: [] as number[] };
  const some = edgeQueue();
  const call = (op: string): string => {
    if (op !== "E") return op === "d" ? "1" : "";
    const text = some(state.pending);
    state.pending = "";
    state.answers.push(text === "" ? 0 : (text.split("\0").length - 1) / 4);
    return text;
  };
  const global: Record<string, unknown> = {
    E: {}, Pin: class {}, getTime: () => state.nowMs / 1000,
    setTimeout: (fn: (a: unknown) => void, _ms: number, a: unknown) => state.timers.push(() => fn(a)),
    clearTimeout: (id: number) => state.timers[id - 1] = () => {},
  };
  global["global"] = global;
  createContext(global);
  let take = (): void => {};
  const load = runInContext(code, global) as (call: unknown, chip: string, begin: unknown) => unknown;
  load(call, "ESP32", (fn: () => void) => take = fn);
  const put = (edges: [string, number, number][]): void => {
    state.pending = [state.nowMs, ...edges.flatMap(([pin, level, ms]) => [pin, level, ms, 0])].join("\0");
  };
  return { state, put, take: () => take(), api: global as unknown as Api };
};

test("edges come by few at a time, the oldest first, none is lost, and other work has its turn in between", () => {
  const { put, take, api, state } = pins();
  const times: number[] = [];
  api.setWatch(({ time }) => times.push(Math.round(time * 1000)), "D4", { repeat: true, edge: "both" });
  put(Array.from({ length: 12_000 }, (_, i) => ["D4", i & 1, i]));
  take();
  assert.is(times.length, 10 * EDGES);
  assert.is(Math.max(...state.answers), EDGES);
  for (let turn = 0; turn < 60; turn++) take();
  assert.equal(times, Array.from({ length: 12_000 }, (_, i) => i));
});

test("an answer keeps the time of the node, and there is none where there is no edge", () => {
  const some = edgeQueue();
  assert.is(some(""), "");
  const edges = Array.from({ length: EDGES + 1 }, (_, i) => ["D4", 1, i, 0]).flat();
  assert.is(some([77, ...edges].join("\0")).split("\0")[0], "77");
  assert.is(some(""), ["77", "D4", 1, EDGES, 0].join("\0"));
  assert.is(some(""), "");
});

test("a pulse that held for its debounce counts, though both its edges are told of at once; a bounce does not", () => {
  const { put, take, api, state } = pins();
  const falls: number[] = [];
  api.setWatch(({ state: level, time }) => falls.push(level ? -1 : Math.round(time * 1000)), "D4",
    { repeat: true, edge: "falling", debounce: 5 });
  put([["D4", 0, 900], ["D4", 1, 950], ["D4", 0, 960], ["D4", 1, 962], ["D4", 0, 990], ["D4", 1, 998]]);
  take();
  state.timers.forEach((fn) => fn());
  assert.equal(falls, [900, 990]);
});

test("a watch that clears itself hears no more, and one that throws takes no other edge along", () => {
  const { put, take, api, state } = pins();
  let heard = 0;
  const id = api.setWatch(() => {
    heard++;
    api.clearWatch(id);
  }, "D4", { repeat: true, edge: "both" });
  let other = 0;
  api.setWatch(() => {
    if (++other === 1) throw new Error("a defect");
  }, "D5", { repeat: true, edge: "both" });
  put([["D4", 0, 1], ["D4", 1, 2], ["D5", 0, 3], ["D5", 1, 4]]);
  take();
  assert.equal([heard, other], [1, 2]);
  // The idle loop has it, and counts it.
  assert.throws(() => state.timers.forEach((fn) => fn()), "a defect");
  put([["D4", 0, 5], ["D5", 0, 6]]);
  take();
  assert.equal([heard, other], [1, 3]);
});

test.run();
