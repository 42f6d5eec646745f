/** The dashboard without a browser: what it gathers of a simulation, who gets it, what a command does. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { simulate, type Simulation } from "../../simulator/simulator.ts";
import { root } from "../../tools/build/root.ts";
import { prepareDashboard, type Dashboard } from "../../tools/dashboard/dashboard.ts";
import { readPlace, writePlace } from "../../tools/dashboard/place.ts";
import { MOST_PACKETS, type Answer, type Live, type News, type PacketLine } from "../../tools/dashboard/protocol.ts";
import { createRing } from "../../tools/dashboard/ring.ts";
import { buildGreenhouse, LOGIN } from "../node/board.ts";

const built = await buildGreenhouse({ diagnostics: "30s" });
/** Pages are told by hand. */
const NEVER_MS = 2 ** 30;

interface Bench {
  node: Simulation;
  dashboard: Dashboard;
  /** Gives a command as the page does, and lets time pass until it is done. */
  give(command: unknown): Promise<Answer>;
  /** All that there is, as a page that comes now gets it. */
  all(): Promise<News & { live: Live }>;
}

interface Reply { status: number; text: string; headers: Record<string, unknown> }

interface Asked { method?: string; headers?: Record<string, string>; body?: string }

const ask = (url: string, { body, ...rest }: Asked = {}): Promise<Reply> =>
  new Promise((done, fail) => {
    const sent = request(url, { ...rest, agent: false }, (response) => {
      let text = "";
      response.on("data", (data: Buffer) => text += data.toString());
      response.on("end", () => done({ status: response.statusCode!, text, headers: response.headers }));
      response.on("error", () => {});
    });
    sent.on("error", fail);
    sent.end(body);
  });

const JSON_TYPE = { "content-type": "application/json" };
const post = (url: string, command: unknown, headers: Record<string, string> = {}): Promise<Reply> => ask(`${url}command`, {
  method: "POST", headers: { ...JSON_TYPE, origin: new URL(url).origin, ...headers }, body: JSON.stringify(command),
});

/** A page that listens: its news until it leaves. */
function listen(url: string): Promise<{ news: News[]; leave(): void; next(): Promise<News> }> {
  return new Promise((done, fail) => {
    const news: News[] = [];
    let text = "";
    let heard = (): void => {};
    const next = (): Promise<News> => new Promise((resolve) => {
      heard = () => resolve(news.at(-1)!);
    });
    const sent = request(`${url}events`, { agent: false }, (response) => {
      response.on("error", () => {});
      response.on("data", (data: Buffer) => {
        text += data.toString();
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          const event = text.slice(0, end);
          text = text.slice(end + 2);
          if (!event.startsWith("data: ")) continue;
          news.push(JSON.parse(event.slice(6)) as News);
          if (news.length === 1) done({ news, next, leave: () => sent.destroy() });
          else heard();
        }
      });
    });
    sent.on("error", fail);
    sent.end();
  });
}

async function withDashboard(use: (bench: Bench) => Promise<void>): Promise<void> {
  const toBe = prepareDashboard({
    manifest: built.manifest, engine: "v8", speed: 1, seed: 1, hasFirmware: true, broker: undefined,
    file: join(root, "boards/greenhouse.json"), everyMs: NEVER_MS,
  });
  const node = await simulate({
    ...built, virtual: true, credentials: LOGIN, onEvent: (event) => toBe.take(event), onPacket: toBe.takePacket,
  });
  const dashboard = await toBe.open(node);
  try {
    await use({
      node, dashboard,
      give: async (command) => JSON.parse((await post(dashboard.url, command)).text) as Answer,
      async all() {
        const page = await listen(dashboard.url);
        page.leave();
        return page.news[0] as News & { live: Live };
      },
    });
  } finally {
    await dashboard.close();
    await node.close();
  }
}

const types = (packets: PacketLine[]): string[] => packets.map(({ direction, packet }) => `${direction} ${packet}`);

test("a page that comes late gets the board, what it is now, and the past", () => withDashboard(async ({ node, all }) => {
  await node.run(95_000);
  const { board, live, series, packets, lines } = await all();
  assert.is(board!.name, "greenhouse");
  assert.is(board!.sensors[0]!.title, "Bosch BME280");
  assert.is(board!.sensors[0]!.place, "i2c1 0x76");
  assert.equal(board!.sensors[0]!.signals[0], { name: "air.temperature", unit: "°C", min: -40, max: 85 });
  assert.is(live.connection.state, "connected");
  assert.is(live.availability, "online");
  assert.is(live.wifi.state, "joined");
  assert.is(live.counts.readings, 4);
  assert.is(live.readings["air.temperature"]!.count, 4);
  assert.match(live.readings["air.temperature"]!.text, /^\d\d\.\d\d$/);
  assert.is(series["published/air.temperature"]!.length, 4);
  assert.is(series["published/air.temperature"]!.at(-1)![1], Number(live.readings["air.temperature"]!.text));
  assert.ok(Math.abs(series["world/air.temperature"]!.at(-1)![1] - live.world["air.temperature"]!.value) < 1);
  assert.is(typeof live.diagnostics!["uptime"], "number");
  assert.equal(types(packets).slice(0, 2), ["out CONNECT", "in CONNACK"]);
  assert.ok(lines.some(({ text }) => text === "MQTT connected"));
  assert.ok(lines.every(({ text }) => !text.includes("\x1b")), "without colours of a terminal");
}));

test("the password of a CONNECT is shown to nobody", () => withDashboard(async ({ node, all }) => {
  await node.run(10_000);
  const news = await all();
  const connect = news.packets.find(({ packet }) => packet === "CONNECT")!;
  const bytes = Buffer.from(connect.hex, "hex");
  assert.is(bytes.length, connect.bytes);
  assert.ok(bytes.includes("greenhouse"));
  assert.ok(bytes.subarray(-LOGIN.password.length).every((byte) => byte === 0x2a), "starred out");
  assert.is(JSON.stringify(news).includes(Buffer.from(LOGIN.password).toString("hex")), false);
  assert.is(JSON.stringify(news).includes(LOGIN.password), false);
}));

test("all pages are told what is new, once; one that has left is forgotten", () => withDashboard(async ({ node, dashboard }) => {
  await node.run(40_000);
  const [one, other] = [await listen(dashboard.url), await listen(dashboard.url)];
  assert.is(dashboard.pages, 2);
  await node.run(30_000);
  const told = Promise.all([one.next(), other.next()]);
  dashboard.tell();
  const [news, same] = await told;
  assert.equal(news, same);
  assert.is(news.board, undefined);
  assert.is(news.series["published/air.humidity"]!.length, 1);
  assert.is(news.live.availability, undefined, "what has not changed is not told");
  assert.ok(news.packets.length >= 2);
  const seen = new Set(one.news.flatMap(({ packets }) => packets.map(({ n }) => n)));
  assert.is(seen.size, one.news.flatMap(({ packets }) => packets).length, "no packet twice");
  one.leave();
  other.leave();
  for (let turns = 0; dashboard.pages > 0 && turns < 1000; turns++) await new Promise((done) => setImmediate(done));
  assert.is(dashboard.pages, 0);
}));

test("a signal that is set is what the node publishes next, and goes back to its curve", () => withDashboard(async ({ node, give, all }) => {
  await node.run(35_000);
  assert.equal(await give({ do: "set", signal: "air.temperature", to: 33 }), { done: "air.temperature is 33 °C" });
  await node.run(31_000);
  const { live, lines } = await all();
  assert.equal(live.world["air.temperature"], { value: 33, source: "fixed" });
  assert.ok(Math.abs(Number(live.readings["air.temperature"]!.text) - 33) < 0.1);
  assert.is(lines.at(-1)!.kind, "you");
  await give({ do: "set", signal: "air.temperature", to: "ramp(10,20,10s)" });
  await node.run(10_000);
  assert.equal((await all()).live.world["air.temperature"], { value: 20, source: "course" });
  await give({ do: "set", signal: "air.temperature", to: "default" });
  assert.is((await all()).live.world["air.temperature"]!.source, "daily curve");
}));

test("faults are switched while the node runs, shown, and all switched off at once", () => withDashboard(async ({ node, give, all }) => {
  await node.run(35_000);
  await give({ do: "fault", of: "air", fault: "absent", on: true });
  await give({ do: "fault", of: "i2c1", fault: "low", on: true });
  await give({ do: "network", faults: { latencyMs: 300, dns: true } });
  await give({ do: "wifi", up: false });
  await give({ do: "refuse", code: 3 });
  let { live } = await all();
  assert.equal(live.faults, { air: ["absent"], i2c1: ["low"] });
  assert.is(live.network.latencyMs, 300);
  assert.is(live.accessPoint, false);
  assert.is(live.refusal, 3);
  await node.run(20_000);
  assert.is((await all()).live.wifi.state, "lost");
  assert.equal(await give({ do: "heal" }), { done: "all faults are off" });
  ({ live } = await all());
  const { latencyMs, dns } = live.network;
  assert.equal([live.faults, latencyMs, dns, live.accessPoint, live.refusal], [{}, 0, false, true, 0]);
  await node.run(180_000);
  ({ live } = await all());
  assert.is(live.connection.state, "connected");
  assert.is(live.connection.sessions, 2);
  assert.equal((live.diagnostics!["errors"]), {}, "nor does the part fail any more");
}));

test("what is in flight was sent and not acknowledged; it is sent again after the black hole", () => withDashboard(async ({ node, give, all }) => {
  await node.run(35_000);
  await give({ do: "cut", how: "blackhole" });
  await node.run(30_000);
  let { live } = await all();
  assert.equal(live.inflight.map(({ packet, topic, awaits, sent }) => [packet, topic, awaits, sent]),
    [["PUBLISH", "greenhouse/air", "PUBACK", 1]]);
  assert.is(live.connection.state, "connected", "the node has not noticed yet");
  await node.run(180_000);
  ({ live } = await all());
  assert.is(live.connection.state, "connected");
  assert.ok(live.counts.resends > 0);
  assert.equal(live.inflight, []);
  const again = (await all()).packets.find(({ dup }) => dup);
  assert.is(again?.topic, "greenhouse/air");
}));

test("the broker is down and back, and the plug is pulled and put in", () => withDashboard(async ({ node, give, all }) => {
  await node.run(35_000);
  await give({ do: "broker", answers: false });
  await node.run(1000);
  let { live } = await all();
  assert.is(live.connection.state, "no broker");
  assert.is(live.brokerAnswers, false);
  await give({ do: "broker", answers: true });
  await give({ do: "power", to: "off" });
  ({ live } = await all());
  assert.is(live.power, "off");
  assert.is(live.connection.state, "off");
  assert.is(live.availability, "offline");
  await give({ do: "power", to: "on" });
  await node.run(30_000);
  ({ live } = await all());
  assert.equal([live.power, live.boots, live.connection.state, live.availability], ["on", 2, "connected", "online"]);
}));

const MISTAKES: [command: unknown, error: RegExp][] = [
  [7, /^a command is an object, not a number$/],
  [{}, /^"do" is to be text, not nothing$/],
  [{ do: "sett" }, /did you mean "set"\?/],
  [{ do: "constructor" }, /^"do" cannot be "constructor"/],
  [{ do: "set", signal: "air.temprature", to: 3 }, /did you mean "air.temperature"\?/],
  [{ do: "set", signal: "air.temperature", to: 900 }, /^air\.temperature goes from -40 to 85 °C, not to 900$/],
  [{ do: "set", signal: "air.temperature", to: "900" }, /goes from -40 to 85/],
  [{ do: "set", signal: "air.temperature", to: null }, /^"to" is to be text, not null$/],
  [{ do: "set", signal: "air.temperature", to: "sine(1)" }, /is no value for "air.temperature"/],
  [{ do: "fault", of: "air", fault: "absnt", on: true }, /did you mean "absent"\?/],
  [{ do: "fault", of: "air", fault: "absent:north", on: true }, /^"fault" cannot be "absent:north"/],
  [{ do: "fault", of: "air", fault: "absent", on: 1 }, /^"on" is to be true or false, not a number$/],
  [{ do: "network", faults: { latencyMs: 10, jiterMs: 10 } }, /did you mean "jitterMs"\?/],
  [{ do: "network", faults: { latencyMs: -1 } }, /whole number from 0 to 60000/],
  [{ do: "network", faults: {} }, /"faults" is empty/],
  [{ do: "cut", how: "rst", afterBytes: 0.5 }, /whole number/],
  [{ do: "refuse", code: 6 }, /from 0 to 5/],
  [{ do: "power", to: "up" }, /use one of off, on, cycle/],
];

test("a command with a mistake says what is wrong, and changes nothing", () => withDashboard(async ({ node, give, all, dashboard }) => {
  await node.run(5000);
  const before = (await all()).live;
  for (const [command, error] of MISTAKES) {
    const answer = await give(command);
    assert.match("error" in answer ? answer.error : "done", error);
  }
  assert.is((await post(dashboard.url, { do: "sett" })).status, 400);
  assert.is((await ask(`${dashboard.url}command`, {
    method: "POST", headers: { ...JSON_TYPE, origin: new URL(dashboard.url).origin }, body: "{",
  })).status, 400);
  assert.is((await post(dashboard.url, { do: "x".repeat(20_000) })).status, 413);
  assert.equal((await all()).live, before);
}));

test("nobody is answered who does not know the address or comes by another site", () => withDashboard(async ({ dashboard, node }) => {
  const { url } = dashboard;
  const { origin, port } = new URL(url);
  const set = { do: "set", signal: "air.temperature", to: 1 };
  assert.is((await ask(url)).status, 200);
  assert.is((await ask(`${origin}/`)).status, 404);
  assert.is((await ask(`${origin}/x/events`)).status, 404);
  assert.is((await ask(url, { headers: { host: `evil.example:${port}` } })).status, 404, "DNS rebinding");
  for (const headers of [{ origin: "http://evil.example" }, { origin: "null" }, { origin: `http://localhost:${port}` }]) {
    assert.is((await post(url, set, headers)).status, 403);
  }
  assert.is((await ask(`${url}command`, { method: "POST", headers: JSON_TYPE, body: JSON.stringify(set) })).status, 403, "no origin");
  assert.is((await post(url, set, { "content-type": "text/plain" })).status, 415, "what a form can send");
  assert.is((await ask(`${url}command`)).status, 404);
  assert.is((await ask(`${url}constructor`)).status, 404);
  assert.is(node.machine.world.source("air.temperature"), "daily curve");
  const { headers } = await ask(url);
  assert.match(String(headers["content-security-policy"]), /default-src 'self'.*frame-ancestors 'none'/);
  assert.is(headers["access-control-allow-origin"], undefined);
}));

test("what is kept is bounded, however long it runs", () => withDashboard(async ({ node, all }) => {
  await node.run(4 * 3_600_000);
  const { packets, series, live } = await all();
  assert.is(packets.length, MOST_PACKETS);
  assert.ok(live.counts.packetsOut + live.counts.packetsIn > 2 * MOST_PACKETS);
  assert.ok(packets.at(-1)!.n > MOST_PACKETS);
  for (const [name, points] of Object.entries(series)) assert.ok(points.length <= 400, `${name}: ${points.length}`);
  const ring = createRing<number>(3);
  for (let value = 1; value <= 10; value++) ring.add(value);
  assert.equal([ring.all(), ring.takeNew(), ring.takeNew()], [[8, 9, 10], [8, 9, 10], []]);
}));

test("the address stays from run to run, for its owner alone", () => {
  const folder = mkdtempSync(join(tmpdir(), "motelet-place-"));
  const file = join(folder, "dashboard.json");
  const { token, port } = readPlace(file);
  assert.is(port, 0);
  assert.match(token, /^[\w-]{16}$/);
  assert.is.not(readPlace(file).token, token);
  writePlace(file, { token, port: 4711 });
  assert.equal(readPlace(file), { token, port: 4711 });
  if (process.platform !== "win32") assert.is(statSync(file).mode & 0o077, 0);
  assert.ok(readFileSync(file, "utf8").includes(token));
  rmSync(folder, { recursive: true });
});

test.run();
