/**
 * Shrinks Lua: shorter names for locals, no comments, no parentheses within a chain of `..`, and white space where two
 * tokens need it alone. Token by token, so that no expression is ever written anew. (luamin, the usual one, drops
 * parentheses around the operators of 5.3.)
 */
import { parse, type Chunk, type Node } from "luaparse";
import { idleParentheses } from "./concat.ts";
import { limitsOf, localsOf } from "./locals.ts";
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

/** Text whose bytes are all printable: consoles and uploaders damage others. A code before a digit has three. */
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

/** What is beyond the limits of NodeMCU, which are tighter than those of Lua, if anything. */
export const limitProblem = (code: string, version: LuaVersion): string | undefined => {
  const used = limitsOf(parse(code, { luaVersion: version, ranges: true, comments: false }));
  for (const what of ["locals", "upvalues"] as const) {
    const most = LIMITS[version][what];
    if (used[what] > most) return `a function has ${used[what]} ${what}, and Lua ${version} of NodeMCU takes ${most}`;
  }
  return undefined;
};

type Range = [from: number, to: number];

/** What NodeMCU allows a function (LUAI_MAXVARS and MAXVARS, LUAI_MAXUPVALUES and MAXUPVAL), as `limitsOf` counts. */
const LIMITS: Record<LuaVersion, { locals: number; upvalues: number }> = {
  5.1: { locals: 49, upvalues: 60 }, 5.3: { locals: 199, upvalues: 255 },
};
/** Of them, for what the program does at its top. */
const SPARE = 9;

/**
 * How many of the locals at the top stay locals: all, if there are few enough. The others are in a table, whose places
 * are a power of two: no more locals than it takes to have half as many.
 */
const keptOf = (count: number, version: LuaVersion): number => {
  const most = LIMITS[version].locals - SPARE;
  if (count <= most) return count;
  const above = count - 2 ** Math.floor(Math.log2(count));
  return above <= most ? above : 0;
};

/** What of the text goes so that locals of the top become globals: the word `local`, and declarations of nothing. */
const globalize = (ast: Chunk, uses: Map<number, number>, version: LuaVersion): Range[] => {
  const statements = ast.body.flatMap((node) => {
    const [from, to] = (node as unknown as { range: Range }).range;
    if (node.type === "LocalStatement") {
      const count = node.variables.reduce((sum, each) => sum + (uses.get(rangeOf(each)[0]) ?? 0), 0);
      return [{ from, to: node.init.length === 0 ? to : from + 1, count: node.variables.length, uses: count }];
    }
    if (node.type !== "FunctionDeclaration" || !node.isLocal) return [];
    return [{ from, to: from + 1, count: 1, uses: uses.get(rangeOf(node.identifier!)[0]) ?? 0 }];
  });
  const keep = keptOf(uses.size, version);
  let kept = 0;
  const dropped: Range[] = [];
  for (const { from, to, count } of statements.toSorted((a, b) => b.uses / b.count - a.uses / a.count)) {
    if (kept + count <= keep) kept += count;
    else dropped.push([from, to]);
  }
  return dropped;
};

const rangeOf = (node: Node): Range => (node as unknown as { range: Range }).range;

/**
 * The same program, shorter. Where something has to stand between two tokens it is a line feed if the line is
 * another one: a traceback then tells the statement.
 */
export const minifyLua = (code: string, luaVersion: LuaVersion): Minified => {
  const ast = parse(code, { luaVersion, ranges: true, comments: false });
  const { names, topUses } = localsOf(ast);
  const dropped = globalize(ast, topUses, luaVersion);
  const lexed = lex(code, luaVersion);
  const idle = idleParentheses(ast, code, lexed);
  const tokens: Token[] = [];
  let text = "";
  let before = "";
  let lineOfText = 1;
  for (const { type, range, line, lineStart } of lexed) {
    if (idle.has(range[0])) continue;
    if (dropped.some(([from, to]) => range[0] >= from && range[0] < to)) continue;
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
