/** The same board on each engine, at two brokers, in real time: the same readings. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SimulateOptions } from "../../simulator/simulator.ts";
import { buildGreenhouse, LOGIN, readings, withNode } from "./board.ts";
import { engines, type EngineChoice } from "./engine-table.ts";

const all = engines();
const PATH = `${process.env["PATH"]}:/usr/sbin:/sbin`;
const mosquitto = spawnSync("mosquitto", ["-h"], { env: { ...process.env, PATH } }).error === undefined;

const freePort = (): Promise<number> => new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    server.close(() => resolve(port));
  });
});

const answers = (port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = connect(port, "127.0.0.1", () => {
    socket.destroy();
    resolve(true);
  });
  socket.on("error", () => resolve(false));
});

/** Runs Mosquitto on a free port of loopback, with a password file, while `use` runs. */
const withMosquitto = async (use: (port: number) => Promise<void>): Promise<void> => {
  const dir = mkdtempSync(join(tmpdir(), "motelet-mosquitto-"));
  const port = await freePort();
  const passwords = join(dir, "passwords");
  spawnSync("mosquitto_passwd", ["-c", "-b", passwords, LOGIN.username, LOGIN.password], { env: { ...process.env, PATH } });
  writeFileSync(join(dir, "mosquitto.conf"),
    `listener ${port} 127.0.0.1\nallow_anonymous false\npassword_file ${passwords}\nuser root\n`);
  const child: ChildProcess = spawn("mosquitto", ["-c", join(dir, "mosquitto.conf")], {
    stdio: "ignore", env: { ...process.env, PATH },
  });
  try {
    for (let i = 0; i < 100 && !(await answers(port)); i++) await new Promise((done) => setTimeout(done, 50));
    await use(port);
  } finally {
    const gone = new Promise((done) => child.on("exit", done));
    child.kill();
    await gone;
    rmSync(dir, { recursive: true, force: true });
  }
};

/** Four readings of a steady world. */
const run = async ({ name, board }: EngineChoice, options: Partial<SimulateOptions>): Promise<string[]> => {
  let seen: string[] = [];
  await withNode(await buildGreenhouse(board), {
    engine: name, virtual: false, speed: 60, seed: 7, ...options,
    world: { "air.temperature": 18.4, "air.humidity": 61, "air.pressure": 990 },
  }, async (node) => {
    await node.until("four readings", () => readings(node).length >= 4, 10 * 60000);
    seen = readings(node).slice(0, 4);
    const availability = node.messages.find((m) => m.topic === "greenhouse/availability");
    assert.is(availability?.payload, "online");
  });
  return seen;
};

const broker = (port: number): Partial<SimulateOptions> => ({
  broker: { host: "127.0.0.1", port, ...LOGIN, shown: `mqtt://127.0.0.1:${port}` },
});

const expected = await run(all[0]!, {});

test("the reading is the world's", () => {
  const { temperature, humidity, pressure } = JSON.parse(expected[0]!) as Record<string, number>;
  assert.ok(Math.abs(temperature! - 18.4) <= 0.02, expected[0]);
  assert.ok(Math.abs(humidity! - 61) <= 0.1, expected[0]);
  assert.ok(Math.abs(pressure! - 990) <= 0.2, expected[0]);
});

const onMosquitto = mosquitto ? test : test.skip;
if (!mosquitto) console.log("skipped: Mosquitto (it is not installed)");

for (const each of all) {
  if (each !== all[0]) {
    test(`${each.name} publishes the same readings to Aedes`, async () => {
      assert.equal(await run(each, {}), expected);
    });
  }
  onMosquitto(`${each.name} publishes the same readings to Mosquitto`, () => withMosquitto(async (port) => {
    assert.equal(await run(each, broker(port)), expected);
  }));
}

// The others do this on a virtual clock: node.test.ts.
for (const { name, board, options } of engines("node/engines: in real time")) {
  test(`on ${name}, too, the will tells a power cut from a polite end`, async () => {
    for (const polite of [false, true]) {
      await withNode(await buildGreenhouse(board), { engine: name, ...options }, async (node) => {
        await node.until("a reading", () => readings(node).length >= 1, 60000);
        await (polite ? node.leave() : node.kill());
        await node.run(10000);
        const last = node.messages.findLast((m) => m.topic === "greenhouse/availability");
        assert.is(last?.payload, polite ? "online" : "offline");
      });
    }
  });

  test(`on ${name}, too, a link loss of 10 minutes loses no QoS 1 reading`, async () =>
    withNode(await buildGreenhouse(board), { engine: name, ...options, speed: 60 }, async (node) => {
      node.world.set("air.temperature", (ms) => 10 + ms / 60000);
      await node.until("two readings", () => readings(node).length >= 2, 3 * 60000);
      node.network.setWifi(false);
      await node.run(10 * 60000);
      node.network.setWifi(true);
      await node.until("30 s readings of 12 minutes", () => readings(node).length >= 24, 6 * 60000);
      const values = readings(node).map((text) => (JSON.parse(text) as { temperature: number }).temperature);
      for (let i = 1; i < values.length; i++) {
        const step = values[i]! - values[i - 1]!;
        assert.ok(step > -0.05 && step < 0.75, `${values[i - 1]} then ${values[i]}`);
      }
    }));
}

test.run();
