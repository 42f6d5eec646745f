/** Sizes: within their budgets, and as they are recorded. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readFileSync } from "node:fs";
import { SENSOR_DOCS, sensorDocs } from "../../bench/drivers.ts";
import { filterDocs } from "../../bench/filters.ts";
import { partDocs } from "../../bench/parts.ts";
import { BUDGETS, measureSizes, recorded, sentences, withTable } from "../../bench/sizes.ts";

const sizes = await measureSizes();

for (const [name, budget] of Object.entries(BUDGETS)) {
  test(`${name} keeps its budget of ${budget} bytes`, () => {
    assert.ok(sizes.espruino.profiles[name]! <= budget, `${sizes.espruino.profiles[name]} bytes`);
  });
}

test("bench/sizes.json holds the sizes of today: `npm run sizes` writes it", () => {
  assert.equal(recorded().sizes, sizes);
});

test("the table of README.md is that of bench/sizes.json: `npm run sizes` writes it", () => {
  const { sizes: record, readme } = recorded();
  assert.is(readme, withTable(readme, record));
});

test("docs/store.md and docs/links.md say the sizes of bench/sizes.json: `npm run sizes` writes them", () => {
  for (const { now, wanted } of sentences(recorded().sizes)) assert.is(now, wanted);
});

test("the tables of docs/store.md and docs/links.md are those of bench/sizes.json: `npm run sizes` writes them", () => {
  for (const { now, wanted } of partDocs(recorded().sizes.espruino.parts)) assert.is(now, wanted);
});

test("the table of docs/filters.md is that of bench/sizes.json: `npm run sizes` writes it", () => {
  const { espruino, lua } = recorded().sizes;
  const { now, wanted } = filterDocs({ espruino: espruino.filters, lua: lua.filters });
  assert.is(now, wanted);
});

test("docs/sensors.md is that of the drivers and of bench/sizes.json: `npm run sizes` writes it", async () => {
  const { espruino, lua } = recorded().sizes;
  assert.is(readFileSync(SENSOR_DOCS, "utf8"), await sensorDocs({ espruino: espruino.drivers, lua: lua.drivers }));
});

test.run();
