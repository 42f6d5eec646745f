/** The whole node over TLS and WebSocket, from the board file to the broker, in the simulator. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findEspruino } from "../../simulator/engines/espruino.ts";
import type { Simulation } from "../../simulator/simulator.ts";
import { webSocketEndpoint } from "../../simulator/websocket.ts";
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

/** On NodeMCU the ESP8266 alone has TLS. */
const ESP8266 = { hardware: "esp8266-nodemcu", buses: { i2c1: { sda: "D4", scl: "D5" } } };

/** Every link on every engine; NodeMCU's WebSocket over TCP on either chip. */
const CASES = engines("node/links").flatMap(({ name, board, target, lua }) => Object.entries(URLS).map(([url, more]) => {
  const is8266 = target === "nodemcu" && (!url.startsWith("ws:") || lua === "5.1");
  return {
    what: `${url.split(":")[0]} on ${name}`, url,
    board: { ...board, ...(is8266 ? ESP8266 : {}), mqtt: { url, ...more } },
  };
}));

for (const { what, url, board } of CASES) {
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

  if (!url.startsWith("ws:")) continue;

  test(`equal seeds give equal keys and masks of ${what}, other seeds others`, async () => {
    const logs: string[] = [];
    for (const seed of [3, 3, 4]) {
      let log = "";
      await withNode(built, { seed }, async (sim) => {
        const { host, port, path } = built.manifest.mqtt;
        const endpoint = webSocketEndpoint(sim.broker!.endpoint, path!);
        sim.network.route(host, port, {
          open: () => {
            const stream = endpoint.open();
            const write = stream.write.bind(stream) as (bytes: Buffer, ...rest: unknown[]) => boolean;
            stream.write = ((bytes: Buffer, ...rest: unknown[]) => {
              log += Buffer.from(bytes).toString("hex");
              return write(bytes, ...rest);
            }) as typeof stream.write;
            return stream;
          },
        });
        await sim.run(MINUTE);
      });
      logs.push(log);
    }
    assert.ok(logs[0]!.length > 500);
    assert.is(logs[0], logs[1]);
    assert.is.not(logs[0], logs[2]);
  });

  test(`a WebSocket at the wrong path is refused, and a node of ${what} goes on trying`, async () => {
    const { mqtt } = built.manifest;
    const elsewhere = { ...built, manifest: { ...built.manifest, mqtt: { ...mqtt, path: "/elsewhere" } } };
    await withNode(elsewhere, {}, async (sim) => {
      await sim.run(2 * MINUTE);
      assert.is(readings(sim), 0);
      assert.ok(sim.events.filter((event) => event.type === "link" && event.state === "open").length > 2);
    });
  });
}

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
