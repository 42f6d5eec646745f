/**
 * The whole node in the heap of a chip: the bytes of the greenhouse for an ESP8266, as boot code of the real
 * interpreter, without the simulator. Beside it are a BME280 that always measures the same and a Wi-Fi module, both in
 * flash. A broker on loopback counts what arrives, goes away until the queue is full, and comes back.
 */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aedes } from "aedes";
import { virtualClock } from "../simulator/clock.ts";
import { createMachine } from "../simulator/machine.ts";
import { build } from "../tools/build/build.ts";
import { root } from "../tools/build/root.ts";
import type { Manifest } from "../tools/board/types.ts";
import { bootOn, MARK } from "./interpreter.ts";

export interface NodeHeap {
  /** Variables that this build of the interpreter has, and bytes of one. */
  total: number;
  blockBytes: number;
  /** In use: connected and publishing; with the offline queue full; after that was sent. */
  connected: number;
  queueFull: number;
  drained: number;
  /** Messages that arrived. */
  messages: number;
}

/** What of the 1,700 variables an ESP8266 has; of 12 bytes each (boards/ESP8266_4MB.py of Espruino 2v29). */
export const ESP8266_VARIABLES = 1700;

const QUEUE = 32;
const INTERVAL_MS = 250;

const board = (port: number): object => ({
  extends: join(root, "boards/greenhouse.json"),
  hardware: "esp8266-nodemcu",
  buses: { i2c1: { sda: "D4", scl: "D5" } },
  mqtt: { url: `mqtt://127.0.0.1:${port}`, offline: { messages: QUEUE, bytes: 2600 } },
  sensors: [{
    driver: "bme280", id: "air", bus: "i2c1", address: "0x76", interval: `${INTERVAL_MS}ms`,
    publish: { qos: 1, retain: false, as: "json" },
  }],
});

/** The registers of the virtual BME280 after a measurement; those below 0x80 are none. */
const registers = async (manifest: Manifest): Promise<string> => {
  const clock = virtualClock();
  const machine = await createMachine({ manifest, clock, warn: () => {} });
  machine.i2cSetup("I2C1", { sda: "D4", scl: "D5", bitrate: 100_000 });
  machine.i2cWrite("I2C1", 0x76, "\xf2\x01\xf4\x25");
  clock.advance(100);
  machine.i2cWrite("I2C1", 0x76, "\x80");
  return "\0".repeat(128) + machine.i2cRead("I2C1", 0x76, 128)!;
};

/** What the chip has and the Linux build has not. It stays in flash, as what is native there. */
const CHIP = `
echo(0);
I2C1 = {
  setup: function () {},
  writeTo: function (address, bytes) { this.at = bytes.charCodeAt(0); },
  readFrom: function (address, count) { return require("Storage").read("registers", this.at, count); }
};
ESP8266 = { getResetInfo: function () { return { reason: "power on" }; } };
setInterval(function () {
  var memory = process.memory();
  print("${MARK}" + JSON.stringify({ usage: memory.usage, total: memory.total, blockBytes: memory.blocksize,
    errors: E.getErrorFlags().join() }));
}, 500);
`;
const WIFI = `
exports.connect = function () {};
exports.on = function (event, fn) { if (event === "connected") setTimeout(fn, 10); };
exports.getStatus = function () { return {}; };
exports.getDetails = function () { return { rssi: -60 }; };
`;

interface Broker {
  port: number;
  /** PUBLISH packets that arrived. */
  messages(): number;
  /** Cuts all connections, and refuses new ones. */
  away(): void;
  back(): Promise<void>;
  close(): Promise<void>;
}

const startBroker = async (): Promise<Broker> => {
  const aedes = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  let messages = 0;
  aedes.on("publish", (_packet, client) => {
    if (client) messages++;
  });
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
      aedes.handle(socket);
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const away = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    messages: () => messages,
    away,
    async back() {
      server = await listen(port);
    },
    async close() {
      away();
      await new Promise<void>((done) => aedes.close(() => done()));
    },
  };
};

/** Measures, in a minute: most of it is the client's back-off after the broker was away. */
export const measureNode = async (espruino: string): Promise<NodeHeap> => {
  const dir = mkdtempSync(join(tmpdir(), "motelet-bench-"));
  const broker = await startBroker();
  try {
    writeFileSync(join(dir, "greenhouse.json"), JSON.stringify(board(broker.port)));
    const { manifest, file, problems } = await build(join(dir, "greenhouse.json"), { outDir: dir, secrets: "simulated" });
    if (!manifest || !file) throw new Error(`the greenhouse does not build for ESP8266: ${problems[0]?.path} ${problems[0]?.message}`);
    const chip = await bootOn(espruino, {
      ".boot0": CHIP, ".bootcde": readFileSync(file, "latin1"), Wifi: WIFI, registers: await registers(manifest),
    });
    try {
      const until = async (what: string, isSo: () => boolean, ms: number): Promise<number> => {
        const end = Date.now() + ms;
        while (!isSo()) {
          if (Date.now() > end) throw new Error(`the node did not come so far: ${what}; it printed:\n${chip.text().slice(-2000)}`);
          await new Promise((done) => setTimeout(done, 100));
        }
        const { usage, errors } = await chip.next();
        if (errors !== "") throw new Error(`the interpreter has errors, ${what}: ${String(errors)}`);
        return usage as number;
      };
      const connected = await until("five messages", () => broker.messages() > 4, 20000);
      broker.away();
      const full = Date.now() + (QUEUE + 8) * INTERVAL_MS;
      const queueFull = await until("offline", () => Date.now() > full, 60000);
      const before = broker.messages();
      await broker.back();
      const drained = await until("what waited is sent", () => broker.messages() > before + QUEUE, 120000);
      const { total, blockBytes } = await chip.next();
      return {
        total: total as number, blockBytes: blockBytes as number, connected, queueFull, drained,
        messages: broker.messages(),
      };
    } finally {
      chip.close();
    }
  } finally {
    await broker.close();
    rmSync(dir, { recursive: true, force: true });
  }
};
