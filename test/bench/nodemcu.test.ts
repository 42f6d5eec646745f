/** The greenhouse on NodeMCU keeps its budgets, and docs/nodemcu.md says how large it is. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { measureNodemcu, nodemcuDoc, withNodemcuTable } from "../../bench/nodemcu.ts";

const sizes = { 5.1: await measureNodemcu("5.1", 2), 5.3: await measureNodemcu("5.3", 2) };

for (const version of ["5.1", "5.3"] as const) {
  test(`Lua ${version}: the node is at most 16 KB, and its heap does not grow`, () => {
    const { node, connected, later } = sizes[version];
    assert.ok(node <= 16 * 1024, `${node} bytes`);
    assert.ok(connected > 5000, `${connected} bytes are no node`);
    // What a reading takes that is under way.
    assert.ok(later - connected < 1500, `${later - connected} bytes more after two hours`);
  });
}

test("Lua 5.1: the heap in use is at most 24 KB when the node is connected", () => {
  assert.ok(sizes["5.1"].connected <= 24 * 1024, `${sizes["5.1"].connected} bytes`);
});

test("docs/nodemcu.md holds the sizes of today: `npm run sizes` writes them", () => {
  assert.is(nodemcuDoc(), withNodemcuTable(nodemcuDoc(), sizes));
});

test.run();
