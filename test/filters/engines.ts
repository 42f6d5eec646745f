/** Runs programs of filters on the engines that are here. */
import { compileForLua, runLua } from "../../tools/filter/lua.ts";
import { compileEspruino, type Read, type Told } from "../../tools/filter/program.ts";
import { runV8 } from "../../tools/filter/v8.ts";
import { runThere } from "../drivers/bundle.ts";
import { enginesWith, type EngineRow } from "../engines.ts";

export interface FilterEngine extends EngineRow {
  run(program: string, reads: readonly Read[]): Promise<Told[]>;
}

/** The real interpreter gets the reads as calls in its script. */
const onEspruino = (code: string, reads: readonly Read[]): Told[] => {
  const calls = reads.map(({ ms, sensor, values }) =>
    `testMs=${ms};testRead++;global.feed(${sensor},[${values.map((value) => value ?? "undefined").join(",")}]);`);
  const lines = runThere(`var testMs = 0, testRead = -1;
var getTime = function() { return (testMs + 0.25) / 1000; };
var told = function(topic, payload) { print(testRead + " " + topic + " " + payload); };
${code};
print("begin");
${calls.join("\n")}`);
  return lines.filter((each) => each !== "").map((each) => {
    const [, read, topic, payload] = /^(\d+) (\S+) (.*)$/.exec(each) ?? [];
    if (payload === undefined) throw new Error(`the interpreter said ${each}`);
    return { read: Number(read), topic: topic!, payload };
  });
};

export const ENGINES: FilterEngine[] = enginesWith({
  v8: { run: async (program, reads) => runV8(await compileEspruino(program), reads) },
  espruino: { run: async (program, reads) => onEspruino(await compileEspruino(program), reads) },
  // A chip for each: their clocks differ.
  "lua5.1": { run: async (program, reads) => runLua(compileForLua(program, "ESP8266", "5.1"), reads, "5.1") },
  "lua5.3": { run: async (program, reads) => runLua(compileForLua(program, "ESP32", "5.3"), reads, "5.3") },
} satisfies Record<string, Pick<FilterEngine, "run">>);
