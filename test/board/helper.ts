/** Boards in a folder of their own that goes away. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadBoard, type LoadOptions, type LoadResult } from "../../tools/board/load.ts";

/** A board as JSON, of no type: tests damage it. */
export type Json = Record<string, ReturnType<typeof JSON.parse>>;

export const ROOT = join(import.meta.dirname, "../..");

/** Values that no output may contain. */
export const SECRETS = { WIFI_SSID: "net-q7Zk", WIFI_PASSWORD: "wifi-Xw93kd0Q", MQTT_PASSWORD: "mqtt-8sJd72mL" };

/** A copy of the greenhouse board. */
export function greenhouse(): Json {
  return JSON.parse(readFileSync(join(ROOT, "boards/greenhouse.json"), "utf8")) as Json;
}

/** The greenhouse board with a change. */
export function changed(change: (board: Json) => void): Json {
  const board = greenhouse();
  change(board);
  return board;
}

/** Calls `use` with a folder that holds `files` (a string is written as it is, all else as JSON) and removes it. */
export async function inFolder<T>(files: Record<string, unknown>, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "motelet-board-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      const text = typeof content === "string" || content instanceof Uint8Array
        ? content : JSON.stringify(content, null, 2);
      writeFileSync(path, text);
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Loads a board that is written to a file first. */
export function load(board: unknown, options: LoadOptions = { secrets: SECRETS }): Promise<LoadResult> {
  return inFolder({ "board.json": board }, (folder) => loadBoard(join(folder, "board.json"), options));
}

/** Runs `use` with environment variables set, or removed where they are undefined. */
export async function withEnvironment<T>(values: Record<string, string | undefined>,
  use: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
  const put = (all: Record<string, string | undefined>): void => {
    for (const [name, value] of Object.entries(all)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  put(values);
  try {
    return await use();
  } finally {
    put(before);
  }
}
