/** The client in Lua: heap and its growth, and what a publish allocates, in a PUC VM. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createLuaVm, type LuaVersion } from "../simulator/engines/lua/vm.ts";
import { joinModules } from "../tools/build/lua/join.ts";
import { minifyLua } from "../tools/build/lua/minify.ts";
import { transpile } from "../tools/build/lua/transpile.ts";
import { root } from "../tools/build/root.ts";

/** Bytes. */
export interface LuaHeap {
  /** Of the client, connected: its functions and all. */
  connected: number;
  /** Of the string that a packet is. */
  packet: number;
  /** That a publish allocates, the packet included, at QoS 0, and at QoS 1 with its PUBACK. */
  publish0: number;
  publish1: number;
  /** Of the heap after 100,000 messages, all collected. */
  growth: number;
}

const NAMES = ["start", "connect", "field", "configure", "publish", "publishKept"];
const ENTRY = `import { connect, field } from "./lib/mqtt/packet.ts";
import { start } from "./lib/mqtt/client.ts";
import { configure } from "./lib/mqtt/inflight.ts";
import { publish } from "./lib/mqtt/publish.ts";
import { publishKept } from "./lib/mqtt/qos1.ts";
declare const expose: (this: void, api: object) => void;
expose({ ${NAMES.map((name) => `${name}: ${name}`).join(", ")} });`;

/** Measures, in some seconds. */
export function measureLua(version: LuaVersion): LuaHeap {
  const { text } = joinModules(ENTRY, { root, platform: () => join(root, "test/mqtt/engines/lua/platform.ts") });
  const source = minifyLua(transpile(text, version).code, version).code;
  const results: Record<string, number> = {};
  const vm = createLuaVm(version, (said) => {
    if (said === "source") return source;
    const [name, number] = said.split(" ");
    results[name!] = Number(number);
    return "";
  });
  vm.run(`local out, inp = io.stdout, io.stdin
    function ask(text)
      out:write(text)
      out:flush()
      local a, b, c = string.byte(inp:read(3), 1, 3)
      local count = a + b * 256 + c * 65536
      return count == 0 and "" or inp:read(count)
    end
    function report(name, number) ask(string.format("%s %.17g", name, number)) end
    function random() return math.random() end
    N = { is53 = _VERSION == "Lua 5.3", int = function(value) return value end, modules = {} }`);
  vm.run(readFileSync(join(root, "simulator/engines/lua/prelude/bit.lua"), "latin1"));
  vm.run("bit, N = N.modules.bit, nil");
  vm.run(readFileSync(new URL("lua-client.lua", import.meta.url), "latin1"));
  // Without the text of it.
  vm.run(`collectgarbage() collectgarbage()
    local before = collectgarbage("count")
    assert((loadstring or load)(ask("source"), "=client"))()
    connectClient()
    collectgarbage() collectgarbage()
    report("client", (collectgarbage("count") - before) * 1024)
    prepare()
    measure()`);
  vm.close(true);
  if (results["accepted"] !== 100_000) throw new Error(`${results["accepted"]} of 100,000 messages were accepted`);
  return {
    connected: results["client"]!, packet: results["packet"]!, publish0: results["publish0"]!, publish1: results["publish1"]!, growth: results["growth"]!,
  };
}
