/** Tracebacks of Lua, for people: without the simulator's own frames, and with the lines of the TypeScript. */
import { LEAST_UPPER_BOUND, originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

export type Maps = Map<string, TraceMap>;

/** Source maps by the name of the file that they are of: those of `x.lua.map` for `x.lua`. */
export function readMaps(files: Map<string, string>): Maps {
  const maps: Maps = new Map();
  for (const [name, contents] of files) {
    if (name.endsWith(".map")) maps.set(name.slice(0, -4), new TraceMap(Buffer.from(contents, "latin1").toString()));
  }
  return maps;
}

/** A message with its traceback as lines; `firmware.lua:12:` becomes `firmware.lua:12 (lib/mqtt/client.ts:88):`. */
export function explain(message: string, maps: Maps): string[] {
  return message.split("\n")
    .filter((line) => !/^\s*(\[string "|\[C\]: in \?|\[C\]: in function 'xpcall')/.test(line))
    .map((line) => line.replace(/([\w./-]+\.lua):(\d+)/g, (whole: string, file: string, text: string) => {
      const map = maps.get(file);
      const place = map === undefined ? undefined
        : originalPositionFor(map, { line: Number(text), column: 0, bias: LEAST_UPPER_BOUND });
      return place?.source ? `${whole} (${place.source.replace(/^(\.\.\/)+/, "")}:${place.line})` : whole;
    }));
}
