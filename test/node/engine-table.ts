/**
 * The engines of the one table as nodes run on them: each builds its board for its own target. Scenarios run on all
 * that this machine has.
 */
import type { SimulateOptions } from "../../simulator/simulator.ts";
import { enginesWith, runsOn, type EngineRow, type LeftOutKey } from "../engines.ts";

export interface EngineChoice extends EngineRow {
  /** Keys of the board file. */
  board: Record<string, unknown>;
  options: Partial<SimulateOptions>;
  /** Bytes that the greenhouse may have. */
  budget: number;
  /** When the link is cut, ms after a whole minute, in tests of how a sample fares that is under way. */
  cuts: number[];
}

/** Simulated seconds in one of the host, on the real interpreter: faster ones leave it no time to compute. */
const SPEED = 20;

/** A sample leaves at +530 ms, is at the broker at +540, and its PUBACK is back at +550. */
const CUTS = [0, 525, 531, 535, 541, 545, 549, 560, 15_000];
/** On the ESP32 a timer is late by a tick or two (10 ms). */
const LUA_CUTS = [0, 575, 583, 591, 601, 15_000];

const ESPRUINO = { board: { target: "espruino" }, budget: 8000, cuts: CUTS };
const nodemcu = (lua: "5.1" | "5.3") =>
  ({ board: { target: "nodemcu", nodemcu: { lua } }, options: {}, budget: 16384, cuts: LUA_CUTS });

export const ENGINES: EngineChoice[] = enginesWith({
  v8: { ...ESPRUINO, options: {} },
  "lua5.1": nodemcu("5.1"),
  "lua5.3": nodemcu("5.3"),
  espruino: { ...ESPRUINO, options: { virtual: false, speed: SPEED } },
});

/** @param key what is left out, if anything is */
export const engines = (key?: LeftOutKey): EngineChoice[] => ENGINES.filter(({ name, missing }) => {
  if (!runsOn(name, key)) return false;
  if (missing !== undefined) console.log(`skipped: the engine ${name} (${missing})`);
  return missing === undefined;
});
