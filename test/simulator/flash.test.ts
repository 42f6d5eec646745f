/** The chip's flash: NOR memory, and power that fails in the middle of a write or an erasure, on both engines. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createEspruinoEngine, findEspruino } from "../../simulator/engines/espruino.ts";
import { createV8Engine } from "../../simulator/engines/v8.ts";
import { createFlash, PowerFailure, type SimulatedFlash } from "../../simulator/flash.ts";
import { createRng } from "../../simulator/rng.ts";
import { createBench, type Bench } from "./bench.ts";

const START = 0x200000;

const make = (seed = 1): { flash: SimulatedFlash; warnings: string[] } => {
  const warnings: string[] = [];
  const flash = createFlash({
    pages: { address: START, pageBytes: 256, pages: 3 }, rng: createRng(seed), warn: (text) => void warnings.push(text),
  });
  return { flash, warnings };
};

const bits = (text: string): number =>
  [...text].reduce((sum, char) => sum + char.charCodeAt(0).toString(2).replaceAll("0", "").length, 0);

test("a write clears bits and sets none; an erasure sets all bits of a page and no others", () => {
  const { flash, warnings } = make();
  flash.write(START + 252, "\x0f\xf0\x00\xffnext");
  flash.write(START + 252, "\x3c\x3c\xff\x11");
  assert.is(flash.read(START + 252, 8), "\x0c\x30\x00\x11next");
  flash.erase(START + 100);
  assert.is(flash.read(START + 252, 8), "\xff\xff\xff\xffnext");
  assert.equal(flash.erasures, [1, 0, 0]);
  assert.equal(warnings, []);
});

test("power that fails in a write leaves what was written before, and some bits of the next word", () => {
  for (let cut = 0; cut <= 8; cut++) {
    const { flash } = make(cut);
    flash.failAfter(cut);
    const write = (): void => flash.write(START, "\0\0\0\0\0\0\0\0");
    if (cut === 8) write();
    else assert.throws(write, (error: unknown) => error instanceof PowerFailure);
    const read = flash.read(START, 12);
    assert.is(read.slice(0, cut), "\0".repeat(cut));
    assert.is(read.slice(Math.min(cut + 4, 8)), "\xff".repeat(12 - Math.min(cut + 4, 8)), `cut at ${cut}`);
    assert.is(flash.failures, cut < 8 ? 1 : 0);
  }
});

test("power that fails in an erasure leaves a page of which some bits are set, and the fault is over then", () => {
  const { flash } = make();
  const page = "\0".repeat(256);
  let before = 0;
  for (let point = 0; point < 4; point++) {
    flash.write(START, page);
    flash.failAfter(point);
    assert.throws(() => flash.erase(START), (error: unknown) => error instanceof PowerFailure);
    const set = bits(flash.read(START, 256));
    assert.ok(set > before && set < 2048, `${set} bits after point ${point}`);
    before = set;
    flash.erase(START);
    assert.is(bits(flash.read(START, 256)), 2048);
  }
  assert.equal(flash.erasures, [4, 0, 0]);
});

test("what is not free for programs, and what an ESP8266 cannot read, is a warning, once", () => {
  const { flash, warnings } = make();
  assert.is(flash.read(0x1000, 4), "\xff\xff\xff\xff");
  flash.write(START + 766, "abcd");
  flash.write(START + 766, "abcd");
  flash.erase(0);
  flash.read(START + 2, 4);
  assert.equal(warnings, [
    "flash: a read at 0x1000, outside of what is free for programs: 0x200000 to 0x2002FF",
    "flash: a write at 0x2002FE, outside of what is free for programs: 0x200000 to 0x2002FF",
    "flash: an erasure at 0x00, outside of what is free for programs: 0x200000 to 0x2002FF",
    "flash: 4 bytes are read at 0x200002: an ESP8266 reads nothing but whole words",
  ]);
  assert.is(flash.page(0x1000), undefined);
  const none = createFlash({ pages: undefined, rng: createRng(1), warn: (text) => void warnings.push(text) });
  none.write(4, "x");
  assert.is(warnings.at(-1), "flash: a write at 0x04, but this chip has none that is free for programs");
  assert.is(none.free, undefined);
});

/** Writes eight times 8 bytes and prints each; says at boot what is there. */
const PROGRAM = `
var f = require("Flash"), at = 0x310000, found = "" , n;
for (n = 0; n < 8; n++) found += E.toString(f.read(8, at + n * 8)) === "eight by" ? "y" : "n";
print("found " + found);
n = 0;
setInterval(function () {
  if (n >= 8) return;
  try { f.write("eight by", at + n * 8); } catch (e) { print("caught"); }
  print("wrote " + n++);
  if (n === 8) print("all written");
}, 10);
`;

const checkFailing = async (make: Parameters<typeof createBench>[0], virtual: boolean): Promise<void> => {
  const bench: Bench = createBench(make, { virtual });
  bench.flash.failAfter(19);
  await bench.engine.start(Buffer.from(PROGRAM));
  for (let i = 0; i < 1000 && bench.flash.failures === 0; i++) await bench.pass(10);
  await bench.pass(100);
  assert.equal(bench.lines, ["found nnnnnnnn", "wrote 0", "wrote 1"], "nothing runs without power");
  assert.is(bench.events.filter(({ type }) => type === "off").length, 1);
  bench.flash.failAfter(Infinity);
  await bench.engine.start(Buffer.from(PROGRAM));
  await bench.line("all written");
  assert.is(bench.lines[3], "found yynnnnnn", "the third is half written");
  await bench.engine.stop();
  await bench.engine.start(Buffer.from(PROGRAM));
  await bench.line(`found yy${bench.flash.read(0x310010, 8) === "eight by" ? "y" : "n"}yyyyy`);
  await bench.close();
  assert.equal(bench.resets, []);
};

test("on V8 power fails in the middle of a write, and the flash is there when it is back", () =>
  checkFailing(createV8Engine, true));

if (findEspruino() === undefined) console.log("SKIP: no Espruino interpreter (set ESPRUINO): its flash is not tested");
else {
  test("on the real interpreter power fails in the middle of a write, and the flash is there when it is back", () =>
    checkFailing(createEspruinoEngine, false));
}

test.run();
