/** Which modules of the NodeMCU firmware a program needs: what it names of the API. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DriverMeta } from "../../../lib/drivers/types.ts";
import type { Board } from "../../board/types.ts";
import { generate } from "../generate.ts";
import { root } from "../root.ts";
import { joinModules, type Joined } from "./join.ts";
import type { LuaVersion } from "./transpile.ts";

/** Names of lib/platform/nodemcu/api.ts that are no modules of the firmware: Lua's own. */
const LUA = new Set(["debug", "pcall", "xpcall", "print", "select", "string", "table", "tonumber", "math", "io"]);

/** Modules that init.lua needs; the firmware's console is one. */
const INIT_MODULES = { esp8266: ["file", "node", "rtcmem", "tmr", "uart"], esp32: ["file", "node", "tmr", "uart"] };

/** Folder of lib/platform/nodemcu with what is so on this chip alone. */
export const chipFolder = (chip: string): "esp8266" | "esp32" => (chip.startsWith("ESP8266") ? "esp8266" : "esp32");

/** The file of `#platform/<name>` on NodeMCU. */
export const platformFile = (chip: string) => (name: string): string => {
  const folder = join(root, "lib/platform/nodemcu");
  const own = join(folder, chipFolder(chip), `${name}.ts`);
  return existsSync(own) ? own : join(folder, `${name}.ts`);
};

/** Modules of the firmware, and the files that use each. */
export type Needs = Map<string, Set<string>>;

/** What joined modules need. Lua 5.1 has no operators on bits. */
export const firmwareModules = ({ ambient, bitwise }: Joined, version: LuaVersion): Needs => {
  const needs = new Map([...ambient].filter(([name]) => !LUA.has(name)));
  if (version === "5.1" && bitwise.size > 0) needs.set("bit", bitwise);
  return needs;
};

/** With what init.lua needs. */
export const withInit = (needs: Needs, chip: string): Needs => {
  const all = new Map(needs);
  for (const name of INIT_MODULES[chipFolder(chip)]) all.set(name, new Set([...needs.get(name) ?? [], "init.lua"]));
  return all;
};

/** What a board needs, before anything is compiled. */
export const neededModules = (board: Board, metas: Record<string, DriverMeta>): Needs =>
  withInit(firmwareModules(joinModules(generate(board, metas), { root, platform: platformFile(board.hardware.chip) }),
    board.nodemcu!.lua), board.hardware.chip);
