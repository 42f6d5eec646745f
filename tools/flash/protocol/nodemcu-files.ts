/** Files of a NodeMCU chip through its prompt: all of it may be repeated without harm. */
import { ChipError } from "./espruino-command.ts";
import { Failure } from "./failure.ts";
import { luaString, luaSum, sumText, type NodemcuPrompt, type SumState } from "./nodemcu-command.ts";
import type { Limits } from "./transport.ts";

/** Summed at once: a chip of 80 MHz needs some 50 ms for it, and its watchdog bites after seconds. */
const SUM_BYTES = 1024;
const LONG_MS = 15_000;

export interface LuaFiles {
  /** Runs a program; an error of Lua is a Failure. */
  act(doing: string, program: string, data?: string, ms?: number): Promise<string>;
  /** Bytes that are free. */
  free(): Promise<number>;
  exists(name: string): Promise<boolean>;
  /** The first so many bytes, or undefined without such a file. */
  read(name: string, bytes: number): Promise<string | undefined>;
  /** Length and sum, which the chip computes; undefined without such a file. */
  sum(name: string): Promise<{ bytes: number; sum: string } | undefined>;
  remove(names: string[]): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  removeAll(): Promise<void>;
  /** Adds a character at the end, unless it is there. */
  append(name: string, before: string, char: string): Promise<void>;
  /** Writes a file in acknowledged chunks from byte `from` on; `done` is told how far it is. */
  upload(name: string, data: string, from: number, done: (bytes: number) => void): Promise<void>;
  /** Writes a file and compares its sum. */
  write(name: string, data: string): Promise<void>;
}

/** How much of the data makes up a string of Lua of so many characters. */
function fitting(data: string, from: number, room: number): number {
  let chars = 0;
  let at = from;
  for (; at < data.length; at++) {
    chars += luaString(data[at]!).length - 2;
    if (chars > room) break;
  }
  return at - from;
}

export function luaFilesOf(prompt: NodemcuPrompt, limits: Limits): LuaFiles {
  const { talk } = prompt;
  const act: LuaFiles["act"] = async (doing, program, data = "", ms = limits.replyMs) => {
    talk.doing = doing;
    try {
      return await prompt.run(program, data, { ms });
    } catch (error) {
      if (error instanceof ChipError) throw new Failure("refused", { doing, reason: error.message });
      throw error;
    }
  };
  const must = async (doing: string, program: string, data = "", ms = limits.replyMs): Promise<void> => {
    const result = await act(doing, program, data, ms);
    if (result !== "true") throw new Failure("refused", { doing, reason: `it says ${result}` });
  };
  const self: LuaFiles = {
    act,
    free: async () => Number(await act("looking at the flash", "return (file.fsinfo())")),
    exists: async (name) => await act(`looking at ${name}`, `return file.exists('${name}')`) === "true",
    async read(name, bytes) {
      const text = await act(`looking at ${name}`, `local d=_R('${name}',0,${bytes}) return d and '+'..d`);
      return text === "nil" ? undefined : text.slice(1);
    },
    async sum(name) {
      let bytes = 0;
      let state: SumState = luaSum("");
      for (;;) {
        const text = await act(`summing ${name}`, `local d=_R('${name}',${bytes},${SUM_BYTES}) `
          + `return d and #d..' '.._S(d,${state[0]},${state[1]})`, "", LONG_MS);
        if (text === "nil") return undefined;
        const [count, a, b] = text.split(/[ .]/).map(Number) as [number, number, number];
        state = [a, b];
        bytes += count;
        if (count < SUM_BYTES) return { bytes, sum: sumText(state) };
      }
    },
    async remove(names) {
      for (const name of names) {
        await must(`removing ${name}`, `file.remove('${name}') return not file.exists('${name}')`);
      }
    },
    async rename(from, to) {
      await must(`renaming ${from} to ${to}`, `local f,t='${from}','${to}' if file.exists(f) then `
        + "file.remove(t) file.rename(f,t) end return file.exists(t) and not file.exists(f)");
    },
    async removeAll() {
      await must("erasing the files", "for n in pairs(file.list()) do file.remove(n) end return next(file.list())==nil",
        "", limits.compactMs);
    },
    async append(name, before, char) {
      await must(`writing to ${name}`, `return _W('${name}',${before.length},...)`, char);
    },
    async upload(name, data, from, done) {
      for (let at = from; at < data.length;) {
        const program = `return _W('${name}',${at},...)`;
        const count = fitting(data, at, prompt.room(program));
        await must(`writing byte ${at} of ${data.length}`, program, data.slice(at, at + count));
        at += count;
        done(at);
      }
    },
    async write(name, data) {
      await self.upload(name, data, 0, () => {});
      const sum = await self.sum(name);
      const wanted = sumText(luaSum(data));
      if (sum?.bytes === data.length && sum.sum === wanted) return;
      throw new Failure("checksum", { found: sum?.sum ?? "none", wanted, times: 1 });
    },
  };
  return self;
}
