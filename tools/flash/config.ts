/** flash.config.json, what a board file says in its place, and what the command line says in place of both. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { durationMs } from "../board/duration.ts";
import type { Board, FlashLimits } from "../board/types.ts";
import { list } from "../board/words.ts";
import { root } from "../build/root.ts";
import { Failure } from "./protocol/failure.ts";
import { LIMITS, type Limits } from "./protocol/transport.ts";

export interface ImageConfig {
  tool: "esptool";
  chip: string;
  baud: number;
  reset?: "classic" | "usb-jtag" | "none";
  flashMode: string;
  flashFrequency: string;
  flashSize?: string;
  images: { file: string; offset: string; sha256?: string }[];
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
  port?: string;
  baud?: number;
  /** Another flash.config.json. */
  config?: string;
}

/** What has to be known of a board. */
export type FlashBoard = Pick<Board, "target" | "hardware" | "flash">;

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
  nodemcu: NodemcuConfig["upload"] & { chip: "esp8266" | "esp32"; compile: boolean } | undefined;
}

const FILE = "flash.config.json";
const CHUNK_BYTES = 512;
const MIN_VERSION = "2v20";

/** The file that is named, the one in this folder, or that of the package. */
export function configPath(named?: string): string {
  if (named !== undefined) return resolve(named);
  return existsSync(FILE) ? resolve(FILE) : join(root, FILE);
}

/** Reads and checks it; mistakes are an Error that lists them. */
export function readConfig(path: string): Record<string, HardwareConfig> {
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`${relative(".", path)} cannot be read: ${(error as Error).message}`);
  }
  const schema = JSON.parse(readFileSync(join(root, "boards/flash.schema.json"), "utf8")) as object;
  const validate = new Ajv2020({ strictTypes: false, allErrors: true }).compile(schema);
  if (!validate(config)) {
    const mistakes = (validate.errors ?? []).filter(({ keyword }) => keyword !== "oneOf")
      .map(({ instancePath, message, params }) => `  ${instancePath.slice(1).replaceAll("/", ".")}: ${message}`
        + ("additionalProperty" in params ? ` (${params["additionalProperty"] as string})` : "")
        + ("allowedValues" in params ? ` (${list(params["allowedValues"] as string[])})` : ""));
    throw new Error(`${relative(".", path)} has mistakes:\n${mistakes.join("\n")}`);
  }
  return config as Record<string, HardwareConfig>;
}

/** How a board is flashed: the command line, then its file, then flash.config.json. */
export function settingsOf(board: FlashBoard, options: FlashOptions = {}): FlashSettings {
  const path = configPath(options.config);
  const hardware = readConfig(path)[board.hardware.name];
  const target = hardware?.[board.target];
  if (hardware === undefined || target === undefined) {
    throw new Failure("no-config", { hardware: `${board.hardware.name} with ${board.target}` });
  }
  const own = board.flash ?? {};
  const { espruino, nodemcu } = hardware;
  return {
    port: options.port ?? own.port ?? hardware.port,
    match: hardware.match ?? [],
    baud: options.baud ?? own.baud ?? hardware.baud,
    limits: { ...LIMITS, ...limitsOf(hardware.limits), ...limitsOf(own.limits) },
    image: target.image ?? undefined,
    folder: dirname(path),
    espruino: espruino === undefined || board.target !== "espruino" ? undefined : {
      boards: espruino.boards, minVersion: espruino.minVersion ?? MIN_VERSION, verify: espruino.upload.verify,
      mode: own.mode ?? espruino.upload.mode,
      chunkBytes: own.chunkBytes ?? espruino.upload.chunkBytes ?? CHUNK_BYTES,
      restart: own.restart ?? espruino.upload.restart ?? "reboot",
    },
    nodemcu: nodemcu === undefined || board.target !== "nodemcu" ? undefined
      : { chip: nodemcu.chip, ...nodemcu.upload, compile: nodemcu.upload.compile ?? true },
  };
}

function limitsOf(limits: FlashLimits = {}): Partial<Limits> {
  const { attempts, uploads, ...times } = limits;
  return {
    ...Object.fromEntries(Object.entries(times).map(([name, text]) => [`${name}Ms`, durationMs(text)!])),
    ...(attempts === undefined ? {} : { attempts }),
    ...(uploads === undefined ? {} : { uploads }),
  };
}
