/** The rules of the portable subset that need scopes or types. */
import { type TSESLint, type TSESTree } from "@typescript-eslint/utils";
import ts from "typescript";
import { missingGlobals, missingMethods, missingStatics } from "../build/capabilities.ts";
import type { BanName, Runtime } from "./subset.ts";

type Node = TSESTree.Node;
type Context = Readonly<TSESLint.RuleContext<string, unknown[]>>;
type Report = (node: Node, detail?: string) => void;

/** Makes the visitors of a check, for code that has to run on all of `runtimes`. */
export type Check = (context: Context, report: Report, runtimes: readonly Runtime[]) => TSESLint.RuleListener;

/** Globals that both interpreters have, and alike. */
const GLOBALS = new Set(["Infinity", "Math", "NaN", "String", "undefined"]);

/** Members that both interpreters have, alike and at a fair price, by what they are members of. */
const MEMBERS: Record<string, ReadonlySet<string>> = {
  string: new Set([
    "charAt", "charCodeAt", "concat", "indexOf", "length", "slice", "substring", "toLowerCase", "toUpperCase",
  ]),
  array: new Set([
    "concat", "every", "filter", "find", "findIndex", "forEach", "includes", "indexOf", "join", "length", "map", "pop", "push",
    "reduce", "reverse", "shift", "slice", "some", "sort", "splice", "unshift",
  ]),
  number: new Set(),
  Math: new Set([
    "PI", "abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "exp", "floor", "log", "max", "min", "pow", "random", "sin",
    "sqrt", "tan",
  ]),
  String: new Set(["fromCharCode"]),
};

const isEvery = (type: ts.Type, flag: ts.TypeFlags): boolean =>
  type.isUnion() ? type.types.every((part) => isEvery(part, flag)) : (type.flags & flag) !== 0;

/** What a node is when the program runs, as far as members of it are concerned. */
const kindOf = (node: Node, context: Context): "string" | "number" | "array" | undefined => {
  const services = context.sourceCode.parserServices!;
  if (!services.program || !services.esTreeNodeToTSNodeMap) {
    return undefined;
  }
  const checker = services.program.getTypeChecker();
  const type = checker.getTypeAtLocation(services.esTreeNodeToTSNodeMap.get(node));
  const base = checker.getNonNullableType(checker.getBaseConstraintOfType(type) ?? type);
  if (base.flags & (ts.TypeFlags.Any | ts.TypeFlags.Never)) {
    return undefined;
  }
  if (isEvery(base, ts.TypeFlags.StringLike)) {
    return "string";
  }
  if (isEvery(base, ts.TypeFlags.NumberLike)) {
    return "number";
  }
  const parts = base.isUnion() ? base.types : [base];
  return parts.every((part) => checker.isArrayType(part) || checker.isTupleType(part)) ? "array" : undefined;
};

const isType = (definition: TSESLint.Scope.Definition | undefined): boolean =>
  definition === undefined || definition.type === "ImportBinding" || definition.type === "Type";

const hoisting: Check = (context, report) => ({
  "Program:exit"() {
    for (const scope of context.sourceCode.scopeManager!.scopes) {
      for (const variable of scope.variables) {
        const [definition] = variable.defs;
        if (isType(definition)) {
          continue;
        }
        for (const { identifier, from, isValueReference } of variable.references) {
          const isEarly = identifier.range[0] < definition!.name.range[0];
          if (isValueReference && isEarly && from.variableScope === scope.variableScope) {
            report(identifier, identifier.name);
          }
        }
      }
    }
  },
});

const loopClosure: Check = (context, report) => {
  const check = (declaration: Node | null): void => {
    if (declaration?.type !== "VariableDeclaration") {
      return;
    }
    for (const variable of context.sourceCode.getDeclaredVariables(declaration)) {
      const captured = variable.references.find((r) => r.from.variableScope !== variable.scope.variableScope);
      if (captured) {
        report(captured.identifier, variable.name);
      }
    }
  };
  return {
    ForStatement: (n) => check(n.init), ForOfStatement: (n) => check(n.left), ForInStatement: (n) => check(n.left),
  };
};

const global: Check = (context, report, runtimes) => ({
  "Program:exit"() {
    const { globalScope } = context.sourceCode.scopeManager!;
    const references = [...globalScope!.through, ...globalScope!.variables.flatMap((v) => v.references)];
    for (const { identifier, isValueReference, resolved } of new Set(references)) {
      const { name } = identifier as TSESTree.Identifier;
      const isBad = runtimes.includes("lua") ? !GLOBALS.has(name) : missingGlobals.has(name);
      // What a script declares itself is resolved to a definition.
      if (isValueReference && isBad && !resolved?.defs.length) {
        report(identifier, name);
      }
    }
  },
});

const member: Check = (context, report, runtimes) => ({
  MemberExpression(node) {
    if (node.computed || node.property.type !== "Identifier") {
      return;
    }
    const { name } = node.property;
    const owner = node.object.type === "Identifier" ? node.object.name : "";
    if (!runtimes.includes("lua")) {
      if (missingStatics[owner]?.has(name) || (missingMethods.has(name) && kindOf(node.object, context))) {
        report(node, name);
      }
      return;
    }
    const kind = owner === "Math" || owner === "String" ? owner : kindOf(node.object, context);
    if (kind !== undefined && !MEMBERS[kind]!.has(name)) {
      report(node, kind === owner ? `${owner}.${name}` : name);
    }
  },
});

const stringIndex: Check = (context, report) => ({
  MemberExpression(node) {
    if (node.computed && kindOf(node.object, context) === "string") {
      report(node);
    }
  },
});

const stringIteration: Check = (context, report) => ({
  ForOfStatement(node) {
    if (kindOf(node.right, context) === "string") {
      report(node);
    }
  },
});

const fractionText: Check = (context, report) => {
  const isFraction = (node: Node): boolean => node.type === "BinaryExpression" && node.operator === "/";
  return {
    BinaryExpression(node) {
      if (node.operator === "+") {
        const [text, other] = isFraction(node.right) ? [node.left, node.right] : [node.right, node.left];
        if (isFraction(other) && kindOf(text, context) === "string") {
          report(other);
        }
      }
    },
    TemplateLiteral(node) {
      node.expressions.filter(isFraction).forEach((n) => report(n));
    },
  };
};

export const checks: Partial<Record<BanName, Check>> = {
  hoisting,
  "loop-closure": loopClosure,
  global,
  member,
  "string-index": stringIndex,
  "string-iteration": stringIteration,
  "fraction-text": fractionText,
};
