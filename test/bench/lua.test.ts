/** The client's heap in Lua: it is bounded, and stays. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { measureLua } from "../../bench/lua.ts";

for (const version of ["5.1", "5.3"] as const) {
  test(`Lua ${version}: 100,000 messages leave nothing in the heap, and a publish at QoS 0 allocates its packet alone`, () => {
    const heap = measureLua(version);
    // A frame of the VM's own call stack comes and goes with its collections.
    assert.ok(Math.abs(heap.growth) <= 64, `${heap.growth} bytes more`);
    assert.ok(heap.connected > 10_000, `${heap.connected} bytes are no client`);
    assert.ok(heap.publish0 <= heap.packet + 1, `QoS 0: ${heap.publish0} bytes for a packet of ${heap.packet}`);
  });
}

test.run();
