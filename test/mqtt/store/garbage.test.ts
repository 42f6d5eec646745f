/** The store on flash that holds anything: it comes up, and stores what comes. Where a boot takes long, less often. */
import * as assert from "uvu/assert";
import { test } from "../engines/test.ts";
import type { Engine } from "../engines/types.ts";
import { v8 } from "../engines/v8.ts";
import { instantiate, type Instance } from "../instance.ts";
import { chance, FakeFlash } from "./flash.ts";

const PAGES = 3;
const PAGE_BYTES = 512;
const runsOn = (on: Engine): number => (on === v8 ? 1500 : 25);

const start = async (flash: FakeFlash): Promise<Instance> => {
  const node = await instantiate(() => 0.5, flash);
  node.inflight.configure(3, 64, false);
  node.queue.configureQueue(8, 400, node.queue.dropOldest);
  node.store.openStore(0, PAGE_BYTES, PAGES, node.qos2.held);
  return node;
};

/** A message that is stored is there after a reboot, as the newest. */
const checkWorks = async (flash: FakeFlash, what: string): Promise<void> => {
  const node = await start(flash);
  node.store.enqueueStored("\0\x01t", "after garbage", 2);
  assert.is(node.store.storeFailures, 0, what);
  assert.is((await start(flash)).queue.entries.at(-1), "\x02\0\x01tafter garbage", what);
};

const journal = async (random: () => number): Promise<FakeFlash> => {
  const flash = new FakeFlash(PAGES, PAGE_BYTES, random);
  const node = await start(flash);
  node.connect(false);
  for (let i = 0; i < 40; i++) node.store.enqueueStored("\0\x01t", `message ${i}`, 2 + 2 * (i % 2));
  return flash;
};

test("flash with random content is empty", async (on) => {
  const random = chance(1);
  for (let i = 0; i < runsOn(on); i++) {
    const flash = new FakeFlash(PAGES, PAGE_BYTES, random);
    const mask = Math.floor(random() * 256);
    for (let at = 0; at < flash.bytes.length; at++) flash.bytes[at] = Math.floor(random() * 256) & mask;
    await checkWorks(flash, `run ${i}`);
  }
});

test("a journal with bytes that have changed is read up to them", async (on) => {
  const random = chance(2);
  const whole = (await journal(random)).bytes;
  for (let i = 0; i < runsOn(on); i++) {
    const flash = new FakeFlash(PAGES, PAGE_BYTES, random);
    flash.bytes.set(whole);
    for (let n = random() * 8; n > 0; n--) {
      flash.bytes[Math.floor(random() * whole.length)] = Math.floor(random() * 256);
    }
    await checkWorks(flash, `run ${i}`);
  }
});

test("records of a store that wrote another format do not throw", async (on) => {
  const random = chance(3);
  const text = (length: number): string =>
    Array.from({ length }, () => String.fromCharCode(Math.floor(random() ** 3 * 256))).join("");
  for (let i = 0; i < runsOn(on); i++) {
    const flash = new FakeFlash(PAGES, PAGE_BYTES, random);
    for (let at = 0, record = "\0\0\0\x01\x02\0"; at + record.length + 6 < PAGE_BYTES; record = text(random() * 60)) {
      const crc = flash.crc32(record);
      const head = String.fromCharCode(0, record.length, crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255);
      flash.bytes.set(Buffer.from(head + record, "latin1"), at);
      at += (record.length + 9) & ~3;
    }
    assert.is((await start(flash)).store.storeFailures, 0);
  }
});

test.run();
