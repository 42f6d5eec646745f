/** The whole node over TLS and WebSocket, from the board file to the broker, in the simulator. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findEspruino } from "../../simulator/engines/espruino.ts";
import type { Simulation } from "../../simulator/simulator.ts";
import { buildGreenhouse, withNode } from "./board.ts";
import { engines } from "./engine-table.ts";

const MINUTE = 60_000;
const URLS: Record<string, object> = {
  "mqtts://broker.local": { tls: { verify: false } },
  "ws://broker.local/mqtt": {},
  "wss://broker.local:8084/other": { tls: { verify: false } },
};

const readings = (sim: Simulation): number => sim.messages.filter(({ topic }) => topic === "greenhouse/air").length;

const packets = (sim: Simulation): string[] =>
  sim.events.flatMap((event) => (event.type === "packet" ? [`${event.direction} ${event.packet}`] : []));

/** NodeMCU has TLS on the ESP8266 alone. */
const ESP8266 = { hardware: "esp8266-nodemcu", buses: { i2c1: { sda: "D4", scl: "D5" } } };

/** Every link on V8; TCP with TLS on Lua 5.1, WebSocket on 5.3, which are other modules of the platform. */
const CASES = engines(true).flatMap(({ name, board }) => Object.entries(URLS)
  .filter(([url]) => name === "v8" || url.startsWith(name === "lua5.1" ? "mqtts" : "ws:"))
  .map(([url, more]) => ({
    what: `${url.split(":")[0]} on ${name}`,
    board: { ...board, ...(name === "lua5.1" ? ESP8266 : {}), mqtt: { url, ...more } },
  })));

for (const { what, board } of CASES) {
  const built = await buildGreenhouse(board);

  test(`a node of ${what} publishes its readings, and the log reads its packets`, async () => {
    await withNode(built, { faults: { fragmentBytes: 7, latencyMs: 5 } }, async (sim) => {
      await sim.run(2 * MINUTE);
      assert.is(readings(sim), 4);
      assert.equal(packets(sim).slice(0, 2), ["out CONNECT", "in CONNACK"]);
      assert.not.ok(packets(sim).some((packet) => packet.includes("malformed")));
      assert.equal(sim.events.filter(({ type }) => type === "warning" || type === "console").slice(1), []);
    });
  });

  test(`a node of ${what} comes back after its link is cut at some byte, and loses nothing`, async () => {
    for (const [how, after] of [["fin", 0], ["rst", 11], ["rst", 100], ["rst", 250]] as const) {
      await withNode(built, {}, async (sim) => {
        await sim.run(MINUTE);
        sim.network.cut(how, after);
        await sim.run(5 * MINUTE);
        assert.ok(readings(sim) >= 12, `${how} after ${after}: ${readings(sim)} readings`);
        assert.ok(packets(sim).filter((packet) => packet === "out CONNECT").length >= 2, `${how} after ${after}`);
      });
    }
  });
}

test("equal seeds give equal keys and masks", async () => {
  const built = await buildGreenhouse({ mqtt: { url: "ws://broker.local" } });
  const run = async (seed: number): Promise<string> => {
    let log = "";
    await withNode(built, { seed }, async (sim) => {
      await sim.run(MINUTE);
      log = JSON.stringify(sim.events.filter(({ type }) => type === "packet" || type === "link"));
    });
    return log;
  };
  assert.is(await run(3), await run(3));
});

test("a WebSocket at the wrong path is refused, and the node goes on trying", async () => {
  const built = await buildGreenhouse({ mqtt: { url: "ws://broker.local/mqtt" } });
  const elsewhere = { ...built, manifest: { ...built.manifest, mqtt: { ...built.manifest.mqtt, path: "/elsewhere" } } };
  await withNode(elsewhere, {}, async (sim) => {
    await sim.run(2 * MINUTE);
    assert.is(readings(sim), 0);
    assert.ok(sim.events.filter((event) => event.type === "link" && event.state === "open").length > 2);
  });
});

const testThere = findEspruino() === undefined ? test.skip : test;
if (findEspruino() === undefined) console.log("skipped: the links on the engine espruino need ESPRUINO");

testThere("the same bytes speak WebSocket over TLS on the engine espruino", async () => {
  const built = await buildGreenhouse({ mqtt: { url: "wss://broker.local", tls: { verify: false } } });
  await withNode(built, { virtual: false, engine: "espruino", speed: 10 }, async (sim) => {
    await sim.until("two readings", () => readings(sim) >= 2, 3 * MINUTE);
    assert.ok(packets(sim).includes("in CONNACK"));
  });
});

test.run();
