/** How much heap the whole node takes on the real interpreter: the greenhouse on an ESP8266, in its worst moments. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulate, type Simulation } from "../simulator/simulator.ts";
import { build } from "../tools/build/build.ts";
import { root } from "../tools/build/root.ts";
import { runOn, MARK } from "./interpreter.ts";

export interface NodeHeap {
  /** Variables that this build of the interpreter has, and bytes of one. */
  total: number;
  blockBytes: number;
  /** In use without a program: by the interpreter. */
  bare: number;
  /** In use by the node: connected and publishing; with its offline queue full; after that was sent. */
  connected: number;
  queueFull: number;
  drained: number;
}

const QUEUE = 32;

const BOARD = {
  extends: join(root, "boards/greenhouse.json"),
  hardware: "esp8266-nodemcu",
  buses: { i2c1: { sda: "D4", scl: "D5" } },
  mqtt: { offline: { messages: QUEUE, bytes: 2600 } },
  sensors: [{
    driver: "bme280", id: "air", bus: "i2c1", address: "0x76", interval: "2s", publish: { qos: 1, retain: false, as: "json" },
  }],
};

/** Variables of an ESP8266, of 12 bytes (boards/ESP8266_4MB.py of Espruino 2v29). */
export const ESP8266_VARIABLES = 1700;

/** Measures, in some 10 seconds. */
export const measureNode = async (espruino: string): Promise<NodeHeap> => {
  const dir = mkdtempSync(join(tmpdir(), "motelet-bench-"));
  try {
    writeFileSync(join(dir, "greenhouse.json"), JSON.stringify(BOARD));
    const { manifest, file, problems } = await build(join(dir, "greenhouse.json"), { outDir: dir, secrets: "simulated" });
    if (!manifest || !file) throw new Error(`the greenhouse does not build for ESP8266: ${problems[0]?.path} ${problems[0]?.message}`);
    const chip = await runOn(espruino,
      `var m=process.memory();print("${MARK}"+JSON.stringify({total:m.total,blockBytes:m.blocksize,bare:m.usage}))`, {}, 10000);
    // What joins the interpreter to the simulator takes some 1,000 itself.
    const idle = await withNode(new Uint8Array(0), async (usage) => usage());
    const used = await withNode(readFileSync(file), async (usage, sim) => {
      await sim.until("the first readings", () => sim.messages.length > 4, 60000);
      const connected = await usage();
      sim.network.setWifi(false);
      await sim.run((QUEUE + 8) * 2000);
      const queueFull = await usage();
      const before = sim.messages.length;
      sim.network.setWifi(true);
      await sim.until("the readings that waited", () => sim.messages.length > before + QUEUE, 120000);
      return { connected, queueFull, drained: await usage() };
    });
    return {
      total: chip["total"]!, blockBytes: chip["blockBytes"]!, bare: chip["bare"]!,
      connected: used.connected - idle, queueFull: used.queueFull - idle, drained: used.drained - idle,
    };

    async function withNode<T>(
      firmware: Uint8Array, use: (usage: () => Promise<number>, sim: Simulation) => Promise<T>,
    ): Promise<T> {
      const sim = await simulate({ manifest: manifest!, firmware, engine: "espruino", speed: 20 });
      try {
        return await use(async () => {
          const { usage } = await sim.engine.memory();
          if (usage === undefined) throw new Error("the interpreter does not tell its memory: did it run out of it?");
          return usage;
        }, sim);
      } finally {
        await sim.close();
      }
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
