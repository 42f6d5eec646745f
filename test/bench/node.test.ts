/** The whole node in the heap of an ESP8266: counts of variables, measured on the real interpreter. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findEspruino } from "../../bench/interpreter.ts";
import { ESP8266_VARIABLES, measureNode } from "../../bench/node.ts";

const espruino = findEspruino();
if (!espruino) console.log("SKIP: no Espruino interpreter (set ESPRUINO): the heap of the node is not measured");

(espruino ? test : test.skip)("the greenhouse leaves 500 variables of an ESP8266 free when its queue is full", async () => {
  const heap = await measureNode(espruino!);
  assert.ok(heap.connected > 300, `${heap.connected} variables are no node`);
  assert.ok(heap.queueFull > heap.connected + 50, "nothing waited");
  assert.ok(heap.drained < heap.queueFull, "nothing was sent");
  const free = ESP8266_VARIABLES - Math.max(heap.connected, heap.queueFull, heap.drained);
  assert.ok(free >= 500, `${free} are free`);
});

test.run();
