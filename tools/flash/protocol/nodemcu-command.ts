/**
 * Commands to NodeMCU's Lua prompt that check themselves. First a helper of some lines is brought into the memory of
 * the chip and read back; from then on a command is one line, `_m(number, sum, program, data)`: the chip runs it only
 * if the sum is right, and it prints a number and a result with a sum of their own. All commands may be run twice.
 *
 * The sums are two polynomials modulo a prime of 24 bits each: products of 32-bit integers, which every NodeMCU has,
 * with no module that a build may lack.
 */
import type { Conversation } from "./conversation.ts";
import { ChipError, RestartError, type RunOptions } from "./espruino-command.ts";
import { Failure } from "./failure.ts";
import type { Limits } from "./transport.ts";

/** Ends whatever was half typed by a syntax error, a string and a long comment, too. */
const DROP_LINE = "]])\n";
/** LUA_MAXINPUT is 256 (app/include/user_config.h); some of it for the end of the line. */
const LINE_CHARS = 250;
const PIECE_CHARS = 160;
const MODULI = [16_777_213, 16_777_199] as const;
const FACTORS = [31, 53] as const;
const START = 7;

/** Of text that goes on after other text: its state before. */
export type SumState = readonly [number, number];

export function luaSum(text: string, before: SumState = [START, START]): SumState {
  let [a, b] = before;
  for (let at = 0; at < text.length; at++) {
    const byte = text.charCodeAt(at);
    a = (a * FACTORS[0] + byte) % MODULI[0];
    b = (b * FACTORS[1] + byte) % MODULI[1];
  }
  return [a, b];
}

export const sumText = ([a, b]: SumState): string => `${a}.${b}`;

/** A string of Lua, in printable ASCII. */
export const luaString = (text: string): string =>
  `"${text.replace(/[^ -~]|["\\]/g, (char) => `\\${String(char.charCodeAt(0)).padStart(3, "0")}`)}"`;

/**
 * `_S` sums, `_R` reads and `_W` writes a piece of a file, `_m` runs. Open files are the module file's on the ESP8266,
 * Lua's own on the ESP32.
 */
const HELPER = [
  `function _S(t,a,b) a=a or ${START} b=b or ${START} for i=1,#t do local c=string.byte(t,i)`,
  ` a=(a*${FACTORS[0]}+c)%${MODULI[0]} b=(b*${FACTORS[1]}+c)%${MODULI[1]} end return string.format('%d.%d',a,b) end`,
  " function _m(n,s,t,d) local r='?' if _S(t..d)==s then local f,v=(loadstring or load)(t)",
  " if f then f,v=pcall(f,d) end r=n..(f and '='or'!')..tostring(v) end",
  " print(string.char(30).._S(r)..' '..r..string.char(31)) end",
  " function _R(n,o,c) local f=(file.open or io.open)(n,'r') if not f then return end",
  " f:seek('set',o) local d=f:read(c) f:close() return d or''end",
  " function _W(n,o,d) if o==0 or _R(n,o,#d)~=d then local f=(file.open or io.open)(n,o==0 and'w'or'r+')",
  " if f then f:seek('set',o) f:write(d) f:close() end end return _R(n,o,#d)==d end",
].join("");

export interface NodemcuPrompt {
  readonly talk: Conversation;
  /** Whether somebody answers: a frame comes back. */
  isThere(ms: number): Promise<boolean>;
  /** Brings the helper into the memory of the chip, which has none after a start. */
  prepare(): Promise<void>;
  /**
   * Runs a program on the chip, which gets `data` as its argument, and returns its result as text ("nil" for none).
   * It may run twice. ChipError for an error of Lua, RestartError without the helper, Failure without an answer.
   */
  run(program: string, data?: string, options?: RunOptions): Promise<string>;
  /** How many characters of data fit beside a program. */
  room(program: string): number;
}

type Reply = { value: string } | "again" | "restarted" | ChipError;

/** The line that is sent. */
export const luaLine = (sequence: number, program: string, data: string): string =>
  `_m(${sequence},"${sumText(luaSum(program + data))}",${luaString(program)},${luaString(data)})\n`;

/** Looks for the reply to a command. */
export function findLuaReply(heard: string, sequence: number): Reply | undefined {
  for (const [, frame] of heard.matchAll(/\x1e([^\x1e\x1f]*)\x1f/g)) {
    const [, sum, text] = /^(\d+\.\d+) (.*)$/s.exec(frame!) ?? [];
    if (text === undefined || sum !== sumText(luaSum(text)) || text === "?") return "again";
    const [, number, kind, value] = /^(\d+)([=!])(.*)$/s.exec(text) ?? [];
    if (Number(number) !== sequence) continue;
    return kind === "!" ? new ChipError(value) : { value: value! };
  }
  return /attempt to call[^\r\n]*'_m'/.test(heard) ? "restarted" : undefined;
}

export function nodemcuPrompt(talk: Conversation, limits: Limits): NodemcuPrompt {
  let sequence = 0;

  /** A line, and what comes in a frame of its own; undefined for nothing, or for something else. */
  const ask = async (line: string, wanted: string | undefined, ms: number): Promise<boolean> => {
    const from = talk.position();
    await talk.send(line);
    const isHere = wanted === undefined ? (text: string) => /\n>{1,2} $/.test(text)
      : (text: string) => text.includes(`\x1e${wanted}\x1f`);
    const most = ms + talk.lineMs(line.length * 2 + (wanted ?? "").length);
    return await talk.wait((text) => (isHere(text) ? true : undefined), most, from) === true;
  };
  const load = async (ms: number): Promise<boolean> => {
    const pieces = HELPER.match(new RegExp(`[^]{1,${PIECE_CHARS}}`, "g"))!;
    // A number that was altered on the way has left a piece that is none.
    const whole = `table.concat(_k,'',1,${pieces.length})`;
    for (const [at, piece] of pieces.entries()) {
      await ask(`_k=_k or{} _k[${at + 1}]=${luaString(piece)}\n`, undefined, ms);
    }
    if (!await ask(`print(string.char(30)..${whole}..string.char(31))\n`, HELPER, ms)) return false;
    await ask(`(loadstring or load)(${whole})()\n`, undefined, ms);
    return true;
  };
  const self: NodemcuPrompt = {
    talk,
    room: (program) => LINE_CHARS - luaLine(99_999, program, "").length,
    async isThere(ms) {
      const at = ++sequence;
      if (await ask(`print(string.char(30)..'${at}'..string.char(31))\n`, String(at), ms)) return true;
      await talk.send(DROP_LINE);
      return false;
    },
    async prepare() {
      for (let attempt = 0; attempt < limits.attempts; attempt++) {
        const ms = limits.replyMs * 2 ** attempt;
        if (await load(ms)) {
          try {
            if (await self.run("_k=nil return 1") === "1") return;
          } catch (error) {
            if (!(error instanceof RestartError)) throw error;
          }
        }
        await talk.send(DROP_LINE);
      }
      throw new Failure("no-reply", { doing: talk.doing });
    },
    async run(program, data = "", { ms = limits.replyMs, attempts = limits.attempts } = {}) {
      const at = ++sequence;
      const line = luaLine(at, program, data);
      if (line.length > LINE_CHARS + 1) throw new TypeError(`too long for a line: ${program}`);
      let lost = 0;
      for (let attempt = 0; attempt < attempts; attempt++) {
        const from = talk.position();
        await talk.send(line);
        const found = await talk.wait((heard) => findLuaReply(heard, at),
          ms * 2 ** attempt + talk.lineMs(line.length * 2), from);
        if (found instanceof ChipError) throw found;
        if (typeof found === "object") return found.value;
        // One such answer may be that of a damaged line.
        if (found === "restarted" && ++lost > 1) throw new RestartError("the chip has restarted");
        if (found !== "restarted") await talk.send(DROP_LINE);
      }
      throw new Failure("no-reply", { doing: talk.doing });
    },
  };
  return self;
}
