/** From an entry to the Lua of a firmware: joined, transpiled, shrunk; which module each byte came from, and a map. */
import { encodedMappings, originalPositionFor, TraceMap, type SourceMapSegment } from "@jridgewell/trace-mapping";
import { createLuaVm } from "../../../simulator/engines/lua/vm.ts";
import { root } from "../root.ts";
import { joinModules } from "./join.ts";
import { limitProblem, minifyLua, type Minified } from "./minify.ts";
import { firmwareModules, platformFile, type Needs } from "./needs.ts";
import { transpile, type LuaVersion } from "./transpile.ts";

export interface CompiledLua {
  code: string;
  /** Bytes of `code` by source module; what typescript-to-lua adds is `(library)`. */
  modules: Record<string, number>;
  /** Source map of `code`, as JSON. */
  map: string;
  /** Modules of the NodeMCU firmware that are used, by the source modules that use them. */
  firmware: Needs;
}

const LIBRARY = "(library)";

/** @param entry source text of the entry; it is called `main.ts` */
export const compileLua = (entry: string, chip: string, version: LuaVersion): CompiledLua => {
  const joined = joinModules(entry, { root, platform: platformFile(chip) });
  const { code: readable, map: transpiled, firstLines } = transpile(joined.text, version);
  const minified = minifyLua(readable, version);
  const trace = new TraceMap(transpiled);
  const places = minified.tokens.map(({ line, column }) => {
    const found = line > firstLines ? originalPositionFor(trace, { line: line - firstLines, column }) : { line: null };
    return found.line === null ? undefined : joined.lines[found.line - 1];
  });
  return { code: minified.code, firmware: firmwareModules(joined, version), ...attribute(minified, places) };
};

type Place = { module: string; line: number } | undefined;

const attribute = ({ code, tokens }: Minified, places: Place[]): { modules: Record<string, number>; map: string } => {
  const bytes = new Map<string, number>();
  const sources = [...new Set(places.flatMap((place) => (place ? [place.module] : [])))];
  const lines: SourceMapSegment[][] = code.split("\n").map(() => []);
  let lineStart = 0;
  let line = 0;
  tokens.forEach(({ at }, i) => {
    const place = places[i];
    const end = tokens[i + 1]?.at ?? code.length;
    const module = place?.module ?? LIBRARY;
    bytes.set(module, (bytes.get(module) ?? 0) + end - (i === 0 ? 0 : at));
    for (let next = code.indexOf("\n", lineStart); next >= 0 && next < at; next = code.indexOf("\n", lineStart)) {
      lineStart = next + 1;
      line++;
    }
    lines[line]!.push(place ? [at - lineStart, sources.indexOf(place.module), place.line - 1, 0] : [at - lineStart]);
  });
  const mappings = encodedMappings(new TraceMap({ version: 3, names: [], sources, mappings: lines }));
  return {
    modules: Object.fromEntries([...bytes].sort(([a], [b]) => (a < b ? -1 : 1))),
    map: JSON.stringify({ version: 3, names: [], sources, mappings }),
  };
};

/** Compiles a file in the real Lua of that version, whose limits are NodeMCU's, and runs `then` with it as `fn`. */
const inLua = (
  code: string, name: string, version: LuaVersion, then: string,
): Record<string, string> => {
  const said: Record<string, string> = {};
  const vm = createLuaVm(version, (request) => {
    if (request === "source") return code;
    const at = request.indexOf("=");
    said[request.slice(0, at)] = request.slice(at + 1);
    return "";
  });
  try {
    vm.run(`local out, inp = io.stdout, io.stdin
      out:setvbuf("full", 65536)
      local function ask(text)
        out:write(text)
        out:flush()
        local a, b, c = string.byte(inp:read(3), 1, 3)
        local count = a + b * 256 + c * 65536
        return count == 0 and "" or inp:read(count)
      end
      local function heap()
        collectgarbage()
        collectgarbage()
        return collectgarbage("count")
      end
      local source = ask("source")
      local before = heap()
      local fn, message = (loadstring or load)(source, "@${name}")
      if fn == nil then ask("problem=" .. message) end
      ${then}`);
  } finally {
    vm.close(true);
  }
  return said;
};

/** What the compiler of NodeMCU would say against a file, if anything. */
export const luaProblem = (code: string, name: string, version: LuaVersion): string | undefined =>
  inLua(code, name, version, "")["problem"] ?? limitProblem(code, version);

/**
 * What the code of a program takes of a heap without any debug information, as `node.stripdebug(3)` leaves it. Of Lua
 * 5.3: that of 5.1 cannot do without.
 */
export const strippedSize = (code: string): number => Number(inLua(code, "firmware.lua", "5.3", `
    local dumped = string.dump(fn, true)
    fn = nil
    before = heap()
    fn = load(dumped, "firmware.lua", "b")
    ask("heap=" .. math.floor((heap() - before) * 1024))`)["heap"]);

/** Bytes of a program as it is compiled, without debug information but lines, and what its code takes of a heap. */
export const loadedSize = (code: string, version: LuaVersion): { compiledBytes: number; heapBytes: number } => {
  const said = inLua(code, "firmware.lua", version, `
    ask("heap=" .. math.floor((heap() - before) * 1024))
    ask("compiled=" .. #string.dump(fn))`);
  return { compiledBytes: Number(said["compiled"]), heapBytes: Number(said["heap"]) };
};
