/** The greenhouse as a NodeMCU node: its bytes, and its heap on the ESP8266, in the simulator's Lua. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulate, type Simulation } from "../simulator/simulator.ts";
import type { LuaVersion, Manifest } from "../tools/board/types.ts";
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
  /** Heap that the node has in use, connected and publishing, code in the flash store. */
  connected: number;
}

/** What messages leave behind. */
export interface NodemcuGrowth {
  messages: number;
  /** Of the heap in use, all collected. */
  bytes: number;
}

const BOARD = {
  extends: join(root, "boards/greenhouse.json"),
  target: "nodemcu",
  hardware: "esp8266-nodemcu",
  buses: { i2c1: { sda: "D4", scl: "D5" } },
};

/** Readings each second, a message for each quantity, at QoS 1. */
const BUSY = {
  sensors: [
    { driver: "bme280", id: "air", bus: "i2c1", address: "0x76", interval: "1s", publish: { qos: 1, as: "value" } },
  ],
};
const STEP_MS = 10 * 60_000;
const MESSAGES = 100_000;

/** Builds the greenhouse for a version, with keys of the board file replaced, and simulates it. */
const withGreenhouse = async <T>(
  version: LuaVersion, changes: object, use: (sim: Simulation, manifest: Manifest) => Promise<T>,
): Promise<T> => {
  const dir = mkdtempSync(join(tmpdir(), "motelet-bench-"));
  try {
    const file = join(dir, "greenhouse.json");
    writeFileSync(file, JSON.stringify({ ...BOARD, ...changes, nodemcu: { lua: version, lfs: true } }));
    const { manifest, file: firmware, problems } = await build(file, { outDir: dir, secrets: "simulated" });
    if (!manifest?.lua || !firmware) throw new Error(`the greenhouse does not build for Lua ${version}: ${problems[0]?.message}`);
    const sim = await simulate({ manifest, firmware: await readFirmware(manifest, firmware), virtual: true });
    try {
      return await use(sim, manifest);
    } finally {
      await sim.close();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

const usage = async (sim: Simulation): Promise<number> => (await sim.engine.memory()).usage!;

/** Measures, in some seconds. */
export const measureNodemcu = (version: LuaVersion): Promise<NodemcuSizes> =>
  withGreenhouse(version, {}, async (sim, { files, lua }) => {
    await sim.until("readings", () => sim.messages.length > 4, STEP_MS);
    return {
      node: files!.reduce((sum, { bytes }) => sum + bytes, 0), compiled: lua!.compiledBytes, code: lua!.codeHeapBytes,
      connected: await usage(sim),
    };
  });

/** The whole node, after so many messages (half a minute for 100,000). */
export const measureGrowth = (version: LuaVersion, messages = MESSAGES): Promise<NodemcuGrowth> =>
  withGreenhouse(version, BUSY, async (sim) => {
    await sim.run(STEP_MS);
    const before = await usage(sim);
    const first = sim.messages.length;
    while (sim.messages.length - first < messages) await sim.run(STEP_MS);
    return { messages: sim.messages.length - first, bytes: await usage(sim) - before };
  });

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
