/**
 * The one table of engines: what runs a firmware, a client or a driver in tests. Tables of what is besides so on each
 * (how a board is built for it, how a client is loaded) have a row for each of these names, or do not compile. What
 * runs on fewer than all is in `left-out.ts`, with its reason, and `engines.test.ts` holds every test of nodes,
 * clients, filters, drivers, links and platforms to that list.
 */
import { findEspruino } from "../simulator/engines/espruino.ts";
import type { LuaVersion } from "../simulator/engines/lua/vm.ts";
import type { EngineName } from "../simulator/simulator.ts";
import { LEFT_OUT, type LeftOutKey } from "./left-out.ts";

export type { EngineName, LeftOutKey };

export interface EngineRow {
  name: EngineName;
  target: "espruino" | "nodemcu";
  /** Of NodeMCU. */
  lua?: LuaVersion;
  /** No time passes on it but when the test says so. */
  isVirtual: boolean;
  /** What it runs on is missing: how to get it. Tests are skipped then. */
  missing: string | undefined;
}

const TABLE: Record<EngineName, Omit<EngineRow, "name">> = {
  v8: { target: "espruino", isVirtual: true, missing: undefined },
  "lua5.1": { target: "nodemcu", lua: "5.1", isVirtual: true, missing: undefined },
  "lua5.3": { target: "nodemcu", lua: "5.3", isVirtual: true, missing: undefined },
  espruino: {
    target: "espruino", isVirtual: false,
    missing: findEspruino() === undefined ? "set ESPRUINO to a Linux build of Espruino" : undefined,
  },
};

/** The rows, V8 first: what the others do is compared with it. */
export const ENGINES: EngineRow[] = Object.entries(TABLE).map(([name, row]) => ({ name: name as EngineName, ...row }));

/** Whether an engine is among those that run what is left out elsewhere; without a key all are. */
export const runsOn = (name: string, key?: LeftOutKey): boolean =>
  key === undefined || !LEFT_OUT[key].on.some((out) => out === name);

/** The rows with what a table has of each besides. */
export const enginesWith = <T>(more: Record<EngineName, T>): (EngineRow & T)[] =>
  ENGINES.map((row) => ({ ...row, ...more[row.name] }));
