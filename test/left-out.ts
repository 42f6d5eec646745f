/**
 * What runs on fewer engines than the table of `engines.ts` has, and why: a part of a test file ("node/store: hours"),
 * a file that knows no engines, or all such files of a folder. What is not here runs on all of them.
 */
import type { EngineName } from "../simulator/simulator.ts";

interface LeftOut {
  /** The engines that do not run it. */
  on: readonly EngineName[];
  why: string;
}

const LUA = ["lua5.1", "lua5.3"] as const;
const REAL = ["espruino"] as const;
const ALL_BUT_V8 = [...LUA, ...REAL];
const ALL = ["v8", ...ALL_BUT_V8] as const;

export const LEFT_OUT = {
  // On the real interpreter time is the host's.
  "node/node": { on: REAL, why: "hours of the node's time; node/engines has the readings, the will and a link loss there" },
  "node/node: goodbye": { on: ALL_BUT_V8, why: "NodeMCU does not tell of a restart; the interpreter's is in node/engines" },
  "node/engines: in real time": { on: ["v8", ...LUA], why: "node/node has these on a virtual clock" },
  "node/filters: by the hour": { on: REAL, why: "hours of the node's time; each kind of filter runs there in the first test" },
  "node/links": { on: REAL, why: "wss, which is on top of both the others, has a test of its own there" },
  "node/part-faults": { on: REAL, why: "ten minutes of a machine that has nothing else to do: set REAL_FAULTS" },
  "node/same": { on: REAL, why: "the same bytes need the same time; node/engines compares the readings" },
  "node/store: hours": { on: REAL, why: "a full area takes hours of the node's time; mqtt/store/espruino fills them there" },
  "node/totals: to the byte": { on: REAL, why: "ten minutes, and cuts to the byte; the first test cuts the power there" },
  "node/ranges/chip": { on: LUA, why: "NodeMCU reads no thermometer, and no signal on the ESP32: check refuses them" },
  "node/nodemcu": { on: ["v8", ...REAL], why: "NodeMCU's own: boot guard, tracebacks, modules that are missing" },

  "mqtt/faults: all of them": {
    on: ALL_BUT_V8, why: "each cut, each pair of cuts, 100,000 schedules, each mutant; the others have 200 and 250 schedules",
  },
  "mqtt/faults: some": { on: ["v8"], why: "it has all of them" },
  "mqtt/faults: mutants by turns": { on: ["v8", ...REAL], why: "to compile one takes longer than to find it: one version of Lua each" },
  "mqtt/malformed: mutants": { on: ALL_BUT_V8, why: "some are found after more packets than an interpreter gets" },
  "mqtt/restarts: mutants": { on: ALL_BUT_V8, why: "up to 10,000 schedules each" },
  "mqtt/restarts: a mutant": { on: REAL, why: "it has two mutants in mqtt/faults" },
  "mqtt/statements": { on: ALL, why: "reads the standard and the tests; no client runs" },
  "mqtt/store/espruino": { on: ["v8", ...LUA], why: "kills the interpreter's process; mqtt/store/power cuts their power to the byte" },

  "link/*": { on: LUA, why: "but for link/contract: links of Node and Espruino against servers; Lua's are in node/links, too" },
  "library/*": { on: LUA, why: "the library is for Node and for Espruino" },
  "filters/*": { on: ALL_BUT_V8, why: "a filter alone, its command; filters/traces and node/filters run all filters on each" },
  "drivers/*": {
    on: ALL_BUT_V8,
    why: "a driver's bytes on a bus that the test plays; drivers/engines, node/ranges and node/part-faults run each on each",
  },
  "platform/nodemcu-*": { on: ["v8", ...REAL], why: "modules, pins and time of NodeMCU; on both chips and versions" },
} satisfies Record<string, LeftOut>;

export type LeftOutKey = keyof typeof LEFT_OUT;
