/**
 * What drivers compute is what V8 computes: on the real interpreter and in both versions of Lua, by one program for
 * each target. (That whole nodes publish alike is for `test/node`, where every driver runs on every engine.)
 */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { interpolate, meta, thermistor } from "../../lib/drivers/analog.ts";
import { compensate } from "../../lib/drivers/bme280.ts";
import { crc8 } from "../../lib/drivers/common/onewire.ts";
import { sixteenths } from "../../lib/drivers/ds18b20.ts";
import { isNmea, nmeaAngle, nmeaFields } from "../../lib/drivers/gps.ts";
import { createLuaVm } from "../../simulator/engines/lua/vm.ts";
import { compileLua } from "../../tools/build/lua/compile.ts";
import { anyCalibration, dataOf, registersOf } from "./bme280-reference.ts";
import { bundle, hasEspruino, runThere } from "./bundle.ts";
import { bytes, random } from "./clock.ts";

interface Row {
  imports: string;
  cases: (string | number)[];
  /** What is printed of a case `c`, in the portable subset. */
  print: string;
  here: (c: never) => string;
}

const below = random(282);
const many = <T>(make: () => T): T[] => Array.from({ length: 300 }, make);
const points = [0, 0, 0.25, 17, 0.5, -400, 1, 3000];
const coefficients = meta.constants({
  ntc: {
    steinhartHart: [0.001129148, 0.000234125, 0.0000000876741],
    nominalOhms: 10000, seriesOhms: 100000, side: "low",
  },
}).slice(7) as [number, number, number, number];

const ROWS: Record<string, Row> = {
  bme280: {
    imports: `import { compensate } from "motelet/lib/drivers/bme280.ts";`,
    cases: many(() => bytes([
      ...registersOf(anyCalibration(below)),
      ...dataOf(380000 + below(300000), 200000 + below(500000), 5000 + below(50000)),
    ])),
    // Some are beyond what the part measures.
    print: `compensate(c).length < 3 ? "none"
      : Math.floor(compensate(c)[0]!) + " " + Math.floor(compensate(c)[1]!) + " " + Math.floor(compensate(c)[2]!)`,
    here: (c: string) => (compensate(c).length < 3 ? "none" : compensate(c).join(" ")),
  },
  ds18b20: {
    imports: `import { crc8 } from "motelet/lib/drivers/common/onewire.ts";
      import { sixteenths } from "motelet/lib/drivers/ds18b20.ts";`,
    cases: many(() => bytes(Array.from({ length: 9 }, () => below(256)))),
    print: `crc8(c) + " " + Math.floor(sixteenths(c, 1)) + " " + Math.floor(sixteenths(c, 8))`,
    here: (c: string) => `${crc8(c)} ${sixteenths(c, 1)} ${sixteenths(c, 8)}`,
  },
  gps: {
    imports: `import { isNmea, nmeaAngle, nmeaFields } from "motelet/lib/drivers/gps.ts";`,
    cases: [
      "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A",
      "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47",
      "$GPRMC,083559.00,A,4717.11437,N,00833.91522,E,0.004,77.52,091202,,,A*57",
      "$GPGGA,092725.00,4717.11399,N,00833.91590,E,1,08,1.01,499.6,M,48.0,M,,*5A",
    ],
    print: `(isNmea(c) ? "right" : "wrong") + " " + (nmeaAngle(nmeaFields(c)[3], "S", 180) ?? "nothing")
      + " " + (nmeaAngle(nmeaFields(c)[4], "W", 180) ?? "nothing")`,
    here: (c: string) => `${isNmea(c) ? "right" : "wrong"} ${
      [["S", 3], ["W", 4]].map(([side, at]) => nmeaAngle(nmeaFields(c)[at as number], side as "S", 180) ?? "nothing").join(" ")}`,
  },
  // Characters that a target writes by their numbers, before digits.
  text: {
    imports: "",
    cases: ["\x005", "\x1a3", "\\05", "\x7f1", "\xff9", "\r1", "\x080", "\x0b7"],
    print: `c.length + " " + c.charCodeAt(0) + " " + c.charCodeAt(1)`,
    here: (c: string) => `${c.length} ${c.charCodeAt(0)} ${c.charCodeAt(1)}`,
  },
  analog: {
    imports: `import { interpolate, thermistor } from "motelet/lib/drivers/analog.ts";`,
    // Espruino reads decimal fractions, even 0.75, as a neighbour of the right double; that decides ties: none here.
    cases: many(() => 21 + below(4096 - 42)),
    print: `Math.floor(interpolate(${JSON.stringify(points)}, c / 4096) + 0.5) + " "
      + Math.floor(thermistor(100, ${coefficients.join(", ")}, c / 4096) + 0.5)`,
    here: (c: number) =>
      `${Math.floor(interpolate(points, c / 4096) + 0.5)} ${Math.floor(thermistor(100, ...coefficients, c / 4096) + 0.5)}`,
  },
};

const PROGRAM = `${Object.values(ROWS).map(({ imports }) => imports).join("\n")}
declare const print: (this: void, line: string) => void;
print("begin");
${Object.entries(ROWS).map(([name, { cases, print }]) =>
  `for (const c of ${JSON.stringify(cases)}) { print("${name} " + (${print})); }`).join("\n")}`;

const expected = Object.entries(ROWS).flatMap(([name, { cases, here }]) => cases.map((c) => `${name} ${here(c as never)}`));

/** What a program prints in the simulator's VM, behind "begin". */
const runInLua = (version: "5.1" | "5.3"): string[] => {
  const { code } = compileLua(PROGRAM, "ESP8266", version);
  let said = "";
  const vm = createLuaVm(version, (text) => {
    said += text;
    return "";
  });
  try {
    // NodeMCU's `bit`, as the simulator has it.
    vm.run(`N = { is53 = _VERSION == "Lua 5.3", int = function(value) return value end, modules = {} }`);
    vm.run(readFileSync(new URL("../../simulator/engines/lua/prelude/bit.lua", import.meta.url), "latin1"));
    vm.run("bit = N.modules.bit lines = {} print = function(line) lines[#lines + 1] = line end");
    vm.run(code);
    vm.run(`io.stdout:write(table.concat(lines, "\\n")) io.stdout:flush() io.stdin:read(3)`);
  } finally {
    vm.close(true);
  }
  return said.split("\n").slice(1);
};

for (const version of ["5.1", "5.3"] as const) {
  test(`Lua ${version} computes what V8 computes`, () => assert.equal(runInLua(version), expected));
}

if (!hasEspruino()) console.log("skipped: no Espruino interpreter here (set ESPRUINO to a Linux build of 2v29)");
(hasEspruino() ? test : test.skip)("the real interpreter computes what V8 computes", async () => {
  assert.equal(runThere(await bundle(PROGRAM, "esbuild+terser")), expected);
});

test.run();
