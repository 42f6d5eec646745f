/** `build`: from a board file to the bytes that are flashed, and the manifest that describes them. */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { crc32 } from "node:zlib";
import type { DriverMeta } from "../../lib/drivers/types.ts";
import { publishedFields } from "../board/filters.ts";
import { loadBoard } from "../board/load.ts";
import type { Board, LinkKind, Manifest, Problem } from "../board/types.ts";
import { generate } from "./generate.ts";
import { checkGrammar } from "./grammar.ts";
import { minify } from "./minify.ts";
import { root } from "./root.ts";

/** What the compiler of a target made of the entry. */
export interface Built {
  /** The program, and all files that go onto the chip. */
  file: string;
  files: Record<string, Buffer>;
  /** What is written beside them, for people and tools. */
  beside: Record<string, string>;
  /** Bytes by source module; they add up to those of `files`. */
  modules: Record<string, number>;
  /** What counts against the budget. */
  usedBytes: number;
  budget: Manifest["budget"];
  problems: Problem[];
  lua?: NonNullable<Manifest["lua"]>;
}

export interface BuildResult {
  /** Undefined when the board file has errors: nothing was written then. */
  manifest?: Manifest;
  /** Path of firmware.js. */
  file?: string;
  problems: Problem[];
}

const loadMetas = async (board: Board): Promise<Record<string, DriverMeta>> => {
  const metas: Record<string, DriverMeta> = {};
  for (const { driver } of board.sensors) {
    metas[driver] ??= ((await import(`../../lib/drivers/${driver}.ts`)) as { meta: DriverMeta }).meta;
  }
  return metas;
};

const LINKS: Record<LinkKind, string[]> = {
  tcp: ["tcp"], tls: ["tls"], ws: ["tcp", "websocket"], wss: ["tls", "websocket"],
};

const features = (board: Board): string[] => {
  const { mqtt } = board;
  return [
    ...LINKS[mqtt.link],
    ...(mqtt.will ? ["will"] : []),
    ...(mqtt.birth ? ["birth"] : []),
    ...[0, 1, 2].filter((qos) => board.sensors.some((s) => s.publish.qos === qos)).map((qos) => `qos${qos}`),
    ...(board.sensors.some((s) => s.publish.qos > 0) ? ["offline queue"] : []),
    ...(mqtt.store ? ["store"] : []),
    ...(board.diagnosticsIntervalMs > 0 ? ["diagnostics"] : []),
    ...(board.watchdogMs > 0 ? ["watchdog"] : []),
    ...new Set(board.sensors.map((s) => s.driver)),
    ...new Set(board.sensors.flatMap((s) => Object.values(s.filters ?? {}).flat().flatMap(Object.keys))),
  ];
};

const describe = (board: Board, metas: Record<string, DriverMeta>): Manifest["sensors"] =>
  board.sensors.map((sensor) => ({
    ...sensor,
    fields: publishedFields(metas[sensor.driver]!, sensor)
      .map(({ name, unit, decimals }) => ({ name, unit, decimals })),
  }));

const topicsOf = (board: Board, sensors: Manifest["sensors"]): Manifest["topics"] => ({
  ...(board.mqtt.birth ? { availability: board.mqtt.birth.topic } : {}),
  ...(board.diagnosticsIntervalMs > 0 ? { diagnostics: `${board.name}/diagnostics` } : {}),
  sensors: Object.fromEntries(sensors.map((s) => [
    s.id,
    s.publish.as === "json"
      ? [`${board.name}/${s.id}`]
      : s.fields.map((f) => `${board.name}/${s.id}/${f.name}`),
  ])),
});

/**
 * Builds the firmware of a board file into `<outDir>/<name>/`: main.ts (the generated entry), firmware.js,
 * manifest.json.
 * @param secrets "simulated": secrets that are missing are invented, for a build that the simulator runs
 */
export const build = async (
  file: string,
  options: { outDir?: string; secrets?: "simulated" } = {},
): Promise<BuildResult> => {
  const loaded = await loadBoard(file, options.secrets ? { secrets: options.secrets } : {});
  const { board, problems } = loaded;
  if (!board || problems.some((p) => p.severity === "error")) {
    return { problems };
  }
  const metas = await loadMetas(board);
  const dir = join(resolve(options.outDir ?? "dist"), board.name);
  await mkdir(dir, { recursive: true });
  const main = join(dir, "main.ts");
  await writeFile(main, generate(board, metas));
  const entry = await readFile(main, "utf8");
  // The compilers of Lua take their time to load.
  const built = board.target === "nodemcu" ? (await import("./nodemcu.ts")).buildNodemcu(board, entry)
    : await buildEspruino(board, entry);
  problems.push(...built.problems, ...checkBudget(file, board, built));
  if (problems.some((p) => p.severity === "error")) {
    return { problems };
  }
  const sensors = describe(board, metas);
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const { link, host, port, path, clientId, username, keepAliveSeconds, cleanSession } = board.mqtt;
  const manifest: Manifest = {
    name: board.name,
    target: board.target,
    hardware: board.hardware.name,
    motelet: version,
    secrets: loaded.simulatedSecrets.length > 0 ? "simulated" : "given",
    ...fileOf(built),
    modules: built.modules,
    budget: built.budget,
    features: features(board),
    ...(built.lua ? { lua: built.lua } : {}),
    mqtt: {
      link, host, port, ...(path === undefined ? {} : { path }),
      clientId, ...(username === undefined ? {} : { username }), keepAliveSeconds, cleanSession,
    },
    topics: topicsOf(board, sensors),
    buses: board.buses,
    adc: board.hardware.adc,
    heap: board.hardware.heap,
    sensors,
  };
  for (const [name, bytes] of Object.entries({ ...built.files, ...built.beside })) {
    await writeFile(join(dir, name), bytes);
  }
  await writeFile(join(dir, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return { manifest, file: join(dir, manifest.file), problems };
};

const buildEspruino = async (board: Board, entry: string): Promise<Built> => {
  const { code, modules } = await minify({ contents: entry, resolveDir: root }, root);
  return {
    file: "firmware.js", files: { "firmware.js": Buffer.from(code, "latin1") }, beside: {}, modules,
    usedBytes: code.length,
    budget: { bytes: board.hardware.flash.codeBytes, of: `code flash of ${board.hardware.title}` },
    problems: checkGrammar(code).map(({ line, column, message }) => (
      { file: "firmware.js", path: "", severity: "error", message, line, column })),
  };
};

const checkBudget = (file: string, { hardware }: Board, { usedBytes, budget }: Built): Problem[] => (
  usedBytes <= budget.bytes ? [] : [{
    file, path: "sensors", severity: "error",
    message: `the firmware has ${usedBytes} bytes and ${hardware.title} keeps ${budget.bytes} bytes of code`,
    suggestion: "use fewer or smaller drivers: the list of sizes says which ones are large",
  }]);

const checksums = (bytes: Buffer): { bytes: number; sha256: string; crc32: number } => (
  { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex"), crc32: crc32(bytes) });

const fileOf = ({ file, files, lua }: Built): Pick<Manifest, "file" | "files" | "bytes" | "sha256" | "crc32"> => ({
  file, ...checksums(files[file]!),
  ...(lua ? { files: Object.entries(files).map(([name, bytes]) => ({ name, ...checksums(bytes) })) } : {}),
});

/** The sizes of a build as lines for people: by module, largest first, and their sum against the budget. */
export const sizeTable = (manifest: Manifest): string[] => {
  const rows = Object.entries(manifest.modules).sort(([, a], [, b]) => b - a);
  const total = rows.reduce((sum, [, bytes]) => sum + bytes, 0);
  const width = Math.max(...rows.map(([name]) => name.length), 20);
  const line = (name: string, bytes: number): string => `  ${name.padEnd(width)} ${String(bytes).padStart(7)}`;
  const used = manifest.lua?.flashed ? manifest.lua.compiledBytes : total;
  const share = Math.round((100 * used) / manifest.budget.bytes);
  return [
    ...rows.map(([name, bytes]) => line(basename(name) === "main.ts" ? "board (main.ts)" : name, bytes)),
    `${line((manifest.files ?? [{ name: manifest.file }]).map(({ name }) => name).join(" + "), total)} of ${
      manifest.budget.bytes} bytes (${share} %, ${manifest.budget.of})`,
  ];
};
