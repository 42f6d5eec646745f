/** Builds a board for a test, into a folder of its own, and simulates it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Firmware } from "../../simulator/engines/types.ts";
import { simulate, type SimulateOptions, type Simulation } from "../../simulator/simulator.ts";
import type { Manifest } from "../../tools/board/types.ts";
import { build } from "../../tools/build/build.ts";
import { root } from "../../tools/build/root.ts";
import { luacProblem } from "../luac.ts";
import { readFirmware } from "../../tools/firmware.ts";

export interface Built {
  manifest: Manifest;
  firmware: Firmware;
}

/** Credentials that the simulated secrets of the greenhouse give. */
export const LOGIN = { username: "greenhouse", password: "simulated-mqtt_password" };

/** Builds a board file; secrets are simulated. Mistakes in it are an Error, and so is Lua that `luac` does not take. */
export const buildBoard = async (board: Record<string, unknown>): Promise<Built> => {
  const dir = mkdtempSync(join(tmpdir(), "motelet-test-"));
  try {
    const file = join(dir, "board.json");
    writeFileSync(file, JSON.stringify(board));
    const { manifest, file: path, problems } = await build(file, { outDir: join(dir, "dist"), secrets: "simulated" });
    if (!manifest || !path) throw new Error(problems.map((p) => `${p.path}: ${p.message}`).join("\n"));
    const firmware = await readFirmware(manifest, path);
    for (const name of manifest.lua ? ["init.lua", "firmware.lua"] : []) {
      const problem = luacProblem(manifest.lua!.version, (firmware as Record<string, Uint8Array>)[name]!);
      if (problem !== "") throw new Error(`${name}: ${problem}`);
    }
    return { manifest, firmware };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

/** Builds boards/greenhouse.json with some keys replaced (deeply for objects). */
export const buildGreenhouse = (changes: Record<string, unknown> = {}): Promise<Built> =>
  buildBoard({ extends: join(root, "boards/greenhouse.json"), ...changes });

/** Simulates a build, on a virtual clock unless told otherwise, and closes it whatever `use` does. */
export const withNode = async (
  built: Built, options: Partial<SimulateOptions>, use: (simulation: Simulation) => Promise<void>,
): Promise<void> => {
  // A board without a user name logs in as nobody.
  const credentials = built.manifest.mqtt.username === undefined ? {} : { credentials: LOGIN };
  const simulation = await simulate({ ...built, virtual: true, ...credentials, ...options });
  try {
    await use(simulation);
  } finally {
    await simulation.close();
  }
};

/** `until` in steps of some seconds, for what takes hours: to look is most of the work. */
export const untilSome = async (
  node: Simulation, what: string, done: () => boolean, limitMs: number,
): Promise<void> => {
  const limit = node.now() + limitMs;
  while (!done()) {
    if (node.now() >= limit) throw new Error(`${what}: not within ${limitMs} simulated ms`);
    await node.run(5000);
  }
};

/** Readings of the sensor "air" that arrived at the broker. */
export const readings = (simulation: Simulation): string[] =>
  simulation.messages.filter((m) => m.topic === "greenhouse/air").map((m) => m.payload);

/** The newest diagnostics. */
export const diagnostics = (simulation: Simulation): Record<string, unknown> & { errors: Record<string, object> } => {
  const message = simulation.messages.findLast((m) => m.topic.endsWith("/diagnostics"));
  if (!message) throw new Error("no diagnostics have arrived");
  return JSON.parse(message.payload) as Record<string, unknown> & { errors: Record<string, object> };
};
