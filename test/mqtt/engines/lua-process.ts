/** A real Lua of this machine, as the simulator's VM is used: the same tests show that the VM is no Lua of its own. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { LuaVersion, LuaVm } from "../../../simulator/engines/lua/vm.ts";
import { Pipes } from "./pipes.ts";

const PROGRAM = (version: LuaVersion): string => `lua${version}`;

/** What is missing, if anything. */
export const missingLua = (version: LuaVersion): string | undefined =>
  (spawnSync(PROGRAM(version), ["-v"]).error === undefined ? undefined : `install ${PROGRAM(version)}`);

/** @param answer throws nothing */
export const createLuaProcess = (version: LuaVersion, answer: (request: string) => string): LuaVm => {
  const pipes = new Pipes(PROGRAM(version), readFileSync(new URL("lua/process.lua", import.meta.url), "latin1"));
  const ask = (message: string): void => {
    pipes.send(message);
    for (;;) {
      const reply = pipes.receive();
      const rest = reply.slice(1);
      if (reply.startsWith("d")) return;
      if (reply.startsWith("e")) throw new Error(rest);
      pipes.send(`=${answer(rest)}`);
    }
  };
  return {
    run: (source) => ask(`r${source}`),
    call: (name) => ask(`k${name}`),
    close: () => pipes.close(),
  };
};
