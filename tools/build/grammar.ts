/**
 * Checks the finished code of a firmware against the grammar of the interpreter that will read it: what it
 * cannot parse, and what it runs otherwise without a word. esbuild and the lint rules look at the source;
 * this looks at the bytes that fly.
 */
import { parse, type AnyNode, type Program } from "acorn";
import {
  features, lacks, missingGlobals, missingMethods, missingStatics, type FeatureName,
} from "./capabilities.ts";
import { isFunction, namesIn, walk, type Reference } from "./scope.ts";

export interface GrammarProblem {
  /** Both from 1. */
  line: number;
  column: number;
  /** "syntax" where it is no JavaScript at all. */
  feature: FeatureName | "syntax";
  message: string;
}

/**
 * Says that a feature is used at an offset of the code; `what` is put before what the feature says of itself.
 */
type Report = (feature: FeatureName, offset: number, what?: string) => void;

type Path = readonly AnyNode[];

const PROTOTYPES = /^(Array|String|Number|Boolean|Function)$/;

/** Nodes whose parts may be left out when the code runs. */
const CONDITIONAL = /^(If|While|DoWhile|For|ForIn|ForOf|Switch|Try)Statement$|^SwitchCase$/;

/** Name of a member that is written out: `a.b`, `a["b"]`. */
const memberOf = (node: AnyNode): string | undefined => {
  if (node.type !== "MemberExpression") {
    return undefined;
  }
  if (!node.computed) {
    return node.property.type === "Identifier" ? node.property.name : undefined;
  }
  return node.property.type === "Literal" ? String(node.property.value) : undefined;
};

/** Features that a kind of node is. */
const KINDS: Partial<Record<AnyNode["type"], FeatureName>> = {
  ArrayPattern: "destructuring",
  ObjectPattern: "destructuring",
  SpreadElement: "spread",
  ChainExpression: "optional-chain",
  LabeledStatement: "label",
  YieldExpression: "generator",
  AwaitExpression: "async",
  PrivateIdentifier: "private-member",
  StaticBlock: "static-block",
  TaggedTemplateExpression: "tagged-template",
  ImportDeclaration: "module",
  ExportNamedDeclaration: "module",
  ExportDefaultDeclaration: "module",
  ExportAllDeclaration: "module",
  ImportExpression: "module",
  WithStatement: "with",
  DebuggerStatement: "debugger",
};

const checkFunction = (node: AnyNode, report: Report): void => {
  if (!isFunction(node)) {
    return;
  }
  if (node.generator) {
    report("generator", node.start);
  }
  if (node.async) {
    report("async", node.start);
  }
  for (const parameter of node.params) {
    if (parameter.type === "AssignmentPattern") {
      report("default-argument", parameter.start);
    } else if (parameter.type === "RestElement") {
      report("rest-argument", parameter.start);
    }
  }
};

const checkMember = (node: AnyNode, report: Report): void => {
  if (node.type !== "Property" && node.type !== "MethodDefinition" && node.type !== "PropertyDefinition") {
    return;
  }
  if (node.computed) {
    report("computed-key", node.start);
  }
  const isAccessor = node.type !== "PropertyDefinition" && (node.kind === "get" || node.kind === "set");
  if (isAccessor && node.key.type === "Literal") {
    report("string-accessor", node.start);
  }
};

const checkOperator = (node: AnyNode, report: Report): void => {
  if (node.type === "BinaryExpression" && node.operator === "**") {
    report("exponent", node.start);
  }
  if (node.type === "AssignmentExpression" && node.operator === "**=") {
    report("exponent", node.start);
  }
  if (node.type === "AssignmentExpression" && /^(\?\?|\|\||&&)=$/.test(node.operator)) {
    report("logical-assignment", node.start);
  }
  const isLength = (node.type === "AssignmentExpression" && memberOf(node.left) === "length")
    || (node.type === "UpdateExpression" && memberOf(node.argument) === "length");
  if (isLength) {
    report("array-length", node.start);
  }
};

/** Whether Espruino's matcher takes a regular expression for what it is. */
const isPlainRegExp = (pattern: string, flags: string): boolean => {
  // Escapes first: `\(` is no group and `\[` no class.
  const bare = pattern.replace(/\\[^bB1-9]/g, "_").replace(/\[[^\]]*\]/g, "_");
  return !/\(\?|\{\d|[*+?]\?|\)[*+?]|\\[bB1-9]/.test(bare) && /^[gi]*$/.test(flags);
};

const checkLiteral = (node: AnyNode, code: string, report: Report): void => {
  if (node.type === "TemplateElement" || node.type === "Literal") {
    if (/(?<!\\)(\\\\)*\\u\{/.test(code.slice(node.start, node.end))) {
      report("unicode-escape", node.start);
    }
  }
  if (node.type === "Literal" && node.bigint !== undefined && node.bigint !== null) {
    report("bigint", node.start);
  }
  if (node.type === "Literal" && node.regex) {
    if (!isPlainRegExp(node.regex.pattern, node.regex.flags)) {
      report("regexp-syntax", node.start);
    }
    if (code.slice(0, node.start).trimEnd().endsWith(")")) {
      report("regexp-statement", node.start);
    }
  }
  if ((node.type === "NewExpression" || node.type === "CallExpression") && node.callee.type === "Identifier") {
    const [pattern, flags] = node.arguments.map((a) => (a.type === "Literal" ? String(a.value) : ""));
    if (node.callee.name === "RegExp" && !isPlainRegExp(pattern ?? "", flags ?? "")) {
      report("regexp-syntax", node.start);
    }
  }
};

const checkSwitch = (node: AnyNode, report: Report): void => {
  if (node.type === "SwitchStatement") {
    const last = node.cases.findIndex((c) => !c.test);
    node.cases.forEach((c, at) => {
      if (last >= 0 && at > last) {
        report("case-after-default", c.start);
      }
    });
  }
};

/** Where JavaScript ends a statement at a line break and the interpreter reads on. */
const checkLineBreak = (node: AnyNode, path: Path, code: string, report: Report): void => {
  if (node.type === "ReturnStatement" && !node.argument && /^return[^\S\n]*\n\s*[^\s;}]/.test(code.slice(node.start))) {
    report("line-break", node.start);
  }
  const parent = path.at(-1);
  if (node.type === "ExpressionStatement" && node.expression.type === "UpdateExpression" && node.expression.prefix) {
    const before = parent && "body" in parent && Array.isArray(parent.body) ? parent.body as AnyNode[] : [];
    const previous = before[before.indexOf(node) - 1];
    if (previous && !/[;}]$/.test(code.slice(previous.start, previous.end))) {
      report("line-break", node.start);
    }
  }
};

const checkMissing = (references: Reference[], program: Program, report: Report): void => {
  for (const { name, node, path, binding } of references) {
    const parent = path.at(-1)!;
    if (binding || (parent.type === "UnaryExpression" && parent.operator === "typeof")) {
      continue;
    }
    if (missingGlobals.has(name)) {
      report("missing-global", node.start, name);
    }
    const member = parent.type === "MemberExpression" && parent.object === node ? memberOf(parent) : undefined;
    if (member !== undefined && missingStatics[name]?.has(member)) {
      report("missing-member", node.start, `${name}.${member}`);
    }
    const outer = path.at(-2);
    if (PROTOTYPES.test(name) && member === "prototype" && outer && memberOf(outer) !== undefined) {
      const user = path.at(-3);
      if (!(user?.type === "AssignmentExpression" && user.left === outer)) {
        report("prototype-member", node.start, `${name}.prototype.${memberOf(outer)}`);
      }
    }
  }
  walk(program, (node) => {
    const called = node.type === "CallExpression" ? memberOf(node.callee) : undefined;
    if (called !== undefined && missingMethods.has(called)) {
      report("missing-member", node.start, `.${called}()`);
    }
  });
};

const functionAround = (path: Path): AnyNode | undefined => path.findLast(isFunction);

/** Whether a `var` may not have been run although the reference comes after it. */
const mayBeSkipped = (declaration: Path, reference: Path): boolean =>
  declaration.some((node, at) => {
    const next = declaration[at + 1];
    // The head of a loop runs whenever the loop is reached.
    const isHead = (node.type === "ForStatement" && node.init === next)
      || ((node.type === "ForOfStatement" || node.type === "ForInStatement") && node.left === next);
    return CONDITIONAL.test(node.type) && !isHead && !(next && reference.includes(next))
      && functionAround(declaration.slice(0, at)) === functionAround(reference);
  });

const checkOrder = (references: Reference[], report: Report): void => {
  for (const { name, node, path, binding } of references) {
    if (!binding || binding.kind === "parameter" || binding.kind === "catch") {
      continue;
    }
    if (functionAround(binding.path) === functionAround(path)) {
      if (node.start < binding.node.start || (binding.kind === "var" && mayBeSkipped(binding.path, path))) {
        report("hoisting", node.start, name);
      }
    } else if (/^For/.test(binding.scope.type)) {
      report("loop-closure", node.start, name);
    }
  }
};

const checkText = (code: string, report: Report): void => {
  for (let at = 0; at < code.length; at++) {
    const byte = code.charCodeAt(at);
    if ((byte < 32 && byte !== 10) || byte > 126) {
      report("plain-text", at, `\\u${byte.toString(16).padStart(4, "0")}`);
    }
  }
};

const checkTree = (program: Program, code: string, report: Report): void => {
  walk(program, (node, path) => {
    const kind = KINDS[node.type];
    // A pattern in a pattern is said once.
    if (kind && !/Pattern$|^Property$/.test(path.at(-1)?.type ?? "")) {
      report(kind, node.start);
    }
    if (node.type === "MetaProperty") {
      report(node.meta.name === "new" ? "new-target" : "module", node.start);
    }
    if (node.type === "Super" && !path.some((n) => n.type === "ClassBody")) {
      report("object-super", node.start);
    }
    checkFunction(node, report);
    checkMember(node, report);
    checkOperator(node, report);
    checkLiteral(node, code, report);
    checkSwitch(node, report);
    checkLineBreak(node, path, code, report);
  });
  const { bindings, references } = namesIn(program);
  for (const { node } of [...bindings, ...references]) {
    if (node.type === "Identifier" && node.name === "of") {
      report("keyword-name", node.start);
    }
  }
  checkMissing(references, program, report);
  checkOrder(references, report);
};

/**
 * Everything in `code` that the interpreter cannot parse or runs otherwise, in the order of the code; empty
 * when all is well. What depends on types (a member of a value, the text of a number) is left to the lint
 * rules.
 */
export const checkGrammar = (code: string, interpreter = "espruino-2v29"): GrammarProblem[] => {
  const problems: (GrammarProblem & { offset: number })[] = [];
  const place = (offset: number): { offset: number; line: number; column: number } => {
    const before = code.slice(0, offset);
    return { offset, line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
  };
  const report: Report = (feature, offset, what = "") => {
    if (lacks[interpreter]!.has(feature)) {
      const { says, instead } = features[feature];
      const thing = what === "" ? says : `${what}: ${says}`;
      problems.push({ ...place(offset), feature, message: `${interpreter} cannot run this: ${thing}; ${instead}` });
    }
  };
  checkText(code, report);
  try {
    const options = { ecmaVersion: "latest", allowReturnOutsideFunction: true, allowAwaitOutsideFunction: true } as const;
    const isModule = /^\s*(import|export)\b[^(.]/m.test(code);
    checkTree(parse(code, { ...options, sourceType: isModule ? "module" : "script" }), code, report);
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
    const { pos, message } = error as SyntaxError & { pos: number };
    problems.push({ ...place(pos), feature: "syntax", message: message.replace(/ \(\d+:\d+\)$/, "") });
  }
  return problems.sort((a, b) => a.offset - b.offset).map(({ offset: _, ...problem }) => problem);
};
