/** The store of a board: where it is, what is said of it, and that it is planned with the sizes of the client. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadDrivers } from "../../tools/board/drivers.ts";
import { draftOf } from "../../tools/board/draft.ts";
import { loadHardware } from "../../tools/board/hardware.ts";
import { Report } from "../../tools/board/report.ts";
import { mostAlive, storePlan, wornAfter } from "../../tools/board/rules/store.ts";
import { largestReading } from "../../tools/board/rules/memory.ts";
import type { Draft } from "../../tools/board/draft.ts";
import type { StorePlan } from "../../tools/board/types.ts";
import { check } from "../../tools/check.ts";
import { build } from "../../tools/build/build.ts";
import { root } from "../../tools/build/root.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { instantiate } from "../mqtt/instance.ts";
import { chance, FakeFlash } from "../mqtt/store/flash.ts";
import { changed, inFolder, type Json, load } from "./helper.ts";

const withStore = (change: (board: Json) => void = () => {}): Json => changed((board) => {
  board.mqtt.store = true;
  change(board);
});

const problemsOf = async (board: Json): Promise<string[]> => (await load(board)).problems
  .filter(({ path }) => path === "mqtt.store").map(({ severity, message }) => `${severity}: ${message}`);

const draft = async (board: Json): Promise<Draft> =>
  draftOf(board, await loadDrivers(), loadHardware(), new Report(() => ({ file: "board.json" })));

const planOf = async (board: Json): Promise<StorePlan> => storePlan(await draft(board)) as StorePlan;

test("check says what the store writes, and for how long the flash lasts", async () => {
  await inFolder({ "board.json": withStore() }, async (folder) => {
    const lines: string[] = [];
    assert.is(await check(join(folder, "board.json"), { secrets: "simulated", print: (line) => lines.push(line) }), 0);
    const line = lines.find((text) => text.includes("the store"));
    assert.match(line!, /a message up to 3 times \(\d+ bytes\), \d+ kB a day; its flash \(8 x 8192 bytes at 0x310000\) lasts for \d+ years/);
  });
});

test("docs/store.md has what check says of the boards that it names", async () => {
  const manual = readFileSync(new URL("../../docs/store.md", import.meta.url), "utf8");
  const lines: string[] = [];
  await check(join(root, "boards/freezer.json"), { secrets: "simulated", print: (line) => lines.push(line) });
  const [, said] = /\$ motelet check boards\/freezer\.json\n([^\n]*)\n/.exec(manual)!;
  assert.is(lines.find((text) => text.includes("the store"))!.replace(/^.*boards\//, "boards/"), said);
  const greenhouse = JSON.parse(readFileSync(join(root, "boards/greenhouse.json"), "utf8")) as Json;
  for (const [hardware, start] of [["esp32-devkit", "a BME280 every 30 s, ESP32"], ["espruino-wifi", "(STM32F411)"]] as const) {
    const row = manual.split("\n").find((line) => line.startsWith("|") && line.includes(start))!;
    const plan = await planOf({ ...greenhouse, hardware, mqtt: { ...greenhouse.mqtt, store: true } });
    assert.ok(row.includes(`| ${Math.ceil(plan.bytesADay / 1000)} kB | ${plan.areas} x ${plan.areaBytes / 1024} KiB |`), row);
    assert.ok(row.includes(wornAfter(plan)), `${row} ${wornAfter(plan)}`);
  }
});

test("without a store nothing is said of one, and nothing is built in", async () => {
  await inFolder({ "board.json": changed(() => {}) }, async (folder) => {
    const lines: string[] = [];
    await check(join(folder, "board.json"), { secrets: "simulated", print: (line) => lines.push(line) });
    assert.not(lines.some((text) => text.includes("store")));
    const { manifest } = await build(join(folder, "board.json"), { outDir: folder, secrets: "simulated" });
    assert.not(Object.keys(manifest!.modules).some((name) => name.includes("store") || name.includes("flash")));
  });
});

test("the firmware opens the store in the flash that the hardware has free", async () => {
  await inFolder({ "board.json": withStore() }, async (folder) => {
    const { manifest } = await build(join(folder, "board.json"), { outDir: folder, secrets: "simulated" });
    assert.ok(manifest!.modules["lib/mqtt/store.ts"]! > 500);
    const main = readFileSync(join(folder, "greenhouse/main.ts"), "utf8");
    assert.match(main, /openStore\(3211264, 8192, 8, \[\]\);/);
    assert.ok(main.indexOf("configureQueue(") < main.indexOf("openStore("));
    assert.match(main, /enqueueStored as enqueue/);
  });
});

test("a store that has nothing to do, gives up what is in flight, or wears its flash out is warned of", async () => {
  assert.equal(await problemsOf(withStore()), []);
  assert.match((await problemsOf(withStore((b) => b.sensors[0].publish.qos = 0)))[0]!, /warning: there is nothing to store/);
  assert.match((await problemsOf(withStore((b) => b.mqtt.cleanSession = true)))[0]!, /warning: with a clean session/);
  assert.match((await problemsOf(withStore((b) => b.sensors[0].interval = "1s")))[0]!, /warning: the flash may be worn after \d+ months/);
});

test("a store that does not fit is an error with the sizes", async () => {
  const large = await problemsOf(withStore((b) => b.mqtt.offline = { messages: 200, bytes: 30000 }));
  assert.match(large[0]!, /error: the buffers take 3\d+ bytes .* has 65536 bytes in pages of 4096/);
  const many = await problemsOf(withStore((b) => b.mqtt.offline.messages = 256));
  assert.match(many[0]!, /error: a store takes 255 messages/);
});

test("what is alive at most fits an area, and one byte more does not", async () => {
  const plan = await draft(withStore((b) => {
    b.mqtt.inflight = { messages: 3, bytes: 64 };
    b.mqtt.offline = { messages: 5, bytes: 200, whenFull: "reject" };
  }));
  const bytes = mostAlive(plan);
  const failuresIn = async (area: number): Promise<number> => {
    const node = await instantiate(() => 0.5, new FakeFlash(2, area, chance(1)));
    node.inflight.configure(3, 64, false);
    node.queue.configureQueue(5, 200, node.queue.reject);
    node.store.openStore(0, area, 2, []);
    node.connect(false);
    // 59 bytes of topic and payload make a packet of 63: header of 2 bytes, not 3, and the packet id.
    for (let i = 0; i < 3; i++) assert.ok(node.store.enqueueStored("\0\x01t", "x".repeat(56), 2));
    for (let i = 0; i < 5; i++) assert.ok(node.store.enqueueStored("\0\x01t", "y".repeat(37), 2));
    return node.store.storeFailures;
  };
  assert.is(await failuresIn(bytes), 0);
  assert.ok(await failuresIn(bytes - 48) > 0);
});

test("a day writes no more than the estimate, and not much less when all waits", async () => {
  const board = withStore((b) => b.sensors[0].publish.qos = 2);
  const plan = await planOf(board);
  const [message] = largestReading("greenhouse", (await draft(board)).sensors[0]!);
  const { messages, bytes } = board.mqtt.inflight as { messages: number; bytes: number };
  const flash = new FakeFlash(plan.areas, plan.areaBytes, chance(1));
  const node = await instantiate(() => 0.5, flash);
  node.inflight.configure(messages, bytes, false);
  node.queue.configureQueue(32, 2048, node.queue.reject);
  node.store.openStore(0, plan.areaBytes, plan.areas, []);
  const topic = String.fromCharCode(0, message!.topicBytes) + "t".repeat(message!.topicBytes);
  node.connect(false);
  const link = node.link();
  const day = 24 * 60 * 2;
  const settle = (): void => {
    for (let sent = link.take(); sent !== ""; sent = link.take()) {
      if (sent.charCodeAt(0) >>> 4 === 6) link.data(`\x70\x02${sent.slice(2, 4)}`);
      else {
        const at = sent.length - message!.payloadBytes - 2;
        link.data(`\x50\x02${sent.slice(at, at + 2)}`);
      }
    }
  };
  for (let i = 0; i < day; i++) {
    assert.ok(node.store.enqueueStored(topic, "p".repeat(message!.payloadBytes), 4));
    settle();
  }
  assert.ok(flash.programmed <= plan.bytesADay, `${flash.programmed} of ${plan.bytesADay}`);
  assert.ok(flash.programmed > plan.bytesADay / 3, `${flash.programmed} of ${plan.bytesADay}`);
  const erases = flash.erases.reduce((sum, count) => sum + count, 0);
  assert.ok(erases * 365 * plan.years <= 100000 * plan.areas, `${erases} erasures a day`);
});

test("a record of each kind takes the bytes that docs/store.md says", async () => {
  const manual = readFileSync(new URL("../../docs/store.md", import.meta.url), "utf8");
  const flash = new FakeFlash(2, 65532, chance(1));
  const node = await instantiate(() => 0.5, flash);
  node.inflight.configure(4, 256, false);
  node.queue.configureQueue(32, 2048, node.queue.reject);
  node.store.openStore(0, 65532, 2, node.qos2.held);
  const link = node.connect(false);
  node.subscribe.listeners[""] = () => {};
  // The first record opens an area.
  node.store.enqueueStored("\0\x01t", "begin", 2);
  link.data("\x40\x02\0\x01");
  let before = 0;
  const measure = (what: () => void): number => {
    before = flash.programmed;
    what();
    return flash.programmed - before;
  };
  const ping = (): void => void node.clock.advance(30_000);
  const measured: Record<string, number> = { rest: measure(ping) };
  link.data("\xd0\0");
  // Packets of 14 bytes, on a topic of 3.
  const [n, waiting] = [14, 3 + 7];
  measured["slot"] = measure(() => node.store.enqueueStored("\0\x01t", "1234567", 2));
  link.data("\x40\x02\0\x02");
  measured["both"] = measure(() => node.store.enqueueStored("\0\x01t", "1234567", 4));
  measured["release"] = measure(() => link.data("\x50\x02\0\x03"));
  link.data("\x70\x02\0\x03");
  measured["out"] = measure(ping);
  link.data("\xd0\0");
  measured["received"] = measure(() => link.data("\x34\x06\0\x01a\0\x09x"));
  measured["released"] = measure(() => link.data("\x62\x02\0\x09"));
  link.closed();
  measured["queued"] = measure(() => node.store.enqueueStored("\0\x01t", "1234567", 2));
  const links = node.links.length;
  while (node.links.length === links) node.clock.advance(100);
  measured["moved"] = measure(() => node.accept(true));
  // What fills a record up to 4 bytes is not written.
  assert.equal(measured, {
    rest: 14, slot: 18 + n, both: 18 + n + 8, release: 30, out: 14, received: 12, released: 10,
    queued: 11 + waiting, moved: 22 + n,
  });
  for (const said of ["18 + n, then 14", "18 + n + 8", "11 + topic + payload", "22 + n; out of the slot 14", "| 30 |", "12, then 10"]) {
    assert.ok(manual.includes(said), said);
  }
});

test.run();
