/**
 * Shrinks Lua: shorter names for locals, no comments, and white space where two tokens need it alone. Token by
 * token, so that no expression is ever written anew. (luamin, the usual one, drops parentheses around the operators
 * of 5.3.)
 */
import { parse } from "luaparse";
import { localsOf } from "./locals.ts";
import type { LuaVersion } from "./transpile.ts";

/** A token of the result: where it begins there, and the line of the Lua that it was made of, from 1. */
export interface Token {
  at: number;
  line: number;
}

export interface Minified {
  code: string;
  tokens: Token[];
}

interface Lexed {
  type: number;
  range: [number, number];
  line: number;
}

const END_OF_FILE = 1;

/** What luaparse does and its types do not tell. */
const lexer = parse as unknown as (code: string, options: object) => { lex: () => Lexed };

const lex = (code: string, luaVersion: LuaVersion): Lexed[] => {
  const parser = lexer(code, { wait: true, comments: false, luaVersion });
  const tokens: Lexed[] = [];
  for (let token = parser.lex(); token.type !== END_OF_FILE; token = parser.lex()) tokens.push(token);
  return tokens;
};

const WORD = /\w/;

/** Whether two tokens would become one, or a comment, without something between them. */
const needsSpace = (before: string, after: string): boolean => {
  const last = before.at(-1)!;
  const first = after[0]!;
  return (WORD.test(last) && WORD.test(first))
    || (last === "-" && first === "-") || (last === "[" && first === "[") || (last === "." && first === ".")
    || (/^\.?\d/.test(before) && first === ".") || (last === "." && /\d/.test(first));
};

/**
 * The same program, shorter. Where something has to stand between two tokens it is a line feed if the line is
 * another one: a traceback then tells the statement.
 */
export const minifyLua = (code: string, luaVersion: LuaVersion): Minified => {
  const ast = parse(code, { luaVersion, ranges: true, comments: false });
  const names = localsOf(ast);
  const tokens: Token[] = [];
  let text = "";
  let before = "";
  let lineOfText = 1;
  for (const { range, line } of lex(code, luaVersion)) {
    const token = names.get(range[0]) ?? code.slice(range[0], range[1]);
    if (before !== "" && needsSpace(before, token)) {
      text += line === lineOfText ? " " : "\n";
      lineOfText = line;
    }
    tokens.push({ at: text.length, line });
    text += token;
    before = token;
  }
  return { code: `${text}\n`, tokens };
};
