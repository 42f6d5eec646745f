/** Debian's Lua compilers, asked whether they take a bundle: another parser than the one that `build` checks with. */
import { spawnSync } from "node:child_process";
import type { LuaVersion } from "../tools/board/types.ts";

const isThere = new Map<LuaVersion, boolean>();

/** Whether `luac` of a version is on this machine. */
export const hasLuac = (version: LuaVersion): boolean => {
  if (!isThere.has(version)) isThere.set(version, spawnSync(`luac${version}`, ["-v"]).error === undefined);
  return isThere.get(version)!;
};

/** What `luac -p` has against a file of Lua; "" if nothing, or if there is no luac. */
export const luacProblem = (version: LuaVersion, code: Uint8Array): string => {
  if (!hasLuac(version)) return "";
  const { status, stderr } = spawnSync(`luac${version}`, ["-p", "-"], { input: code });
  return status === 0 ? "" : `luac${version}: ${stderr.toString()}`;
};
