/** The greenhouse as a NodeMCU node: its bytes, and its heap on the ESP8266, in the simulator's Lua. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulate, type Simulation } from "../simulator/simulator.ts";
import type { LuaVersion, Manifest } from "../tools/board/types.ts";
import { build } from "../tools/build/build.ts";
import { strippedSize } from "../tools/build/lua/compile.ts";
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
  /** The same without any debug information; of Lua 5.3 alone. */
  stripped: number | undefined;
  /** Heap that the node has in use, connected and publishing, code in the flash store. */
  connected: number;
  /** The same on an ESP32, code in its heap. */
  inRam: number;
}

/** What messages leave behind. */
export interface NodemcuGrowth {
  messages: number;
  /** Of the heap in use, all collected. */
  bytes: number;
}

const BOARD = { extends: join(root, "boards/greenhouse.json"), target: "nodemcu" };
const ESP8266 = { hardware: "esp8266-nodemcu", buses: { i2c1: { sda: "D4", scl: "D5" } } };

/** Readings each second, a message for each quantity, at QoS 1. */
const BUSY = {
  ...ESP8266,
  sensors: [
    { driver: "bme280", id: "air", bus: "i2c1", address: "0x76", interval: "1s", publish: { qos: 1, as: "value" } },
  ],
};
const STEP_MS = 10 * 60_000;
const MESSAGES = 100_000;

/** Builds the greenhouse for a version, with keys of the board file replaced, and simulates it. */
const withGreenhouse = async <T>(
  version: LuaVersion, changes: object, use: (sim: Simulation, manifest: Manifest, code: string) => Promise<T>,
  lfs = true,
): Promise<T> => {
  const dir = mkdtempSync(join(tmpdir(), "motelet-bench-"));
  try {
    const file = join(dir, "greenhouse.json");
    writeFileSync(file, JSON.stringify({ ...BOARD, ...changes, nodemcu: { lua: version, lfs } }));
    const { manifest, file: firmware, problems } = await build(file, { outDir: dir, secrets: "simulated" });
    if (!manifest?.lua || !firmware) throw new Error(`the greenhouse does not build for Lua ${version}: ${problems[0]?.message}`);
    const files = await readFirmware(manifest, firmware) as Record<string, Uint8Array>;
    const sim = await simulate({ manifest, firmware: files, virtual: true });
    try {
      return await use(sim, manifest, Buffer.from(files["firmware.lua"]!).toString("latin1"));
    } finally {
      await sim.close();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

const usage = async (sim: Simulation): Promise<number> => (await sim.engine.memory()).usage!;

/** With some readings published. */
const connected = async (sim: Simulation): Promise<number> => {
  await sim.until("readings", () => sim.messages.length > 4, STEP_MS);
  return usage(sim);
};

/** Measures, in some seconds. */
export const measureNodemcu = (version: LuaVersion): Promise<NodemcuSizes> =>
  withGreenhouse(version, ESP8266, async (sim, { files, lua }, code) => ({
    node: files!.reduce((sum, { bytes }) => sum + bytes, 0), compiled: lua!.compiledBytes, code: lua!.codeHeapBytes,
    stripped: version === "5.3" ? strippedSize(code) : undefined,
    connected: await connected(sim),
    inRam: await withGreenhouse(version, {}, connected, false),
  }));

/** The whole node, after so many messages. */
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
  ["stripped", "the same without debug information (`string.dump(f, true)`: what `node.stripdebug(3)` leaves)"],
  ["connected", "heap in use, connected, code in the flash store"],
  ["inRam", "heap in use on an ESP32, connected, code in RAM (with debug information)"],
];

const number = (n: number | undefined): string => n === undefined ? "cannot" : String(n).replace(/(?<=\d)(?=(\d{3})+$)/g, ",");

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
