/** Runs a program of filters in a real Lua VM that has NodeMCU's clocks. */
import { createLuaVm } from "../../simulator/engines/lua/vm.ts";
import type { LuaVersion } from "../board/types.ts";
import { compileLua } from "../build/lua/compile.ts";
import type { Read, Told } from "./program.ts";

/** `tmr.now` begins anew at 2^31, as on the chip. */
const PRELUDE = `
global, ms, read, said = {}, 0, -1, {}
tmr = {
  now = function() return ms * 1000 % 2147483648 end,
  time = function() return math.floor(ms / 1000) end,
}
node = { uptime = function() return ms * 1000 end }
told = function(topic, payload)
  said[#said + 1] = read .. ":" .. #topic .. ":" .. #payload .. ":" .. topic .. payload
end
take = function(at, sensor, values)
  ms, read = at, read + 1
  global.feed(sensor, values)
end
tell = function()
  io.stdout:write(table.concat(said))
  io.stdout:flush()
  io.stdin:read(3)
  said = {}
end
`;

/** Reads in one chunk of Lua: a function has so many constants and no more. */
const READS_AT_A_TIME = 200;

/** The program as NodeMCU gets it. @param chip as the hardware file names it */
export const compileForLua = (program: string, chip: string, version: LuaVersion): string =>
  compileLua(program, chip, version).code;

/** Runs all reads through a program; what it told, in order. */
export function runLua(code: string, reads: readonly Read[], version: LuaVersion): Told[] {
  const messages: Told[] = [];
  const vm = createLuaVm(version, (text) => {
    for (let at = 0; at < text.length;) {
      const [head, read, topicBytes, payloadBytes] = /^(\d+):(\d+):(\d+):/.exec(text.slice(at, at + 40))!;
      const topicAt = at + head.length;
      const payloadAt = topicAt + Number(topicBytes);
      at = payloadAt + Number(payloadBytes);
      messages.push({ read: Number(read), topic: text.slice(topicAt, payloadAt), payload: text.slice(payloadAt, at) });
    }
    return "";
  });
  try {
    vm.run(PRELUDE);
    vm.run(code.replace(/[^\n -~]/g, (c) => `\\${String(c.charCodeAt(0)).padStart(3, "0")}`));
    for (let at = 0; at < reads.length; at += READS_AT_A_TIME) {
      const calls = reads.slice(at, at + READS_AT_A_TIME).map(({ ms, sensor, values }) =>
        `take(${ms},${sensor},{${values.map((value) => value ?? "nil").join(",")}})`);
      vm.run(`${calls.join("\n")}\ntell()`);
    }
  } finally {
    vm.close(true);
  }
  return messages;
}
