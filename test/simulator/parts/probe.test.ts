/** NodeMCU sees whether a part answers before it says what it wants: a message of no bytes must not change anything. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadPart, partNames } from "../../../simulator/machine.ts";
import { createRng } from "../../../simulator/rng.ts";
import type { I2cPart, PartDefinition } from "../../../simulator/types.ts";

const parts: [string, PartDefinition][] = [];
for (const name of partNames()) {
  const part = await loadPart(name);
  if (part.bus === "i2c") parts.push([name, part]);
}

/** A part, and the warnings that it gave. */
const create = (part: PartDefinition): { part: I2cPart; warnings: string[] } => {
  const warnings: string[] = [];
  const means = new Map(part.signals({}).map(({ name, mean }) => [name, mean]));
  let nowMs = 10_000;
  return {
    warnings,
    part: part.create({
      clock: { now: () => nowMs++, after: () => 0, cancel: () => {} }, rng: createRng(1), options: {},
      signal: (name) => means.get(name)!, onSignal: () => {}, warn: (message) => void warnings.push(message),
      faults: new Set(), referenceVolts: 3.3, poweredMs: -Infinity, nonVolatile: new Map(),
    }) as I2cPart,
  };
};

for (const [name, definition] of parts) {
  test(`${name} answers a message of no bytes, and does nothing else`, () => {
    const { part, warnings } = create(definition);
    assert.is(part.write(new Uint8Array()), 0);
    assert.equal(warnings, []);
    // What follows is as without it.
    const plain = create(definition).part;
    const probed = create(definition).part;
    const sequence = (each: I2cPart, probe: boolean): unknown[] => [[0], [0xd0], [0xf7]].map((bytes) => {
      const read = (count: number): string | undefined => {
        const data = each.read(count);
        return data && Buffer.from(data).toString("hex");
      };
      if (probe) each.write(new Uint8Array());
      const count = each.write(Uint8Array.from(bytes));
      const before = probe ? each.read(0)?.length : 0;
      return [count, before ?? 0, read(1), read(3)];
    });
    assert.equal(sequence(probed, true), sequence(plain, false));
  });
}

test.run();
