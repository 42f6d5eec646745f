/**
 * The store under loss of power: at every byte of every write, twice in a row, and with flash that is worn. Where a
 * boot takes long, at some of these.
 */
import * as assert from "uvu/assert";
import { sampleOf, test } from "../engines/test.ts";
import { v8 } from "../engines/v8.ts";
import { instantiate, type Instance } from "../instance.ts";
import { chance, FakeFlash } from "./flash.ts";
import { run } from "./node.ts";

const STEPS = 150;
/** How many runs of a test an engine gets that is not V8. */
const SOME = 8;

/** Runs with power cuts; what went wrong names the call that shows it again. */
const problemsOf = async (seed: number, ...cuts: number[]): Promise<string[]> =>
  (await run(seed, STEPS, ...cuts)).check().map((text) => `run(${[seed, STEPS, ...cuts].join(", ")}): ${text}`);

test("power may fail at any byte of any write: nothing stored is lost, nothing of QoS 2 comes twice", async (on) => {
  // The second of two runs by samples: the first one alone takes several seconds.
  for (const [seed, each] of [[1, 1], [5, 5]] as const) {
    const { flash, accepted, sent, broker } = await run(seed, STEPS);
    assert.ok(flash.done > 2000 && accepted.length > 20 && sent.length > 5 && broker.received.length > 20);
    assert.ok(flash.erases.every((count) => count > 1), "every page was in use twice");
    for (const at of sampleOf(on, Math.ceil(flash.done / each), SOME)) {
      assert.equal(await problemsOf(seed, at * each), []);
    }
  }
});

test("power may fail again while what was stored is brought back and goes on", async (on) => {
  const random = chance(7);
  const cut = (): number => Math.floor(random() * random() * 900);
  const all = Array.from({ length: 1500 }, () => Array.from({ length: 4 }, cut));
  for (const i of sampleOf(on, all.length, SOME)) assert.equal(await problemsOf(3 + i, ...all[i]!), []);
});

test("areas are written in turn: no page is erased more than once more often than another", async (on) => {
  const steps = on === v8 ? 3000 : 400;
  const { flash, accepted } = await run(4, steps);
  assert.ok(Math.max(...flash.erases) - Math.min(...flash.erases) <= 1, flash.erases.join(" "));
  assert.ok(Math.min(...flash.erases) > 1 && accepted.length > steps / 6);
});

const PAGE_BYTES = 256;

/** A node that has never been connected, on 4 areas of a page. */
const start = async (flash: FakeFlash, clean = false): Promise<Instance> => {
  const node = await instantiate(() => 0.5, flash);
  node.inflight.configure(3, 64, clean);
  node.queue.configureQueue(8, 400, node.queue.reject);
  node.store.openStore(0, PAGE_BYTES, 4, node.qos2.held);
  return node;
};

const newFlash = (): FakeFlash => new FakeFlash(4, PAGE_BYTES, chance(1));
const TOPIC = "\0\x01t";

test("a page that is worn is passed over", async (on) => {
  const flash = newFlash();
  flash.wornPage = 2;
  const times = on === v8 ? 100 : 30;
  for (let i = 0; i < times; i++) {
    const node = await start(flash);
    node.queue.configureQueue(6, 400, node.queue.dropOldest);
    assert.ok(node.store.enqueueStored(TOPIC, `payload ${i}`, 2));
    assert.is(node.store.storeFailures, 0);
    const payloads = Array.from({ length: Math.min(i + 1, 6) }, (_, at) => `payload ${Math.max(0, i - 5) + at}`);
    assert.equal((await start(flash)).queue.entries.map((entry) => entry.slice(4)), payloads);
  }
  assert.ok(flash.erases.every((count) => count > times / 33), flash.erases.join(" "));
});

test("what does not fit the flash is counted, and what was stored before stays", async () => {
  const flash = newFlash();
  const node = await start(flash);
  for (let i = 0; i < 4; i++) node.store.enqueueStored(TOPIC, `${i}`.repeat(36), 2);
  assert.is(node.store.storeFailures, 0);
  assert.is(node.store.enqueueStored(TOPIC, "x".repeat(55), 2), true);
  assert.is(node.store.storeFailures, 1);
  assert.is((await start(flash)).queue.entries.length, 4);
});

test("SUBSCRIBE is not brought back, however often a node that is offline restarts", async () => {
  const flash = newFlash();
  for (let i = 0; i < 5; i++) {
    const node = await start(flash);
    assert.equal(node.inflight.slots, []);
    node.subscribe.subscribe(TOPIC, 1, () => {});
    node.store.enqueueStored(TOPIC, "p", 2);
  }
});

/** Publishes in `mode`, and loses power before the broker answers. */
const inFlight = async (flash: FakeFlash, clean: boolean): Promise<void> => {
  const node = await start(flash, clean);
  node.connect(false);
  node.store.enqueueStored(TOPIC, "first", 2);
  node.store.enqueueStored(TOPIC, "second", 4);
  assert.is(node.link().take(), "\x32\x0a\0\x01t\0\x01first\x34\x0b\0\x01t\0\x02second");
};

test("what was in flight is sent again after a reboot, with DUP, the same ids, in order", async () => {
  const flash = newFlash();
  await inFlight(flash, false);
  const node = await start(flash);
  const link = node.connect(true);
  assert.is(link.take(), "\x3a\x0a\0\x01t\0\x01first\x3c\x0b\0\x01t\0\x02second");
  node.store.enqueueStored(TOPIC, "third", 2);
  assert.is(link.take(), "\x32\x0a\0\x01t\x01\x01third", "no id that is in use is used again");
});

test("PUBREL takes the place of its PUBLISH before it is sent", async () => {
  const flash = newFlash();
  await inFlight(flash, false);
  let node = await start(flash);
  node.connect(true).data("\x50\x02\0\x02");
  node = await start(flash);
  assert.is(node.connect(true).take(), "\x3a\x0a\0\x01t\0\x01first\x62\x02\0\x02");
});

test("with a clean session what was in flight is given up, and what waits is sent", async () => {
  const flash = newFlash();
  await inFlight(flash, true);
  let node = await start(flash, true);
  node.store.enqueueStored(TOPIC, "third", 2);
  assert.is(node.connect(false).take(), "\x32\x0a\0\x01t\x01\x01third");
  node = await start(flash, true);
  assert.is(node.connect(false).take(), "", "not known to have arrived, but in flight");
});

test("ids received at QoS 2 are known after a reboot while the broker keeps the session, and no longer", async () => {
  const flash = newFlash();
  const delivered: string[] = [];
  const connect = async (present: boolean): Promise<Instance> => {
    const node = await start(flash);
    node.subscribe.listeners[""] = (_topic, payload) => void delivered.push(payload);
    node.connect(present);
    return node;
  };
  (await connect(false)).link().data("\x34\x06\0\x01t\0\x09a");
  (await connect(true)).link().data("\x3c\x06\0\x01t\0\x09a");
  assert.equal(delivered, ["a"]);
  (await connect(false)).link().data("\x34\x06\0\x01t\0\x09b");
  assert.equal(delivered, ["a", "b"]);
  const node = await connect(true);
  node.link().data("\x62\x02\0\x09\x34\x06\0\x01t\0\x09c");
  assert.equal(delivered, ["a", "b", "c"]);
});

test("a queue that is smaller than it was brings back what fits", async () => {
  const flash = newFlash();
  const node = await start(flash);
  for (let i = 0; i < 6; i++) node.store.enqueueStored(TOPIC, `${i}`, 2);
  const smaller = await instantiate(() => 0.5, flash);
  smaller.inflight.configure(1, 64, false);
  smaller.queue.configureQueue(4, 400, smaller.queue.dropOldest);
  smaller.store.openStore(0, PAGE_BYTES, 4, smaller.qos2.held);
  smaller.store.enqueueStored(TOPIC, "6", 2);
  assert.equal((await start(flash)).queue.entries.map((entry) => entry.slice(4)), ["3", "4", "5", "6"]);
});

test("areas of another size are not what was stored", async () => {
  const flash = newFlash();
  (await start(flash)).store.enqueueStored(TOPIC, "p", 2);
  const node = await instantiate(() => 0.5, flash);
  node.inflight.configure(3, 64, false);
  node.queue.configureQueue(8, 400, node.queue.reject);
  node.store.openStore(0, 2 * PAGE_BYTES, 2, node.qos2.held);
  assert.equal(node.queue.entries, []);
});

test.run();
