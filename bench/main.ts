/**
 * `npm run bench`: bytes always; times and variables where ESPRUINO names the real interpreter. `--json` for
 * scripts.
 */
import { sizeTable } from "../tools/build/build.ts";
import { minify } from "../tools/build/minify.ts";
import { root } from "../tools/build/root.ts";
import { measure, type InterpreterResult } from "./espruino.ts";
import { hasValgrind, measureInstructions, type Costs, type Instructions } from "./instructions.ts";
import { findEspruino } from "./interpreter.ts";
import { measureLua, type LuaHeap } from "./lua.ts";
import { ESP8266_VARIABLES, measureNode, type NodeHeap } from "./node.ts";
import { measureGrowth, measureNodemcu, type NodemcuGrowth, type NodemcuSizes } from "./nodemcu.ts";
import { bundle } from "./profiles.ts";
import { BUDGETS, buildBoard, measureSizes } from "./sizes.ts";
import type { LuaVersion } from "../tools/board/types.ts";

const row = (name: string, text: string): string => `  ${name.padEnd(34)} ${text}`;
const bytesRow = (name: string, bytes: number): string => {
  const budget = BUDGETS[name];
  return row(name, `${bytes} bytes${budget ? ` of ${budget}` : ""}`);
};

const printInterpreter = (result: InterpreterResult): void => {
  const { us, vars } = result;
  const times = (n: number): string => `${n.toFixed(1).padStart(7)} us  ${(n / us.floor).toFixed(2)} x a bare write`;
  console.log("\nTimes on the interpreter (2,000 messages of 32 bytes, topic of 25; QoS 0/1 client)");
  console.log(row("bare socket write of a packet", times(us.floor)));
  console.log(row("publish, QoS 0", times(us.publish0)));
  console.log(row("publish, QoS 1, to its PUBACK", times(us.publish1)));
  console.log(row("receive and dispatch, QoS 0", times(us.receive)));
  console.log(`\nHeap on the interpreter, code in flash (variables of ${result.blockBytes} bytes in this build)`);
  console.log(row("client loaded, QoS 0", `${vars.loadedQos0} variables`));
  console.log(row("client loaded, QoS 0/1", `${vars.loaded} variables`));
  console.log(row("client loaded, QoS 0/1/2", `${vars.loadedQos2} variables`));
  console.log(row("client connected, QoS 0/1", `${vars.connected} variables`));
  console.log(row("growth over 100,000 messages out", `${vars.growth100k} variables`));
  console.log(row("growth over 100,000 messages in", `${vars.growthIn100k} variables`));
};

const printInstructions = ({ write, client, least }: Instructions): void => {
  const times = (n: number): string => (n / write).toFixed(2);
  const costs = (name: keyof Costs): string => `${times(client[name])} x a bare write; by hand, unchecked: ${times(least[name])}`;
  console.log("\nInstructions of the processor on the interpreter (QoS 0/1 client, as above)");
  console.log(row("bare socket write of a packet", String(Math.round(write))));
  console.log(row("publish, QoS 0", costs("publish0")));
  console.log(row("publish, QoS 1, to its PUBACK", costs("publish1")));
  console.log(row("receive and dispatch, QoS 0", costs("receive")));
};

const printNode = (heap: NodeHeap): void => {
  const { total, blockBytes, messages } = heap;
  const worst = Math.max(heap.connected, heap.queueFull, heap.drained);
  const of = (n: number): string => `${n} variables, ${total - n} free`;
  console.log(`\nThe whole node on the interpreter (greenhouse for ESP8266; ${total} variables of ${blockBytes} bytes)`);
  console.log(row("connected and publishing", of(heap.connected)));
  console.log(row("offline, its queue full", of(heap.queueFull)));
  console.log(row("what waited is sent", of(heap.drained)));
  console.log(row("messages that arrived", String(messages)));
  if (total > ESP8266_VARIABLES) {
    console.log(row("free at the worst moment", `${ESP8266_VARIABLES - worst} of the ${ESP8266_VARIABLES} of an ESP8266`));
    if (blockBytes > 12) {
      console.log("  An ESP8266 has variables of 12 bytes, and strings take more of them: a 32-bit build says it closer.");
    }
  }
};

const printLua = (version: string, heap: LuaHeap): void => {
  const bytes = (n: number): string => `${Math.round(n)} bytes`;
  console.log(`\nThe client in Lua ${version} (PUC, 32 bits, code and its debug information in RAM)`);
  console.log(row("connected", bytes(heap.connected)));
  console.log(row("a packet as a string", bytes(heap.packet)));
  console.log(row("publish, QoS 0, allocates", bytes(heap.publish0)));
  console.log(row("publish, QoS 1, to its PUBACK", bytes(heap.publish1)));
  console.log(row("growth over 100,000 messages", bytes(heap.growth)));
};

const printNodemcu = (version: string, sizes: NodemcuSizes, growth: NodemcuGrowth): void => {
  const bytes = (n: number, budget?: number): string => `${n} bytes${budget ? ` of ${budget}` : ""}`;
  console.log(`\nThe greenhouse on NodeMCU, Lua ${version}`);
  console.log(row("init.lua and firmware.lua", bytes(sizes.node, 16384)));
  console.log(row("compiled, with debug information", bytes(sizes.compiled)));
  console.log(row("heap of its code, not in flash", bytes(sizes.code)));
  if (sizes.stripped !== undefined) console.log(row("the same, no debug information", bytes(sizes.stripped)));
  console.log(row("heap, connected, code in flash", bytes(sizes.connected, version === "5.1" ? 24576 : undefined)));
  console.log(row("heap, connected, ESP32, code in RAM", bytes(sizes.inRam)));
  console.log(row(`growth over ${growth.messages} messages`, bytes(growth.bytes)));
};

const json = process.argv.includes("--json");
const sizes = await measureSizes();
const espruino = findEspruino();
const result = espruino ? await measure(espruino) : undefined;
const instructions = espruino && hasValgrind() ? await measureInstructions(espruino) : undefined;
const node = espruino ? await measureNode(espruino) : undefined;
const lua = { 5.1: measureLua("5.1"), 5.3: measureLua("5.3") };
const nodemcu = { 5.1: await measureNodemcu("5.1"), 5.3: await measureNodemcu("5.3") };
const growth = { 5.1: await measureGrowth("5.1"), 5.3: await measureGrowth("5.3") };

if (json) {
  console.log(JSON.stringify({
    bytes: { espruino: sizes.espruino.profiles, lua51: { node: nodemcu["5.1"].node }, lua53: { node: nodemcu["5.3"].node } },
    us: result?.us ?? { floor: null, publish0: null, publish1: null, receive: null },
    drivers: { espruino: sizes.espruino.drivers, lua: sizes.lua.drivers },
    filters: { espruino: sizes.espruino.filters, lua: sizes.lua.filters },
    instructions: instructions ?? null,
    vars: result?.vars ?? { loaded: null, connected: null, growth100k: null },
    blockBytes: result?.blockBytes ?? null,
    node: node ?? null,
    lua,
    nodemcu,
    nodemcuGrowth: growth,
  }));
} else {
  console.log("Bytes of the client by profile (Espruino, minified; link and platform included)");
  const { node: nodeBytes, ...profiles } = sizes.espruino.profiles;
  for (const [profile, bytes] of Object.entries(profiles)) console.log(bytesRow(profile, bytes));
  console.log(`\nqos01 by module\n${modulesOf((await bundle("qos01")).modules)}`);
  console.log("\nA whole node (boards/greenhouse.json: Wi-Fi, QoS 0/1, will, birth, BME280, JSON, offline queue, diagnostics)");
  const { manifest, main } = await buildBoard("greenhouse");
  console.log(bytesRow("node", nodeBytes!));
  console.log(sizeTable(manifest).join("\n"));
  console.log("\nThe same node by minifier");
  const alone = await minify({ contents: main, resolveDir: root }, root, "esbuild");
  console.log(row("esbuild", `${alone.code.length} bytes`));
  console.log(row("esbuild, then terser", `${manifest.bytes} bytes`));
  console.log("\nOther boards");
  for (const [name, bytes] of Object.entries(sizes.espruino.boards)) console.log(row(name, `${bytes} bytes`));
  console.log("\nDrivers, and what they share: Espruino, Lua");
  for (const [name, bytes] of Object.entries(sizes.espruino.drivers)) {
    console.log(row(name, `${String(bytes).padStart(5)} ${String(sizes.lua.drivers[name] ?? 0).padStart(5)} bytes`));
  }
  console.log("\nFilters, each where there is no other: Espruino, Lua");
  for (const [name, bytes] of Object.entries(sizes.espruino.filters)) {
    console.log(`  ${name.padEnd(46)} ${String(bytes).padStart(5)} ${String(sizes.lua.filters[name]).padStart(5)} bytes`);
  }
  if (result) printInterpreter(result);
  if (instructions) printInstructions(instructions);
  else if (result) console.log("\nInstructions were not counted: valgrind is not here.");
  if (node) printNode(node);
  for (const [version, heap] of Object.entries(lua)) printLua(version, heap);
  for (const [version, sizes] of Object.entries(nodemcu)) printNodemcu(version, sizes, growth[version as LuaVersion]);
  if (!result) console.log("\nTimes and heap were not measured: set ESPRUINO to a Linux build of Espruino.");
}

function modulesOf(modules: Record<string, number>): string {
  return Object.entries(modules)
    .filter(([name]) => name.startsWith("lib/"))
    .map(([name, bytes]) => row(name, `${bytes} bytes`))
    .join("\n");
}
