/** SGP30 data sheet, version 1.0. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta } from "../../lib/drivers/sgp30.ts";
import type { Values } from "../../lib/drivers/types.ts";
import { driverAlone } from "./bundle.ts";
import { now } from "./clock.ts";
import { fake, use, type Fake } from "./fake.ts";
import { withBadCrc, withCrc } from "./sensirion.ts";

interface Options { feature?: number; badFromMs?: number; badToMs?: number; deafFromMs?: number }

const END = new Error("the test is over");

/** The driver measures for ever: the part ends the test at some time. */
const makePart = (endMs: number, options: Options = {}): Fake => {
  const { feature = 0x22, badFromMs = Infinity, badToMs = Infinity, deafFromMs = Infinity } = options;
  let command = "";
  return fake(0x58, (written, count) => {
    if (now() > endMs) throw END;
    if (now() >= deafFromMs) return undefined;
    if (count === 0) {
      command = written;
      return "";
    }
    if (command === "202f") return withCrc(feature);
    assert.is(command, "2008");
    const give = now() >= badFromMs && now() < badToMs ? withBadCrc : withCrc;
    return now() < 15_500 ? give(400, 0) : give(612, 34);
  });
};

/** Opens and samples every second, as the firmware does: it opens again after each error. */
const every = (part: Fake, baseline: number[] = []): [number, string, Values][] => {
  const seen: [number, string, Values][] = [];
  const driver = create(part.transfer, 0x58, baseline);
  let isOpen = false;
  const note = (error: string, values: Values): void => {
    seen.push([Math.round(now() / 1000), error, values]);
    isOpen = error === "";
    setTimeout(step, 1000);
  };
  const step = (): void => {
    if (isOpen) driver.sample(note);
    else driver.open((error) => error === "" ? driver.sample(note) : note(error, []));
  };
  try {
    use({ open: () => step(), sample: () => undefined });
  } catch (error) {
    if (error !== END) throw error;
  }
  return seen;
};

test("it looks who is there, starts the algorithm, and measures every second by itself", () => {
  const part = makePart(5000);
  every(part);
  assert.equal(part.log.slice(0, 5), ["202f", " 3", "2003", "2008", " 6"]);
  assert.ok(part.log.filter((entry) => entry === "2008").length >= 4);
});

test("the constants of the first 15 s are not published: \"warmup\", and the algorithm is not disturbed", () => {
  const part = makePart(25_000);
  const seen = every(part);
  assert.ok(seen.filter(([at]) => at < 15).every(([, error, values]) => error === "warmup" && values.length === 0));
  assert.equal(seen.at(-1)!.slice(1), ["", [612, 34]]);
  assert.is(part.log.filter((entry) => entry === "2003").length, 1);
});

test("a wrong CRC is \"crc\" and no value, and the algorithm is started anew", () => {
  const part = makePart(60_000, { badFromMs: 30_000, badToMs: 33_000 });
  const seen = every(part);
  assert.ok(seen.some(([, error, values]) => error === "crc" && values.length === 0));
  assert.ok(part.log.filter((entry) => entry === "2003").length >= 2);
  assert.equal(seen.at(-1)!.slice(1), ["", [612, 34]]);
});

test("a part that is gone is \"nack\"", () => {
  const seen = every(makePart(40_000, { deafFromMs: 30_000 }));
  assert.equal(seen.at(-1)!.slice(1), ["nack", []]);
});

test("another product is \"id\"", () => {
  assert.ok(every(makePart(3000, { feature: 0x1022 })).every(([, error]) => error === "id"));
});

test("a baseline is set after the start, TVOC first, each word with its CRC (table 10)", () => {
  const [baseline] = meta.constants({ baseline: { tvoc: 0xbeef, eco2: 0x1234 } }) as [number[]];
  const part = makePart(3000);
  every(part, baseline);
  assert.is(part.log[3], `201e${withCrc(0xbeef, 0x1234)}`);
  assert.ok(part.log[3]!.includes("beef92"));
});

test("meta stays out of the bundle", async () => {
  assert.not.match((await driverAlone("sgp30")).code, /deviceClass|algorithm/);
});

test.run();
