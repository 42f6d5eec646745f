/** `test` of uvu on each engine: a test file of the client needs nothing but this and `instantiate`. */
import { test as plainTest } from "uvu";
import { enginesWith, runsOn, type LeftOutKey } from "../../engines.ts";
import { espruino } from "./espruino.ts";
import { lua, realLua } from "./lua.ts";
import type { Engine } from "./types.ts";
import { v8 } from "./v8.ts";

/** What tests of the client run on: all of the one table, or the one that TEST_ENGINE names. */
export const ENGINES: Engine[] = enginesWith({
  v8: { client: v8 }, espruino: { client: espruino }, "lua5.1": { client: lua["5.1"] }, "lua5.3": { client: lua["5.3"] },
}).map(({ client }) => client).filter(({ name }) => [undefined, name].includes(process.env["TEST_ENGINE"]));

/** Those of them that run what is left out on others. */
export const enginesFor = (key: LeftOutKey): Engine[] => ENGINES.filter(({ name }) => runsOn(name, key));

/** For tests that ask whether the simulator's Lua is one, too. */
export const ALL_ENGINES: Engine[] = [...ENGINES, ...realLua];

/** Called when the engines of a file have ended, and with them the clients on them. */
export const onClose: (() => void)[] = [];

/** What the test that runs makes its clients on. */
export let engine: Engine = v8;

/**
 * Which of so many cases an engine gets: V8 all of them; a VM, where each call of the client is a message, `most`; the
 * real interpreter, where it is one to another process, a quarter of that. Evenly over all, and other ones on each.
 */
export const sampleOf = (on: Engine, cases: number, most: number): number[] => {
  const every = on === v8 ? 1 : Math.max(1, cases / (on === espruino ? most / 4 : most));
  const first = on === v8 ? 0 : every * Math.max(0, ENGINES.indexOf(on) - 1) / ENGINES.length;
  return Array.from({ length: Math.floor(cases / every) }, (_, i) => Math.floor(first + i * every));
};

const nameOn = (name: string, on: Engine): string =>
  `${name}${on === v8 ? "" : ` (engine ${on.name}${on.missing === undefined ? "" : `, skipped: ${on.missing}`})`}`;

/** Defines a test that is run on each engine that is there, and skipped on the others. */
export const test = (name: string, run: (on: Engine) => Promise<void> | void, engines: Engine[] = ENGINES): void => {
  for (const on of engines) {
    (on.missing === undefined ? plainTest : plainTest.skip)(nameOn(name, on), async () => {
      engine = on;
      try {
        await run(on);
      } finally {
        engine = v8;
      }
    });
  }
};

test.run = (): void => {
  plainTest.after(() => {
    ALL_ENGINES.forEach((each) => each.close());
    onClose.forEach((fn) => fn());
  });
  plainTest.run();
};
