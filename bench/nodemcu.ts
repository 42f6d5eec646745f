/** The greenhouse as a NodeMCU node: its bytes, and its heap on the ESP8266, in the simulator's Lua. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulate } from "../simulator/simulator.ts";
import type { LuaVersion } from "../tools/board/types.ts";
import { build } from "../tools/build/build.ts";
import { root } from "../tools/build/root.ts";
import { readFirmware } from "../tools/firmware.ts";

/** Bytes. */
export interface NodemcuSizes {
  /** init.lua and firmware.lua. */
  node: number;
  /** firmware.lua, compiled, with what tells lines. */
  compiled: number;
  /** What its code takes of the heap where it is not in the flash store. */
  code: number;
  /** Heap that the node has in use, code in the flash store: connected and publishing; a day of readings later. */
  connected: number;
  later: number;
}

const BOARD = {
  extends: join(root, "boards/greenhouse.json"),
  target: "nodemcu",
  hardware: "esp8266-nodemcu",
  buses: { i2c1: { sda: "D4", scl: "D5" } },
};

const HOUR_MS = 60 * 60_000;
const LATER_HOURS = 6;

/** Measures, in some seconds. */
export const measureNodemcu = async (version: LuaVersion, hours = LATER_HOURS): Promise<NodemcuSizes> => {
  const dir = mkdtempSync(join(tmpdir(), "motelet-bench-"));
  try {
    const file = join(dir, "greenhouse.json");
    writeFileSync(file, JSON.stringify({ ...BOARD, nodemcu: { lua: version, lfs: true } }));
    const { manifest, file: firmware, problems } = await build(file, { outDir: dir, secrets: "simulated" });
    if (!manifest?.lua || !firmware) throw new Error(`the greenhouse does not build for Lua ${version}: ${problems[0]?.message}`);
    const sim = await simulate({ manifest, firmware: await readFirmware(manifest, firmware), virtual: true });
    const usage = async (): Promise<number> => (await sim.engine.memory()).usage!;
    try {
      await sim.until("readings", () => sim.messages.length > 4, 10 * 60_000);
      const connected = await usage();
      await sim.run(hours * HOUR_MS);
      return {
        node: manifest.files!.reduce((sum, { bytes }) => sum + bytes, 0), compiled: manifest.lua.compiledBytes,
        code: manifest.lua.codeHeapBytes, connected, later: await usage(),
      };
    } finally {
      await sim.close();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

const MARKS = ["<!-- nodemcu sizes -->\n", "<!-- /nodemcu sizes -->"] as const;
const DOC = join(root, "docs/nodemcu.md");

const ROWS: [key: keyof NodemcuSizes, text: string][] = [
  ["node", "`init.lua` and `firmware.lua`"],
  ["compiled", "`firmware.lua`, compiled (PUC's bytecode with all debug information; NodeMCU's is smaller)"],
  ["code", "heap that the code takes without the flash store"],
  ["connected", "heap in use, connected, code in the flash store"],
];

const number = (n: number): string => String(n).replace(/(?<=\d)(?=(\d{3})+$)/g, ",");

/** docs/nodemcu.md with the table of these sizes. */
export const withNodemcuTable = (doc: string, sizes: Record<LuaVersion, NodemcuSizes>): string => {
  const [start, end] = [doc.indexOf(MARKS[0]) + MARKS[0].length, doc.indexOf(MARKS[1])];
  const rows = ROWS.map(([key, text]) => `| ${text} | ${number(sizes["5.1"][key])} | ${number(sizes["5.3"][key])} |`);
  return `${doc.slice(0, start)}\n| the greenhouse on an ESP8266, bytes | Lua 5.1 | Lua 5.3 |\n| --- | --- | --- |\n${
    rows.join("\n")}\n\n${doc.slice(end)}`;
};

/** What docs/nodemcu.md says now. */
export const nodemcuDoc = (): string => readFileSync(DOC, "utf8");

/** Writes the table. */
export const writeNodemcuDoc = (sizes: Record<LuaVersion, NodemcuSizes>): void =>
  writeFileSync(DOC, withNodemcuTable(nodemcuDoc(), sizes));
