/** What filters cost in bytes on both targets: each in a program that has no other, shrunk as `build` does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Filters, Sensor } from "../tools/board/types.ts";
import { filterMetas } from "../tools/board/filters.ts";
import { compileLua } from "../tools/build/lua/compile.ts";
import { minify } from "../tools/build/minify.ts";
import { root } from "../tools/build/root.ts";
import { programText } from "../tools/filter/program.ts";

const META = {
  title: "", bus: "adc" as const, options: {},
  fields: () => [{ name: "x", unit: "", decimals: 2 }], conversionMs: () => 0, constants: () => [],
};

/** Bytes by filter, and by what applies them. */
type Bytes = Record<string, number>;
export interface FilterSizes { espruino: Bytes; lua: Bytes }

/** Bytes of a program with these filters of its one field: of the modules that a pattern finds. */
const measure = async (chain: Filters[string], as: "json" | "value", of: RegExp): Promise<[number, number]> => {
  const sensor: Sensor = {
    id: "s", driver: "d", intervalMs: 1000, publish: { qos: 0, retain: false, as }, options: {}, filters: { x: chain },
  };
  const contents = programText("n", [sensor], { d: META });
  return [
    sum((await minify({ contents, resolveDir: root }, root)).modules, of),
    sum(compileLua(contents, "ESP32", "5.3").modules, of),
  ];
};

const sum = (modules: Record<string, number>, of: RegExp): number =>
  Object.entries(modules).reduce((bytes, [name, n]) => (of.test(name) ? bytes + n : bytes), 0);

/** A filter that has several functions has a row for each. */
export const measureFilters = async (): Promise<FilterSizes> => {
  const result: FilterSizes = { espruino: {}, lua: {} };
  const add = async (row: string, chain: Filters[string], as: "json" | "value", of: RegExp): Promise<void> => {
    [result.espruino[row], result.lua[row]] = await measure(chain, as, of);
  };
  for (const [name, meta] of filterMetas) {
    for (const example of (meta.schema as { examples: unknown[] }).examples) {
      const field = META.fields()[0]!;
      const { name: called } = meta.call(example, field, meta.field?.(example, field) ?? field, 0);
      await add(called === name ? name : `${name} (${called})`, [{ [name]: example }], "json", /^lib\/filters\//);
    }
  }
  const gate = [{ delta: 1 }];
  await add("filters that change values", [{ ema: 0.5 }], "json", /^firmware\/shaped/);
  await add("filters that hold back, one message", gate, "json", /^firmware\/held/);
  await add("filters that hold back, a message a quantity", gate, "value", /^firmware\/held/);
  return result;
};

const DOCS = join(root, "docs/filters.md");
const MARKS = ["<!-- filter sizes -->\n", "<!-- /filter sizes -->"] as const;

/** docs/filters.md as it is, and with the table of these sizes. */
export const filterDocs = ({ espruino, lua }: FilterSizes): { path: string; now: string; wanted: string } => {
  const now = readFileSync(DOCS, "utf8");
  const [start, end] = [now.indexOf(MARKS[0]) + MARKS[0].length, now.indexOf(MARKS[1])];
  const rows = Object.entries(espruino).map(([name, bytes]) =>
    `| ${filterMetas.has(name.split(" ")[0]!) ? `\`${name}\`` : name} | ${bytes} | ${lua[name]!} |\n`);
  return { path: DOCS, now, wanted: `${now.slice(0, start)}\n| what | Espruino | Lua |\n| --- | --- | --- |\n${rows.join("")}\n${now.slice(end)}` };
};
