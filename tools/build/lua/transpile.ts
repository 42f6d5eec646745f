/**
 * From one TypeScript file to Lua, by typescript-to-lua. Strings of bytes become Lua's own functions; what its library
 * would add for that is larger than the code that uses it.
 */
import ts from "typescript";
import {
  createBinaryExpression, createBlock, createCallExpression, createDoStatement, createExpressionStatement,
  createIdentifier, createIfStatement, createNumericLiteral, createStringLiteral, createTableExpression,
  createTableFieldExpression, createTableIndexExpression, createUnaryExpression, createVariableDeclarationStatement,
  isNumericLiteral, LuaLibImportKind, LuaTarget, SyntaxKind, transpileVirtualProject, type CompilerOptions,
  type Expression, type Plugin, type Statement, type TransformationContext,
} from "typescript-to-lua";
import { kept } from "./kept.ts";

export type LuaVersion = "5.1" | "5.3";

/** NodeMCU's 5.1 has `bit` with the names that LuaJIT's has, 5.3 has operators. */
const TARGETS: Record<LuaVersion, LuaTarget> = { 5.1: LuaTarget.LuaJIT, 5.3: LuaTarget.Lua53 };

/** What is put in front where it is used. */
const HELPERS = [
  // NaN behind the end, so that every comparison is false there, as in JavaScript.
  ["byteAt(", "local stringByte = string.byte\nlocal function byteAt(s, i) return stringByte(s, i + 1) or 0 / 0 end\n"],
  // An element of `Bytes`: 0 behind the end, as 5.3 takes no NaN for a place in a string.
  ["byteOf(", "local bytesOf = string.byte\nlocal function byteOf(s, i) return bytesOf(s, i + 1) or 0 end\n"],
  ["fromCharCode", "local fromCharCode = string.char\n"],
  ["indexOf(", "local function indexOf(t, x) for i = 1, #t do if t[i] == x then return i - 1 end end return -1 end\n"],
] as const;

const libraryFunction = (library: string, name: string): Expression =>
  createTableIndexExpression(createIdentifier(library), createStringLiteral(name));

/** An index of JavaScript as one of Lua. */
const fromOne = (index: Expression): Expression =>
  isNumericLiteral(index) ? createNumericLiteral(index.value + 1)
    : createBinaryExpression(index, createNumericLiteral(1), SyntaxKind.AdditionOperator);

type Rewrite = (object: Expression, args: Expression[]) => Expression | undefined;

const STRING_METHODS: Record<string, Rewrite> = {
  charCodeAt: (text, [index]) => createCallExpression(createIdentifier("byteAt"), [text, index!]),
  charAt: (text, [index]) => createCallExpression(libraryFunction("string", "sub"), [text, fromOne(index!), fromOne(index!)]),
  // From before to: the portable code never gives them the other way round.
  substring: (text, [from, to]) =>
    createCallExpression(libraryFunction("string", "sub"), [text, fromOne(from!), ...(to ? [to] : [])]),
};

/** Of Lua's own, what needs no table of arguments and none of results. */
const ARRAY_METHODS: Record<string, Rewrite> = {
  indexOf: (list, [item, from]) => (from ? undefined : createCallExpression(createIdentifier("indexOf"), [list, item!])),
  unshift: (list, [item, more]) =>
    (more ? undefined : createCallExpression(libraryFunction("table", "insert"), [list, createNumericLiteral(1), item!])),
};

const isString = (node: ts.Expression, context: TransformationContext): boolean =>
  (context.checker.getTypeAtLocation(node).flags & ts.TypeFlags.StringLike) !== 0;

const isArray = (node: ts.Expression, context: TransformationContext): boolean =>
  context.checker.isArrayType(context.checker.getTypeAtLocation(node));

/** Of lib/platform/types.ts: bytes as numbers, which are a string here. */
const isBytes = (node: ts.Expression, context: TransformationContext): boolean =>
  context.checker.getTypeAtLocation(node).symbol?.name === "Bytes";

type MethodCall = ts.CallExpression & { expression: ts.PropertyAccessExpression };

const isMethodCall = (node: ts.Node): node is MethodCall =>
  ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression);

/** A call of a method of a list, by its name. */
const listCall = (node: ts.Node, method: string, context: TransformationContext): MethodCall | undefined =>
  (isMethodCall(node) && node.expression.name.text === method && isArray(node.expression.expression, context)
    ? node : undefined);

/** `list.push(a, b)` of which nothing is used. */
const additions = (node: ts.Expression, context: TransformationContext): Statement[] | undefined => {
  const call = listCall(node, "push", context);
  if (!call) return undefined;
  const { arguments: items, expression: { expression: list } } = call;
  if (items.length < 2 || items.some((item) => ts.isSpreadElement(item)) || !ts.isIdentifier(list)) return undefined;
  return items.map((item) => createExpressionStatement(createCallExpression(libraryFunction("table", "insert"),
    [context.transformExpression(list), context.transformExpression(item)])));
};

/** `list.splice(at, 2)`: the elements, taken out one after the other. */
const takenOut = (node: ts.Node, context: TransformationContext): Expression | undefined => {
  const call = listCall(node, "splice", context);
  if (!call) return undefined;
  const { arguments: [at, count, more], expression: { expression: list } } = call;
  if (more || count?.getText() !== "2" || !ts.isIdentifier(list) || !at || !ts.isIdentifier(at)) return undefined;
  const element = (): Expression => createCallExpression(libraryFunction("table", "remove"),
    [context.transformExpression(list), fromOne(context.transformExpression(at))]);
  return createTableExpression([createTableFieldExpression(element()), createTableFieldExpression(element())]);
};

/** `list.splice(at, 1)`, where nothing or the one element that it gives is used: `table.remove` needs no list of it. */
const removal = (node: ts.Node, context: TransformationContext): Expression | undefined => {
  const call = listCall(node, "splice", context);
  const [at, count, element, more] = call?.arguments ?? [];
  if (!call || more) return undefined;
  const list = context.transformExpression(call.expression.expression);
  if (element && count?.getText() === "0") {
    return createCallExpression(libraryFunction("table", "insert"),
      [list, fromOne(context.transformExpression(at!)), context.transformExpression(element)]);
  }
  if (element || count?.getText() !== "1") return undefined;
  return createCallExpression(libraryFunction("table", "remove"), [list, fromOne(context.transformExpression(at!))]);
};

/** Whether a function is called without an object in front. */
const hasNoSelf = (node: ts.Expression, context: TransformationContext): boolean =>
  context.checker.getTypeAtLocation(node).getCallSignatures().every(({ declaration }) => {
    const self = declaration && !ts.isJSDocSignature(declaration) ? declaration.parameters[0] : undefined;
    return self !== undefined && self.name.getText() === "this" && self.type?.kind === ts.SyntaxKind.VoidKeyword;
  });

/** `try { f(x) } catch ...` as `pcall(f, x)`: no function is made for it. */
const protectedCall = (node: ts.TryStatement, context: TransformationContext): Statement[] | undefined => {
  const [only, more] = node.tryBlock.statements;
  if (!only || more || node.finallyBlock || !node.catchClause || !ts.isExpressionStatement(only)) return undefined;
  const call = only.expression;
  if (!ts.isCallExpression(call) || !hasNoSelf(call.expression, context)) return undefined;
  const args = [call.expression, ...call.arguments].map((each) => context.transformExpression(each));
  const attempt = createCallExpression(createIdentifier("pcall"), args);
  const { variableDeclaration, block } = node.catchClause;
  if (block.statements.length === 0) return [createExpressionStatement(attempt)];
  const caught = variableDeclaration && ts.isIdentifier(variableDeclaration.name) ? variableDeclaration.name.text : "____e";
  return [createDoStatement([
    createVariableDeclarationStatement([createIdentifier("____ok"), createIdentifier(caught)], attempt),
    createIfStatement(createUnaryExpression(createIdentifier("____ok"), SyntaxKind.NotOperator),
      createBlock(context.transformStatements(block.statements))),
  ])];
};

const plugin: Plugin = {
  visitors: {
    [ts.SyntaxKind.CallExpression]: (node, context) => {
      if (!isMethodCall(node)) return context.superTransformExpression(node);
      const two = takenOut(node, context);
      if (two) return two;
      const { name, expression } = node.expression;
      const rewrite = isString(expression, context) ? STRING_METHODS[name.text]
        : isArray(expression, context) ? ARRAY_METHODS[name.text] : undefined;
      const args = (): Expression[] => node.arguments.map((each) => context.transformExpression(each));
      return rewrite?.(context.transformExpression(expression), args()) ?? context.superTransformExpression(node);
    },
    [ts.SyntaxKind.ElementAccessExpression]: (node, context) => {
      if (isBytes(node.expression, context)) {
        return createCallExpression(createIdentifier("byteOf"), [
          context.transformExpression(node.expression), context.transformExpression(node.argumentExpression),
        ]);
      }
      const list = ts.isNonNullExpression(node.expression) ? node.expression.expression : node.expression;
      const only = node.argumentExpression.getText() === "0" ? removal(list, context) : undefined;
      return only ?? context.superTransformExpression(node);
    },
    [ts.SyntaxKind.ExpressionStatement]: (node, context) => {
      const call = removal(node.expression, context);
      return call ? createExpressionStatement(call)
        : additions(node.expression, context) ?? context.superTransformStatements(node);
    },
    [ts.SyntaxKind.TryStatement]: (node, context) =>
      protectedCall(node, context) ?? context.superTransformStatements(node),
  },
};

/**
 * As a method of an object, String.fromCharCode would be called with the object in front. A file that exports something
 * has locals at its top, and no globals.
 */
const FROM_CHAR_CODE = "String.fromCharCode";
const TAIL = "declare const fromCharCode: (this: void, ...codes: number[]) => string;\nexport {};\n";

export interface Transpiled {
  /** Readable. */
  code: string;
  /** Source map of `code` without its first lines, as JSON. */
  map: string;
  /** How many lines of `code` are in front of those that the map is of. */
  firstLines: number;
}

/** Lua of one file. An Error lists what typescript-to-lua has against it. */
export const transpile = (text: string, version: LuaVersion): Transpiled =>
  kept([version, text], () => transpileAnew(text, version));

/** The same, whatever is kept. */
export function transpileAnew(text: string, version: LuaVersion): Transpiled {
  const options: CompilerOptions = {
    luaTarget: TARGETS[version], luaLibImport: LuaLibImportKind.Inline, noImplicitSelf: true, noHeader: true,
    luaPlugins: [{ plugin }], sourceMap: true,
    target: ts.ScriptTarget.ES2022, lib: ["lib.es2022.d.ts"], strict: true, types: [], skipLibCheck: true, noCheck: true,
    moduleDetection: ts.ModuleDetectionKind.Legacy,
  };
  const { diagnostics, transpiledFiles } = transpileVirtualProject(
    { "main.ts": text.replaceAll(FROM_CHAR_CODE, "fromCharCode") + TAIL }, options);
  // Types are checked where the modules are; joined, they are in another order.
  const problems = diagnostics.filter(({ source, category }) =>
    source === "typescript-to-lua" && category === ts.DiagnosticCategory.Error);
  if (problems.length > 0) {
    throw new Error(`not for Lua:\n${problems.map((problem) => describe(problem)).join("\n")}`);
  }
  const file = transpiledFiles.find(({ outPath }) => outPath.endsWith("main.lua"));
  if (file?.lua === undefined || file.luaSourceMap === undefined) throw new Error("typescript-to-lua gave no file");
  const lines = withWholeNuls(file.lua).replace(/return ____exports\n/, "").replace(/\n--# sourceMappingURL=.*\n?$/, "\n").split("\n");
  const head = lines.indexOf("local ____exports = {}");
  // An empty line in its place: the map counts it.
  if (head >= 0) lines[head] = "";
  const [body, aliases] = withAliases(lines.join("\n"));
  const helpers = HELPERS.filter(([used]) => body.includes(used)).map(([, helper]) => helper).join("") + aliases;
  return { code: helpers + body, map: file.luaSourceMap, firstLines: helpers.split("\n").length - 1 };
}

/**
 * typescript-to-lua writes NUL as \0 whatever follows; before a digit Lua takes that digit into the number. No other
 * character is written by its number.
 */
function withWholeNuls(code: string): string {
  return code.replace(/\\[^]/g, (escape: string, at: number) =>
    (escape === "\\0" && /\d/.test(code.charAt(at + 2)) ? "\\000" : escape));
}

/** Functions of Lua that are looked up in two tables each time, unless they have a name of their own. */
const ALIASED = /"(?:[^"\\]|\\.)*"|\b(?:string\.(?:byte|char|sub)|math\.floor|bit\.\w+|table\.(?:concat|insert|remove))\b/g;
const WORTH_A_NAME = 3;

/** Gives names to those that are used often: the program, and the names. */
function withAliases(code: string): [body: string, aliases: string] {
  const uses = new Map<string, number>();
  const isText = (found: string): boolean => found.startsWith("\"");
  for (const [found] of code.matchAll(ALIASED)) if (!isText(found)) uses.set(found, (uses.get(found) ?? 0) + 1);
  const alias = (found: string): string => found.replace(/\.(.)/, (_, first: string) => first.toUpperCase());
  const often = [...uses].filter(([, count]) => count >= WORTH_A_NAME).map(([found]) => found);
  return [
    code.replace(ALIASED, (found) => (often.includes(found) ? alias(found) : found)),
    often.map((found) => `local ${alias(found)} = ${found}\n`).join(""),
  ];
}

function describe({ file, start, messageText }: ts.Diagnostic): string {
  const text = ts.flattenDiagnosticMessageText(messageText, "\n");
  if (file === undefined || start === undefined) return text;
  const { line } = file.getLineAndCharacterOfPosition(start);
  return `${text}: ${file.text.split("\n")[line]!.trim()}`;
}
