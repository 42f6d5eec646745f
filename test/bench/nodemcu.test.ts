/** The greenhouse on NodeMCU keeps its budgets, and docs/nodemcu.md says how large it is. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { measureGrowth, measureNodemcu, nodemcuDoc, withNodemcuTable } from "../../bench/nodemcu.ts";

const sizes = { 5.1: await measureNodemcu("5.1"), 5.3: await measureNodemcu("5.3") };

for (const version of ["5.1", "5.3"] as const) {
  test(`Lua ${version}: the node is at most 16 KB`, () => {
    const { node, connected } = sizes[version];
    assert.ok(node <= 16 * 1024, `${node} bytes`);
    assert.ok(connected > 5000, `${connected} bytes are no node`);
  });

  test(`Lua ${version}: thousands of messages leave nothing in the heap of the node`, async () => {
    const { messages, bytes } = await measureGrowth(version, 5000);
    assert.ok(messages >= 5000);
    // Frames of the VM's own call stack come and go with its collections: one byte in twenty messages would be more.
    assert.ok(Math.abs(bytes) <= 250, `${bytes} bytes more after ${messages} messages`);
  });
}

test("Lua 5.1: the heap in use is at most 24 KB when the node is connected", () => {
  assert.ok(sizes["5.1"].connected <= 24 * 1024, `${sizes["5.1"].connected} bytes`);
});

test("docs/nodemcu.md holds the sizes of today: `npm run sizes` writes them", () => {
  assert.is(nodemcuDoc(), withNodemcuTable(nodemcuDoc(), sizes));
});

test.run();
