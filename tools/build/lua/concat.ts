/**
 * `(a .. b) .. c` as `a .. b .. c`: one operation of Lua joins a whole chain, where parentheses make it build `a .. b`
 * first, a string that nobody wants. What is joined is the same.
 */
import type { Chunk, Node } from "luaparse";

interface Range { range: [from: number, to: number] }

const isChain = (node: Node): boolean => node.type === "BinaryExpression" && (node.operator as string) === "..";

/** Calls `fn` with every node. */
const walk = (node: unknown, fn: (node: Node) => void): void => {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const each of node) walk(each, fn);
    return;
  }
  if ("type" in node) fn(node as Node);
  for (const [key, value] of Object.entries(node)) if (key !== "range") walk(value, fn);
};

/** Where the parentheses begin that can go. @param tokens ranges of all tokens of the code, in order */
export const idleParentheses = (ast: Chunk, code: string, tokens: Range[]): Set<number> => {
  const byStart = new Map(tokens.map(({ range }, i) => [range[0], i]));
  const byEnd = new Map(tokens.map(({ range }, i) => [range[1], i]));
  const textAt = (i: number): string => code.slice(...tokens[i]?.range ?? [0, 0]);
  const idle = new Set<number>();
  walk(ast, (node) => {
    if (node.type !== "BinaryExpression" || !isChain(node)) return;
    for (const side of [node.left, node.right]) {
      if (!isChain(side)) continue;
      const [from, to] = (side as unknown as Range).range;
      const first = byStart.get(from)! - 1;
      const last = byEnd.get(to)! + 1;
      if (textAt(first) !== "(" || textAt(last) !== ")") continue;
      idle.add(tokens[first]!.range[0]).add(tokens[last]!.range[0]);
    }
  });
  return idle;
};
