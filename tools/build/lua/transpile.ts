/**
 * From one TypeScript file to Lua, by typescript-to-lua. Strings of bytes become Lua's own functions; what its library
 * would add for that is larger than the code that uses it.
 */
import ts from "typescript";
import {
  createBinaryExpression, createCallExpression, createIdentifier, createNumericLiteral, createTableIndexExpression,
  createStringLiteral, isNumericLiteral, LuaLibImportKind, LuaTarget, SyntaxKind, transpileVirtualProject,
  type CompilerOptions, type Expression, type Plugin, type TransformationContext,
} from "typescript-to-lua";

export type LuaVersion = "5.1" | "5.3";

/** NodeMCU's 5.1 has `bit` with the names that LuaJIT's has, 5.3 has operators. */
const TARGETS: Record<LuaVersion, LuaTarget> = { 5.1: LuaTarget.LuaJIT, 5.3: LuaTarget.Lua53 };

/** What `charCodeAt` becomes: NaN behind the end, so that every comparison is false there, as in JavaScript. */
const BYTE_AT = "local function byteAt(s, i) return string.byte(s, i + 1) or 0 / 0 end\n";
/** What is put in front where it is used. */
const HELPERS = [["byteAt(", BYTE_AT], ["fromCharCode", "local fromCharCode = string.char\n"]] as const;

const stringFunction = (name: string): Expression =>
  createTableIndexExpression(createIdentifier("string"), createStringLiteral(name));

/** An index of JavaScript as one of Lua. */
const fromOne = (index: Expression): Expression =>
  isNumericLiteral(index) ? createNumericLiteral(index.value + 1)
    : createBinaryExpression(index, createNumericLiteral(1), SyntaxKind.AdditionOperator);

type Rewrite = (text: Expression, args: Expression[]) => Expression;

const METHODS: Record<string, Rewrite> = {
  charCodeAt: (text, [index]) => createCallExpression(createIdentifier("byteAt"), [text, index!]),
  charAt: (text, [index]) => createCallExpression(stringFunction("sub"), [text, fromOne(index!), fromOne(index!)]),
  // From before to: the portable code never gives them the other way round.
  substring: (text, [from, to]) => createCallExpression(stringFunction("sub"), [text, fromOne(from!), ...(to ? [to] : [])]),
};

const isString = (node: ts.Expression, context: TransformationContext): boolean =>
  (context.checker.getTypeAtLocation(node).flags & ts.TypeFlags.StringLike) !== 0;

const strings: Plugin = {
  visitors: {
    [ts.SyntaxKind.CallExpression]: (node, context) => {
      const { expression } = node;
      const rewrite = ts.isPropertyAccessExpression(expression) ? METHODS[expression.name.text] : undefined;
      if (rewrite && ts.isPropertyAccessExpression(expression) && isString(expression.expression, context)) {
        return rewrite(context.transformExpression(expression.expression), node.arguments.map((argument) =>
          context.transformExpression(argument)));
      }
      return context.superTransformExpression(node);
    },
  },
};

/**
 * As a method of an object, String.fromCharCode would be called with the object in front. A file that exports something
 * has locals at its top, and no globals.
 */
const FROM_CHAR_CODE = "String.fromCharCode";
const TAIL = "declare const fromCharCode: (this: void, ...codes: number[]) => string;\nexport {};\n";

/** Lua of one file, readable. An Error lists what typescript-to-lua has against it. */
export function transpile(text: string, version: LuaVersion): string {
  const options: CompilerOptions = {
    luaTarget: TARGETS[version], luaLibImport: LuaLibImportKind.Inline, noImplicitSelf: true, noHeader: true,
    luaPlugins: [{ plugin: strings }],
    target: ts.ScriptTarget.ES2022, lib: ["lib.es2022.d.ts"], strict: true, types: [],
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
  const lua = transpiledFiles.find(({ outPath }) => outPath.endsWith("main.lua"))?.lua;
  if (lua === undefined) throw new Error("typescript-to-lua gave no file");
  const body = lua.replace(/^local ____exports = \{\}\n/m, "").replace(/return ____exports\n$/, "");
  return HELPERS.filter(([used]) => body.includes(used)).map(([, helper]) => helper).join("") + body;
}

function describe({ file, start, messageText }: ts.Diagnostic): string {
  const text = ts.flattenDiagnosticMessageText(messageText, "\n");
  if (file === undefined || start === undefined) return text;
  const { line } = file.getLineAndCharacterOfPosition(start);
  return `${text}: ${file.text.split("\n")[line]!.trim()}`;
}
