/** Runs a program over lib/platform/nodemcu: compiled as a firmware is, on the engine `lua` with a fake board. */
import { createLuaEngine, type LuaOptions } from "../../simulator/engines/lua.ts";
import { compileLua } from "../../tools/build/lua/compile.ts";
import type { LuaVersion } from "../../tools/build/lua/transpile.ts";
import { createBench, type Bench } from "../simulator/bench.ts";

export interface Target { chip: "ESP32" | "ESP8266"; version: LuaVersion }

/** The chips and versions, each of which has platform files or operators of its own. */
export const TARGETS: Target[] = (["ESP32", "ESP8266"] as const).flatMap((chip) =>
  (["5.1", "5.3"] as const).map((version) => ({ chip, version })));

export const nameOf = ({ chip, version }: Target): string => `${chip}, Lua ${version}`;

/** How NodeMCU numbers the pin Dn of a chip. */
export const pinNumber = ({ chip }: Target, gpio: number): number =>
  (chip === "ESP32" ? gpio : [16, 5, 4, 0, 2, 14, 12, 13, 15, 3, 1].indexOf(gpio));

const HEAD = "declare const print: (this: void, ...values: unknown[]) => void;\n";

/** Boots a program whose imports start from the root of the repository. */
export const boot = async (
  entry: string, { chip, version }: Target, options: Partial<LuaOptions> = {}, prepare?: (bench: Bench) => void,
): Promise<Bench> => {
  const { code } = compileLua(HEAD + entry, chip, version);
  const bench = createBench((all) => createLuaEngine(all, { version, ...options }), { virtual: true, chip });
  prepare?.(bench);
  await bench.engine.start({ "init.lua": Buffer.from(code, "latin1") });
  return bench;
};

/** What a program prints within some time. */
export const linesOf = async (
  entry: string, target: Target, ms: number, prepare?: (bench: Bench) => void,
): Promise<string[]> => {
  const bench = await boot(entry, target, {}, prepare);
  try {
    await bench.pass(ms);
    return [...bench.lines, ...bench.warnings];
  } finally {
    await bench.close();
  }
};
