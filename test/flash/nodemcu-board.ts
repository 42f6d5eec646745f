/** A simulated NodeMCU board at the end of a cable that can be made worse, on virtual time: for tests. */
import { createLuaEngine } from "../../simulator/engines/lua.ts";
import type { LuaVersion } from "../../simulator/engines/lua/vm.ts";
import { flashNodemcu, type NodemcuJob, type NodemcuResult } from "../../tools/flash/protocol/nodemcu.ts";
import type { Limits, Progress } from "../../tools/flash/protocol/transport.ts";
import { wire, type WiredBoard } from "./board.ts";

export interface NodemcuBoard extends WiredBoard<ReturnType<typeof createLuaEngine>> {
  flash(
    job?: Partial<NodemcuJob>, limits?: Partial<Limits>, onProgress?: (progress: Progress) => void,
  ): Promise<NodemcuResult>;
}

/** The two files of a node that says its name, or does something else, when it starts. */
export function nodeOf(name: string, bytes = 0, atBoot = `print("motelet ${name}")`): NodemcuJob["files"] {
  const filler = "0123456789abcdef".repeat(bytes / 16 + 1).slice(0, bytes);
  return [
    { name: "init.lua", data: "local run = assert(loadfile('firmware.lua')) run()" },
    { name: "firmware.lua", data: `-- ${filler} \xff\x00"\\\x01]]\n${atBoot}\n` },
  ];
}

export function createNodemcu(
  options: { baud?: number; chip?: string; lua?: LuaVersion; modules?: string[] } = {},
): NodemcuBoard {
  const { lua = "5.1", chip = "ESP32" } = options;
  const { modules } = options;
  const board = wire((engine) => createLuaEngine(engine, { version: lua, ...(modules ? { modules } : {}) }),
    { ...options, chip });
  const self: NodemcuBoard = Object.assign(board, {
    flash: (
      job: Partial<NodemcuJob> = {}, limits: Partial<Limits> = {}, onProgress: (progress: Progress) => void = () => {},
    ) => board.drive(flashNodemcu(board.transport, {
      banner: "motelet one", files: nodeOf("one"), compile: true,
      expected: { chip: chip === "ESP8266" ? "esp8266" : "esp32", lua, modules: ["file", "node", "tmr"], hardware: "a board" },
      ...job,
    }, { port: "the port", timing: board.timing, limits, onProgress })),
  });
  return self;
}
