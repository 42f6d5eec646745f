/**
 * Every part on I2C. NodeMCU sees whether a part answers before it says what it wants: a message of no bytes must not
 * change anything. An access that the data sheet does not define is reported.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadPart, partNames } from "../../../simulator/machine.ts";
import { createRng } from "../../../simulator/rng.ts";
import type { I2cPart, PartDefinition } from "../../../simulator/types.ts";
import { loadDrivers } from "../../../tools/board/drivers.ts";
import { i2cBoard } from "./i2c-board.ts";

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

const drivers = await loadDrivers();

for (const [name] of parts) {
  test(`${name} reports an access that its data sheet does not define, with part, address, register and time`, async () => {
    const address = drivers.get(name)!.addresses![0]!;
    const { write, read, warnings, clock } = await i2cBoard(name, address);
    clock.advance(12_345);
    for (let first = 0; first < 256; first++) {
      for (const rest of [[], [0], [0, 0]]) {
        write(first, ...rest);
        read(1);
      }
    }
    const where = `it (${name}, i2c1 0x${address.toString(16).padStart(2, "0")}): `;
    assert.ok(warnings.length >= 10, `${warnings.length} of 768 messages`);
    for (const warning of warnings) assert.ok(warning.toLowerCase().startsWith(where) && warning.endsWith(" (at 12.345 s)"), warning);
    const isNamed = (text: string): boolean => /0x[0-9a-f]{2}|one byte|[0-9a-f]{4} is no command/.test(text.slice(where.length));
    assert.ok(warnings.some(isNamed), warnings[0]);
  });
}

test.run();
