/**
 * Shrinks Lua: shorter names for locals, no comments, and white space where two tokens need it alone. Token by
 * token, so that no expression is ever written anew. (luamin, the usual one, drops parentheses around the operators
 * of 5.3.)
 */
import { parse } from "luaparse";
import { localsOf } from "./locals.ts";
import type { LuaVersion } from "./transpile.ts";

/** A token of the result: where it begins there, and the line (from 1) and column of the Lua that it was made of. */
export interface Token {
  at: number;
  line: number;
  column: number;
}

export interface Minified {
  code: string;
  tokens: Token[];
}

interface Lexed {
  type: number;
  range: [number, number];
  line: number;
  lineStart: number;
}

const END_OF_FILE = 1;
const STRING = 2;

/** What luaparse does and its types do not tell. */
const lexer = parse as unknown as (code: string, options: object) => { lex: () => Lexed };

const lex = (code: string, luaVersion: LuaVersion): Lexed[] => {
  const parser = lexer(code, { wait: true, comments: false, luaVersion });
  const tokens: Lexed[] = [];
  for (let token = parser.lex(); token.type !== END_OF_FILE; token = parser.lex()) tokens.push(token);
  return tokens;
};

/** Text whose bytes are all printable: consoles and uploaders damage others. A code of less than 3 digits ends before one. */
const printable = (text: string): string =>
  text.replace(/[^ -~]/g, (byte, at: number) => {
    const code = String(byte.charCodeAt(0));
    return `\\${/\d/.test(text[at + 1] ?? "") ? code.padStart(3, "0") : code}`;
  });

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
  for (const { type, range, line, lineStart } of lex(code, luaVersion)) {
    const plain = names.get(range[0]) ?? code.slice(range[0], range[1]);
    const token = type === STRING ? printable(plain) : plain;
    if (before !== "" && needsSpace(before, token)) {
      text += line === lineOfText ? " " : "\n";
      lineOfText = line;
    }
    tokens.push({ at: text.length, line, column: range[0] - lineStart });
    text += token;
    before = token;
  }
  return { code: `${text}\n`, tokens };
};
