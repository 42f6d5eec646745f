/** flash.config.json, what a board file says in its place, and what the command line says in place of both. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { durationMs } from "../board/duration.ts";
import { explain } from "../board/explain.ts";
import { Report } from "../board/report.ts";
import { locateIn, readSource } from "../board/source.ts";
import type { Board, FlashImage, FlashLimits, Problem } from "../board/types.ts";
import { root } from "../build/root.ts";
import { Failure } from "./protocol/failure.ts";
import { LIMITS, type Limits } from "./protocol/transport.ts";

export interface ImageConfig extends FlashImage {
  tool: "esptool";
  chip: string;
}

interface EspruinoConfig {
  boards: string[];
  minVersion?: string;
  image: ImageConfig | null;
  upload: { mode: "storage" | "bootcode"; verify: "crc32"; chunkBytes?: number; restart?: "reboot" | "load" };
}

interface NodemcuConfig {
  chip: "esp8266" | "esp32";
  image: ImageConfig | null;
  upload: { mode: "slots"; verify: "hash"; compile?: boolean; luac?: string };
}

interface HardwareConfig {
  port: string;
  match?: string[];
  baud: number;
  espruino?: EspruinoConfig;
  nodemcu?: NodemcuConfig;
  limits?: FlashLimits;
}

/** What the command line may say. */
export interface FlashOptions {
  port?: string | undefined;
  baud?: string | number | undefined;
  /** Another flash.config.json. */
  config?: string | undefined;
  /** luac.cross, from the current folder. */
  luac?: string | undefined;
}

/** What has to be known of a board. */
export type FlashBoard = Pick<Board, "target" | "hardware" | "flash"> & { file?: string };

/** How one board is flashed. */
export interface FlashSettings {
  /** "auto", or a port. */
  port: string;
  match: string[];
  baud: number;
  limits: Limits;
  image: ImageConfig | undefined;
  /** Folder that the paths of images are relative to. */
  folder: string;
  espruino: Required<EspruinoConfig["upload"]> & { boards: string[]; minVersion: string } | undefined;
  /** `luac`: an absolute path. */
  nodemcu: { chip: "esp8266" | "esp32"; compile: boolean; luac: string | undefined } | undefined;
}

const FILE = "flash.config.json";
const CHUNK_BYTES = 512;
const MIN_VERSION = "2v20";

/** The file that is named, the one in this folder, or that of the package. */
export function configPath(named?: string): string {
  if (named !== undefined) return resolve(named);
  return existsSync(FILE) ? resolve(FILE) : join(root, FILE);
}

/** The mistakes of a flash.config.json. */
export class ConfigError extends Error {
  readonly problems: Problem[];

  constructor(problems: Problem[]) {
    super("flash.config.json has mistakes");
    this.problems = problems;
  }
}

let compiled: ValidateFunction | undefined;

function validator(): ValidateFunction {
  if (compiled === undefined) {
    const ajv = new Ajv2020({ strictTypes: false, allErrors: true, verbose: true });
    // For editors and for people; it says nothing of validity.
    ajv.addVocabulary(["patternErrorMessage"]);
    compiled = ajv.compile(JSON.parse(readFileSync(join(root, "boards/flash.schema.json"), "utf8")) as object);
  }
  return compiled;
}

/** Reads and checks it; all mistakes at once are a ConfigError. */
export async function readConfig(path: string): Promise<Record<string, HardwareConfig>> {
  const source = await readSource(path);
  if (source.problems.length > 0) throw new ConfigError(source.problems);
  const validate = validator();
  if (!validate(source.value)) {
    const report = new Report((at) => locateIn([source], at));
    explain(validate.errors ?? [], source.value, report);
    throw new ConfigError(report.problems);
  }
  return source.value as Record<string, HardwareConfig>;
}

/** How a board is flashed: the command line, then its file, then flash.config.json. */
export async function settingsOf(board: FlashBoard, options: FlashOptions = {}): Promise<FlashSettings> {
  const path = configPath(options.config);
  const hardware = (await readConfig(path))[board.hardware.name];
  const target = hardware?.[board.target];
  if (hardware === undefined || target === undefined) {
    throw new Failure("no-config", { hardware: `${board.hardware.name} with ${board.target}` });
  }
  const own = board.flash ?? {};
  const ownFolder = dirname(board.file ?? path);
  const { espruino, nodemcu } = hardware;
  return {
    port: options.port ?? own.port ?? hardware.port,
    match: own.match ?? hardware.match ?? [],
    baud: options.baud === undefined ? own.baud ?? hardware.baud : Number(options.baud),
    limits: { ...LIMITS, ...limitsOf(hardware.limits), ...limitsOf(own.limits) },
    image: target.image === null ? undefined : { ...target.image, ...own.image },
    folder: own.image?.images === undefined ? dirname(path) : ownFolder,
    espruino: espruino === undefined || board.target !== "espruino" ? undefined : {
      boards: espruino.boards, minVersion: espruino.minVersion ?? MIN_VERSION, verify: espruino.upload.verify,
      mode: own.mode ?? espruino.upload.mode,
      chunkBytes: own.chunkBytes ?? espruino.upload.chunkBytes ?? CHUNK_BYTES,
      restart: own.restart ?? espruino.upload.restart ?? "reboot",
    },
    nodemcu: nodemcu === undefined || board.target !== "nodemcu" ? undefined : {
      chip: nodemcu.chip, compile: own.compile ?? nodemcu.upload.compile ?? true,
      luac: options.luac === undefined ? luacOf(own.luac, ownFolder) ?? luacOf(nodemcu.upload.luac, dirname(path))
        : resolve(options.luac),
    },
  };
}

const luacOf = (luac: string | undefined, folder: string): string | undefined =>
  (luac === undefined ? undefined : resolve(folder, luac));

function limitsOf(limits: FlashLimits = {}): Partial<Limits> {
  const { attempts, uploads, ...times } = limits;
  return {
    ...Object.fromEntries(Object.entries(times).map(([name, text]) => [`${name}Ms`, durationMs(text)!])),
    ...(attempts === undefined ? {} : { attempts }),
    ...(uploads === undefined ? {} : { uploads }),
  };
}
