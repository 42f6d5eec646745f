/**
 * Sizes of what is built, and their record: `npm run sizes` writes bench/sizes.json and the table of README.md; a test
 * compares both with what is built now.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest } from "../tools/board/types.ts";
import { build } from "../tools/build/build.ts";
import { root } from "../tools/build/root.ts";
import { measureDrivers, SENSOR_DOCS, sensorDocs, type DriverSizes } from "./drivers.ts";
import { filterDocs, measureFilters } from "./filters.ts";
import { measureNodemcu, writeNodemcuDoc } from "./nodemcu.ts";
import { measureParts, partDocs, type PartSizes } from "./parts.ts";
import { libraryBytes, PROFILES } from "./profiles.ts";

/**
 * Bytes that the design allows. Of the store it wished for 700 and of WebSocket for 900: docs/store.md and
 * docs/links.md say what the others buy.
 */
export const BUDGETS: Record<string, number> = {
  qos0: 1500, qos01: 2400, qos012: 3000, node: 8000, store: 1480, websocket: 1480,
};

const BOARDS = ["greenhouse", "freezer", "workbench"];
const RECORD = join(root, "bench/sizes.json");
const README = join(root, "README.md");
const MARKS = ["<!-- sizes -->\n", "<!-- /sizes -->"] as const;

const ROWS: Record<string, string> = {
  qos0: "MQTT client, QoS 0, will, keep-alive, reconnect",
  qos01: "MQTT client, QoS 0 and 1, subscribe, sessions, in-flight buffers, re-send with DUP",
  qos012: "the same with QoS 2",
  store: "what a store of messages in flash adds to it",
  websocket: "what a WebSocket link adds to a client",
  node: "the whole greenhouse node: Wi-Fi, client, will and birth, BME280, JSON, offline queue, diagnostics",
};

export interface Sizes {
  espruino: {
    /** Client profiles (lib/ only) and the greenhouse node. */
    profiles: Record<string, number>;
    /** Whole boards. */
    boards: Record<string, number>;
    /** Each driver, and what drivers share. */
    drivers: DriverSizes;
    /** Each filter, and what applies filters. */
    filters: Record<string, number>;
    /** What the parts of the store and of a WebSocket cost. */
    parts: PartSizes;
  };
  lua: { drivers: DriverSizes; filters: Record<string, number> };
}

/** Builds a board of boards/ with simulated secrets and gives its manifest and its entry. */
export const buildBoard = async (name: string): Promise<{ manifest: Manifest; main: string }> => {
  const outDir = mkdtempSync(join(tmpdir(), "motelet-bench-"));
  try {
    const { manifest, problems } = await build(join(root, `boards/${name}.json`), { outDir, secrets: "simulated" });
    if (!manifest) throw new Error(`boards/${name}.json does not build: ${problems[0]?.path} ${problems[0]?.message}`);
    return { manifest, main: readFileSync(join(outDir, name, "main.ts"), "utf8") };
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
};

/** Measures all sizes. */
export const measureSizes = async (): Promise<Sizes> => {
  const profiles: Record<string, number> = {};
  const boards: Record<string, number> = {};
  for (const profile of Object.keys(PROFILES)) profiles[profile] = await libraryBytes(profile);
  profiles["store"] = profiles["stored"]! - profiles["queued"]!;
  delete profiles["stored"];
  profiles["websocket"] = profiles["qos01+ws"]! - profiles["qos01"]!;
  delete profiles["qos01+ws"];
  for (const board of BOARDS) {
    boards[board] = (await buildBoard(board)).manifest.bytes;
  }
  const filters = await measureFilters();
  const { espruino: drivers, lua } = await measureDrivers();
  return {
    espruino: { profiles: { ...profiles, node: boards["greenhouse"]! }, boards, drivers, filters: filters.espruino, parts: await measureParts() },
    lua: { drivers: lua, filters: filters.lua },
  };
};

const number = (n: number): string => String(n).replace(/(?<=\d)(?=(\d{3})+$)/g, ",");

/** README.md with the table of these sizes. */
export const withTable = (readme: string, sizes: Sizes): string => {
  const [start, end] = [readme.indexOf(MARKS[0]) + MARKS[0].length, readme.indexOf(MARKS[1])];
  const rows = Object.entries(ROWS).map(([name, text]) => `| ${text} | ${number(sizes.espruino.profiles[name]!)} |`);
  return `${readme.slice(0, start)}\n| what | bytes |\n| --- | --- |\n${rows.join("\n")}\n\n${readme.slice(end)}`;
};

/** Sentences of the documents that name a size: the page, what stands before the number, and whose size it is. */
const SENTENCES: [page: string, before: string, what: string][] = [
  ["docs/store.md", "The store adds ", "store"], ["docs/links.md", "A WebSocket adds ", "websocket"],
];

/** The pages with sentences that name a size, as they are, and with these sizes. */
export const sentences = (sizes: Sizes): { path: string; now: string; wanted: string }[] =>
  SENTENCES.map(([page, before, what]) => {
    const path = join(root, page);
    const now = readFileSync(path, "utf8");
    const [start, ...others] = now.split(before);
    if (others.length !== 1) throw new Error(`"${before}" stands ${others.length} times in ${page}, not once`);
    const bytes = number(sizes.espruino.profiles[what]!);
    return { path, now, wanted: `${start}${before}${others[0]!.replace(/^[\d,]+(?= bytes)/, bytes)}` };
  });

/** What is recorded. */
export const recorded = (): { sizes: Sizes; readme: string } => ({
  sizes: JSON.parse(readFileSync(RECORD, "utf8")) as Sizes,
  readme: readFileSync(README, "utf8"),
});

if (process.argv[1]?.endsWith("sizes.ts")) {
  const sizes = await measureSizes();
  writeFileSync(RECORD, `${JSON.stringify(sizes, null, 2)}\n`);
  writeFileSync(README, withTable(readFileSync(README, "utf8"), sizes));
  for (const { path, wanted } of sentences(sizes)) writeFileSync(path, wanted);
  for (const { path, wanted } of partDocs(sizes.espruino.parts)) writeFileSync(path, wanted);
  const docs = filterDocs({ espruino: sizes.espruino.filters, lua: sizes.lua.filters });
  writeFileSync(docs.path, docs.wanted);
  writeFileSync(SENSOR_DOCS, await sensorDocs({ espruino: sizes.espruino.drivers, lua: sizes.lua.drivers }));
  writeNodemcuDoc({ 5.1: await measureNodemcu("5.1"), 5.3: await measureNodemcu("5.3") });
  console.log(JSON.stringify(sizes, null, 2));
}
