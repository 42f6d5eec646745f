/** The files of a NodeMCU build: init.lua (the boot guard), firmware.lua, its map, and how to build NodeMCU itself. */
import type { Board, Manifest, Problem } from "../board/types.ts";
import { compileLua, loadedSize, luaProblem } from "./lua/compile.ts";
import { configurationOf } from "./lua/configuration.ts";
import { initLua } from "./lua/init.ts";
import { withInit } from "./lua/needs.ts";
import type { Built } from "./build.ts";

/** What the program may take of the heap where its code is not in flash: the rest is its data, and the firmware's. */
const LARGEST_SHARE = 0.75;

/** Compiles the entry of a board. */
export const buildNodemcu = (board: Board, main: string): Built => {
  const { hardware, nodemcu } = board;
  const version = nodemcu!.lua;
  const { code, modules, map, firmware } = compileLua(main, hardware.chip, version);
  const needed = [...withInit(firmware, hardware.chip).keys()].sort();
  const init = initLua(board, needed);
  const problems: Problem[] = [];
  for (const [name, text] of [["init.lua", init], ["firmware.lua", code]] as const) {
    const message = luaProblem(text, name, version);
    if (message !== undefined) problems.push({ file: name, path: "", severity: "error", message });
  }
  const size = problems.length > 0 ? { compiledBytes: 0, heapBytes: 0 } : loadedSize(code, version);
  if (!nodemcu!.lfs && size.heapBytes > LARGEST_SHARE * hardware.heap.variables) {
    problems.push({
      file: board.file, path: "nodemcu.lfs", severity: "error",
      message: `the code takes ${size.heapBytes} bytes of the heap of ${hardware.name}, which has ${hardware.heap.variables}`,
      suggestion: "set \"nodemcu\": { \"lfs\": true }: it goes into flash then",
    });
  }
  const lua: NonNullable<Manifest["lua"]> = {
    version, modules: needed, ...(nodemcu!.lfs ? { flashed: ["firmware.lua"] } : {}),
    compiledBytes: size.compiledBytes, codeHeapBytes: size.heapBytes,
    configuration: configurationOf(board, needed),
  };
  return {
    file: "firmware.lua",
    files: {
      "init.lua": Buffer.from(init, "latin1"),
      "firmware.lua": Buffer.from(code, "latin1"),
    },
    beside: {
      "firmware.lua.map": map,
      ...Object.fromEntries(lua.configuration.map(({ file, text }) => [file, text])),
    },
    modules: { ...modules, "init.lua": init.length },
    usedBytes: nodemcu!.lfs ? size.compiledBytes : code.length + init.length,
    budget: {
      bytes: hardware.flash.codeBytes,
      of: nodemcu!.lfs ? `LFS of ${hardware.title}, compiled` : `file system of ${hardware.title}`,
    },
    problems, lua,
  };
};
