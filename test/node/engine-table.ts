/**
 * The one table of engines that nodes run on in tests: each builds its board for its own target. Scenarios run on all
 * that this machine has.
 */
import { findEspruino } from "../../simulator/engines/espruino.ts";
import type { EngineName, SimulateOptions } from "../../simulator/simulator.ts";

export interface EngineChoice {
  name: EngineName;
  /** Keys of the board file. */
  board: Record<string, unknown>;
  options: Partial<SimulateOptions>;
  /** Whether the firmware hears of a restart by a command, so that the node can say goodbye. */
  saysGoodbye: boolean;
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

export const ENGINES: EngineChoice[] = [
  { name: "v8", board: { target: "espruino" }, options: {}, saysGoodbye: true, budget: 8000, cuts: CUTS },
  {
    name: "lua5.1", board: { target: "nodemcu", nodemcu: { lua: "5.1" } }, options: {}, saysGoodbye: false,
    budget: 16384, cuts: LUA_CUTS,
  },
  {
    name: "lua5.3", board: { target: "nodemcu", nodemcu: { lua: "5.3" } }, options: {}, saysGoodbye: false,
    budget: 16384, cuts: LUA_CUTS,
  },
  {
    name: "espruino", board: { target: "espruino" }, options: { virtual: false, speed: SPEED }, saysGoodbye: true,
    budget: 8000, cuts: CUTS,
  },
];

/** @param virtual those on a virtual clock alone: no time passes on it but when the test says so */
export const engines = (virtual = false): EngineChoice[] => ENGINES.filter(({ name, options }) => {
  if (virtual && options.virtual === false) return false;
  const isMissing = name === "espruino" && findEspruino() === undefined;
  if (isMissing) console.log("skipped: the engine espruino (set ESPRUINO to a Linux build of Espruino)");
  return !isMissing;
});
