/**
 * Commands to an Espruino prompt that check themselves. A command is a program in a string, with its CRC-32: the chip
 * runs it only if that is right, and it prints a number and a result with a CRC-32 of their own. What is around the
 * string can only run the program or not. So a byte that is lost, doubled or altered on the way costs an attempt and
 * nothing else, as all commands may be run twice.
 *
 * The line begins with ESC [ 2 H, which drops whatever was half typed, and DLE, which switches the echo off for it
 * (src/jsinteractive.c, jsiHandleConsoleChar).
 */
import { crc32 } from "./bytes.ts";
import type { Conversation } from "./conversation.ts";
import { Failure } from "./failure.ts";
import type { Limits } from "./transport.ts";

const DROP_LINE = "\x1b[2H";
const ECHO_OFF = "\x10";
export const CTRL_C = "\x03";

/** The chip has thrown an exception. */
export class ChipError extends Error {}
/** The chip has restarted since `mark`. */
export class RestartError extends Error {}

export interface RunOptions {
  /** How long the chip may take, ms; default: the limit for replies. */
  ms?: number;
  attempts?: number;
}

export interface EspruinoPrompt {
  readonly talk: Conversation;
  /**
   * Evaluates an expression on the chip: printable ASCII without double quotes and backslashes. It may run twice.
   * ChipError for an exception, RestartError when the chip is not the one that was marked, Failure without an answer.
   */
  run(expression: string, options?: RunOptions): Promise<unknown>;
  /** As `run`, with undefined for no answer. */
  attempt(expression: string, ms: number): Promise<{ value: unknown } | undefined>;
  /** Leaves a mark in the memory of the chip, which every command looks at from now on; without one none does. */
  mark(on: boolean): Promise<void>;
}

type Reply = { value: unknown } | "again";

/** The line that is sent. */
export function commandLine(sequence: number, expression: string): string {
  if (!/^[ !#-[\]-~]*$/.test(expression)) throw new TypeError(`not fit for a command: ${expression}`);
  const program = `(function(k,r){try{r=(${expression})}catch(e){k='!';r=''+e}`
    + `r=${sequence}+k+(r===undefined?null:JSON.stringify(r));k=String.fromCharCode;`
    + "print(k(30)+E.CRC32(r)+' '+r+k(31))})('=')";
  return `${DROP_LINE}${ECHO_OFF}(function(t){E.CRC32(t)===${crc32(program)}?eval(t):print("\\x1e?\\x1f")})("${program}")\n`;
}

/** Looks for the reply to a command; "again" when what came was damaged, or says that the command was. */
export function findReply(heard: string, sequence: number): Reply | undefined {
  for (const [, frame] of heard.matchAll(/\x1e([^\x1e\x1f]*)\x1f/g)) {
    const [, sum, text] = /^(\d+) (.*)$/s.exec(frame!) ?? [];
    if (text === undefined || Number(sum) !== crc32(text)) return "again";
    const [, number, kind, json] = /^(\d+)([=!])(.*)$/s.exec(text) ?? [];
    // Those of earlier attempts come late now and then.
    if (Number(number) !== sequence) continue;
    const value: unknown = JSON.parse(json!);
    if (kind === "!") throw new ChipError(String(value));
    return { value };
  }
  return undefined;
}

export function espruinoPrompt(talk: Conversation, limits: Limits): EspruinoPrompt {
  let sequence = 0;
  let nonce: number | undefined;

  const once = async (line: string, at: number, ms: number): Promise<Reply | undefined> => {
    const from = talk.position();
    await talk.send(line);
    // The error of the chip is thrown here, not where the bytes came in.
    const found = await talk.wait((heard) => {
      try {
        return findReply(heard, at);
      } catch (error) {
        return error as ChipError;
      }
    }, ms + talk.lineMs(line.length), from);
    if (found instanceof Error) throw found;
    return found;
  };
  const guarded = (expression: string): string =>
    (nonce === undefined ? expression : `global.__motelet===${nonce}?(${expression}):'~'`);
  const checked = (value: unknown): unknown => {
    if (value === "~" && nonce !== undefined) throw new RestartError("the chip has restarted");
    return value;
  };
  return {
    talk,
    async run(expression, { ms = limits.replyMs, attempts = limits.attempts } = {}) {
      const at = ++sequence;
      const line = commandLine(at, guarded(expression));
      for (let attempt = 0; attempt < attempts; attempt++) {
        const reply = await once(line, at, ms * 2 ** attempt);
        if (reply !== undefined && reply !== "again") return checked(reply.value);
      }
      throw new Failure("no-reply", { doing: talk.doing });
    },
    async attempt(expression, ms) {
      const at = ++sequence;
      const reply = await once(commandLine(at, guarded(expression)), at, ms);
      return reply === undefined || reply === "again" ? undefined : { value: checked(reply.value) };
    },
    async mark(on) {
      nonce = undefined;
      if (!on) return;
      const chosen = 1 + Math.floor(talk.timing.now()) % 1_000_000;
      await this.run(`global.__motelet=${chosen}`);
      nonce = chosen;
    },
  };
}
