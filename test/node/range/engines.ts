/** The engines that nodes of the rows run on: all that this machine has, and all that `build` builds for. */
import { findEspruino } from "../../../simulator/engines/espruino.ts";
import type { EngineName, SimulateOptions } from "../../../simulator/simulator.ts";
import { buildBoard, type Built } from "../board.ts";
import type { Plan } from "./pack.ts";

export interface EngineChoice {
  name: EngineName;
  /** Keys of the board file. */
  board: Record<string, unknown>;
  options: Partial<SimulateOptions>;
}

/** Simulated seconds in one of the host, on the real interpreter: faster ones leave it no time to compute. */
const SPEED = 20;

const ALL: EngineChoice[] = [
  { name: "v8", board: { target: "espruino" }, options: {} },
  { name: "lua5.1", board: { target: "nodemcu", nodemcu: { lua: "5.1" } }, options: {} },
  { name: "lua5.3", board: { target: "nodemcu", nodemcu: { lua: "5.3" } }, options: {} },
  { name: "espruino", board: { target: "espruino" }, options: { virtual: false, speed: SPEED } },
];

/** @param virtual those on a virtual clock alone: no time passes on it but when the test says so */
export const engines = async (virtual = false): Promise<EngineChoice[]> => {
  const found: EngineChoice[] = [];
  for (const engine of ALL) {
    if (virtual && engine.options.virtual === false) continue;
    const missing = engine.name === "espruino" && findEspruino() === undefined ? "set ESPRUINO to a Linux build of Espruino"
      : engine.board["target"] === "nodemcu" && !await buildsLua() ? "build does not build for nodemcu yet" : "";
    if (missing === "") found.push(engine);
    else console.log(`skipped: the engine ${engine.name} (${missing})`);
  }
  return found;
};

let lua: Promise<boolean> | undefined;

const buildsLua = (): Promise<boolean> => lua ??= buildBoard({
  name: "probe", hardware: "esp32-devkit", target: "nodemcu", wifi: { ssid: "a", password: "${WIFI_PASSWORD}" },
  mqtt: { url: "mqtt://127.0.0.1" }, sensors: [{ driver: "analog", id: "a", pin: "D34", scale: [[0, 0], [1, 1]] }],
}).then(() => true, () => false);

/** The board of a plan, built for an engine. */
export const buildFor = (engine: EngineChoice, { board }: Plan): Promise<Built> =>
  buildBoard({ ...board, ...engine.board });
