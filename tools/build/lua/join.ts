/**
 * Modules of `lib/` and `firmware/` joined at source level, with their types, into one TypeScript file: of it
 * typescript-to-lua makes plain locals of what would be tables of exports and calls of `require` (less than half of the
 * bytes). Names that several modules have are given numbers, constants stand where they are used, and what nobody
 * refers to is dropped.
 */
import ts from "typescript";
import { isReference, loadModules, resolver, type JoinOptions, type Module, type Top } from "./modules.ts";

export type { JoinOptions };

/** A top-level statement, where it comes from, and what it declares and refers to. */
interface Piece {
  module: string;
  /** Line of the module that it starts at, from 1. */
  line: number;
  text: string;
  declares: Top[];
  refers: Set<Top>;
  isBitwise: boolean;
  /** Runs something, so that it is needed even if nobody refers to it. */
  isRoot: boolean;
}

export interface Joined {
  text: string;
  /** Of each line of `text`: the module and its line. */
  lines: { module: string; line: number }[];
  /** What is used of what the chip has, by the modules that use it. */
  ambient: Map<string, Set<string>>;
  /** Modules that have operators on bits. */
  bitwise: Set<string>;
}

/** Calls that compute and do nothing else. */
const PURE = /^(String\.fromCharCode|Math\.\w+|char)$/;

/** @param entry source text; its relative imports start from `root` */
export function joinModules(entry: string, options: JoinOptions): Joined {
  const modules = loadModules(entry, options);
  const resolve = resolver(modules);
  const pieces = modules.flatMap((module) => module.file.statements
    .filter((statement) => !isReference(statement) && !ts.isExportDeclaration(statement))
    .filter((statement) => module.runs || ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
    .map((statement) => pieceOf(statement, module, (name) => resolve(module, name))));
  return assemble(reachable(pieces));
}

type Resolve = (name: string) => Top | undefined;

function pieceOf(statement: ts.Statement, module: Module, resolve: Resolve): Piece {
  const { file } = module;
  const declares = declared(statement).map((name) => module.tops.get(name)!);
  const refers = new Set<Top>();
  const edits: { from: number; to: number; text: string }[] = [];
  walk(statement, [], (node) => {
    const top = resolve(node.text);
    if (!top) return;
    refers.add(top);
    const isDeclaration = declares.includes(top) && isNameOf(node);
    const text = isDeclaration ? top.unique : top.literal ?? top.unique;
    const isShort = ts.isShorthandPropertyAssignment(node.parent);
    if (text === node.text) return;
    edits.push({ from: node.getStart(file), to: node.end, text: isShort ? `${node.text}: ${text}` : text });
  });
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) ?? [] : [];
  const exported = modifiers.find(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const start = statement.getStart(file);
  const from = exported ? file.text.slice(exported.end).search(/\S/) + exported.end : start;
  let text = "";
  let at = from;
  for (const edit of edits.sort((a, b) => a.from - b.from)) {
    text += file.text.slice(at, edit.from) + edit.text;
    at = edit.to;
  }
  return {
    module: module.name, line: file.getLineAndCharacterOfPosition(from).line + 1,
    text: text + file.text.slice(at, statement.end), declares, refers,
    // What describes a driver or a filter is the host's.
    isRoot: runs(statement) && !declares.some(({ name }) => name === "meta"),
    isBitwise: hasBits(statement),
  };
}

/**
 * Visits the identifiers that may be names of the top: no members, nothing that a function or a block declares itself.
 * @param hidden names that are declared on the way to here
 */
function walk(node: ts.Node, hidden: ReadonlySet<string>[], visit: (node: ts.Identifier) => void): void {
  if (ts.isIdentifier(node)) {
    if (!isMember(node) && !hidden.some((names) => names.has(node.text))) visit(node);
    return;
  }
  const own = declaredIn(node);
  const inner = own.size > 0 ? [...hidden, own] : hidden;
  ts.forEachChild(node, (child) => walk(child, inner, visit));
}

/** What a function, a block or a loop declares for what is in it. */
function declaredIn(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const add = (name: ts.BindingName | undefined): void => {
    if (name && ts.isIdentifier(name)) names.add(name.text);
  };
  const addList = (list: ts.Node | undefined): void => {
    if (list && ts.isVariableDeclarationList(list)) list.declarations.forEach(({ name }) => add(name));
  };
  if (ts.isFunctionLike(node)) node.parameters.forEach(({ name }) => add(name));
  if (ts.isFunctionLike(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) {
    node.typeParameters?.forEach(({ name }) => add(name));
  }
  if (ts.isForStatement(node) || ts.isForOfStatement(node) || ts.isForInStatement(node)) addList(node.initializer);
  if (ts.isCatchClause(node)) add(node.variableDeclaration?.name);
  if (ts.isBlock(node)) {
    for (const statement of node.statements) {
      if (ts.isVariableStatement(statement)) addList(statement.declarationList);
      if (ts.isFunctionDeclaration(statement)) add(statement.name);
    }
  }
  return names;
}

/** The b of a.b, and of { b: a }: no reference to a variable b. */
function isMember(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)
    || ts.isMethodSignature(parent) || ts.isMethodDeclaration(parent)) && parent.name === node;
}

function isNameOf({ parent }: ts.Identifier): boolean {
  return (ts.isVariableDeclaration(parent) && ts.isSourceFile(parent.parent.parent.parent))
    || ts.isFunctionDeclaration(parent) || ts.isInterfaceDeclaration(parent) || ts.isTypeAliasDeclaration(parent);
}

/** Operators on bits, and those that assign (^= and so on). */
function hasBits(node: ts.Node): boolean {
  if (ts.isBinaryExpression(node) && /^(&|\||\^|<<|>>>?)=?$/.test(node.operatorToken.getText())) return true;
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.TildeToken) return true;
  return ts.forEachChild(node, hasBits) ?? false;
}

function declared(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const { name } = statement as ts.DeclarationStatement;
  return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
}

function runs(statement: ts.Statement): boolean {
  if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return false;
  if (ts.isFunctionDeclaration(statement)) return false;
  if (!ts.isVariableStatement(statement)) return true;
  const calls = (node: ts.Node): boolean => {
    if (ts.isFunctionLike(node) || ts.isTypeNode(node)) return false;
    if (ts.isCallExpression(node) && !PURE.test(node.expression.getText())) return true;
    return ts.forEachChild(node, calls) ?? false;
  };
  return statement.declarationList.declarations.some(({ initializer }) => initializer && calls(initializer));
}

/** The pieces that run something, and what they refer to, directly or not; in their order. */
function reachable(pieces: Piece[]): Piece[] {
  const by = new Map<Top, Piece[]>();
  for (const each of pieces) {
    for (const top of each.declares) by.set(top, [...by.get(top) ?? [], each]);
  }
  const kept = new Set<Piece>();
  const keep = (each: Piece): void => {
    if (kept.has(each)) return;
    kept.add(each);
    for (const top of each.refers) if (top.literal === undefined) by.get(top)?.forEach(keep);
  };
  pieces.filter(({ isRoot }) => isRoot).forEach(keep);
  return pieces.filter((each) => kept.has(each));
}

function assemble(pieces: Piece[]): Joined {
  const lines: Joined["lines"] = [];
  for (const { text, module, line } of pieces) {
    text.split("\n").forEach((_, i) => lines.push({ module, line: line + i }));
  }
  const ambient: Joined["ambient"] = new Map();
  for (const { module, refers } of pieces) {
    for (const { name, isAmbient } of refers) {
      if (isAmbient) ambient.set(name, (ambient.get(name) ?? new Set()).add(module));
    }
  }
  return {
    text: pieces.map(({ text }) => `${text}\n`).join(""), lines, ambient,
    bitwise: new Set(pieces.flatMap(({ isBitwise, module }) => (isBitwise ? [module] : []))),
  };
}
