/** What the host is told of each driver: fields that Home Assistant takes, options that are explained, an address. */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BINARY_CLASSES, stateClasses, type SensorClass } from "../../lib/drivers/classes.ts";
import { usualOptions } from "../../bench/drivers.ts";
import { loadDrivers } from "../../tools/board/drivers.ts";
import { allowsUnit } from "../../tools/board/filters.ts";

for (const [name, meta] of await loadDrivers()) {
  test(`${name}: its fields have units and classes that go together`, () => {
    const fields = meta.fields(usualOptions(meta));
    assert.ok(fields.length > 0);
    assert.is(new Set(fields.map((field) => field.name)).size, fields.length, "names that are alike");
    for (const field of fields) {
      const { name: of, unit, decimals, words, binary, deviceClass, stateClass } = field;
      assert.match(of, /^[a-z][A-Za-z0-9_]*$/);
      assert.ok(Number.isInteger(decimals) && decimals >= 0 && decimals <= 6, `${of}: ${decimals} decimals`);
      if (words ?? binary) assert.equal([unit, decimals, stateClass], ["", 0, undefined], `${of} is a word`);
      if (binary) {
        assert.ok(deviceClass === undefined || (BINARY_CLASSES as readonly string[]).includes(deviceClass), `${of}: ${deviceClass}`);
      } else if (deviceClass !== undefined) {
        assert.ok(allowsUnit(field), `${of}: ${deviceClass} has no unit "${unit}"`);
        if (stateClass) assert.ok(stateClasses(deviceClass as SensorClass).includes(stateClass), `${of}: ${stateClass}`);
      }
    }
  });

  test(`${name}: it has at most 160 lines`, () => {
    const lines = readFileSync(new URL(`../../lib/drivers/${name}.ts`, import.meta.url), "utf8").split("\n").length - 1;
    assert.ok(lines <= 160, `${lines} lines: what the host alone needs can go to lib/drivers/host`);
  });

  test(`${name}: it has a title, a time, and what its bus asks for`, () => {
    assert.match(meta.title, /\w/);
    assert.ok(meta.conversionMs(usualOptions(meta)) >= 0);
    assert.is(meta.bus === "i2c", (meta.addresses ?? []).length > 0, "addresses are of I2C, and I2C has them");
    assert.ok(meta.interrupt === undefined || meta.bus === "i2c", "an interrupt line is of I2C");
    for (const address of meta.addresses ?? []) assert.ok(address >= 0x08 && address <= 0x77, `0x${address.toString(16)}`);
  });
}

test.run();
