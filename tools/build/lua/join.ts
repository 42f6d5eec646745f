/**
 * Modules of `lib/` and `firmware/` joined at source level, with their types, into one TypeScript file: of it
 * typescript-to-lua makes plain locals of what would be tables of exports and calls of `require` (less than half of the
 * bytes). Top-level names are unique over all files (a rule of CONTRIBUTING.md), so that nothing has to be renamed.
 * What nobody refers to is dropped.
 */
import { readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import ts from "typescript";

export interface JoinOptions {
  /** Folder of the motelet package: what `motelet/...` means, and what module names are relative to. */
  root: string;
  /** The file of `#platform/<name>`. */
  platform: (name: string) => string;
}

/** A top-level statement, where it comes from, and what it declares and refers to. */
interface Piece {
  module: string;
  /** Line of the module that it starts at, from 1. */
  line: number;
  text: string;
  names: string[];
  refers: Set<string>;
  /** Runs something, so that it is needed even if nobody refers to it. */
  isRoot: boolean;
}

export interface Joined {
  text: string;
  /** Of each line of `text`: the module and its line. */
  lines: { module: string; line: number }[];
}

/** Calls that compute and do nothing else. */
const PURE = /^(String\.fromCharCode|Math\.\w+|char)$/;

/** @param entry source text; its relative imports start from `root` */
export function joinModules(entry: string, { root, platform }: JoinOptions): Joined {
  const done = new Set<string>();
  const pieces: Piece[] = [];

  const resolve = (path: string, name: string): string =>
    name.startsWith("#platform/") ? platform(name.slice("#platform/".length))
      : name.startsWith("motelet/") ? join(root, name.slice("motelet/".length)) : join(dirname(path), name);

  const visit = (path: string, text: string): void => {
    if (done.has(path)) return;
    done.add(path);
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
    const module = relative(root, path).split(sep).join("/");
    for (const statement of file.statements) {
      if (isReference(statement)) {
        const target = resolve(path, (statement.moduleSpecifier as ts.StringLiteral).text);
        if (!isTypeOnly(statement) || !done.has(target)) visit(target, readFileSync(target, "utf8"));
        pieces.push(...aliases(statement, module, file));
      } else if (!ts.isExportDeclaration(statement)) {
        pieces.push(piece(statement, module, file));
      }
    }
  };
  visit(join(root, "main.ts"), entry);
  return assemble(reachable(pieces));
}

type Reference = ts.ImportDeclaration | (ts.ExportDeclaration & { moduleSpecifier: ts.Expression });

function isReference(statement: ts.Statement): statement is Reference {
  return ts.isImportDeclaration(statement)
    || (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined);
}

function isTypeOnly(statement: Reference): boolean {
  return ts.isImportDeclaration(statement) ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
    : statement.isTypeOnly;
}

/** `import { a as b }`, `export { a as b } from`: the one case of two names for one thing. */
function aliases(statement: Reference, module: string, file: ts.SourceFile): Piece[] {
  const names = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : statement.exportClause;
  if (isTypeOnly(statement) || !names || !(ts.isNamedImports(names) || ts.isNamedExports(names))) return [];
  const { line } = file.getLineAndCharacterOfPosition(statement.getStart(file));
  return names.elements.filter((each) => each.propertyName !== undefined && !each.isTypeOnly).map((each) => ({
    module, line: line + 1, text: `const ${each.name.text} = ${each.propertyName!.text};`, names: [each.name.text],
    refers: new Set([each.propertyName!.text]), isRoot: false,
  }));
}

function piece(statement: ts.Statement, module: string, file: ts.SourceFile): Piece {
  const refers = new Set<string>();
  const collect = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isPropertyName(node)) refers.add(node.text);
    ts.forEachChild(node, collect);
  };
  collect(statement);
  const start = statement.getStart(file);
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) ?? [] : [];
  const exported = modifiers.find(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const from = exported ? file.text.slice(exported.end).search(/\S/) + exported.end : start;
  return {
    module, line: file.getLineAndCharacterOfPosition(from).line + 1, text: file.text.slice(from, statement.end),
    names: declared(statement), refers, isRoot: runs(statement),
  };
}

function declared(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const { name } = statement as ts.DeclarationStatement;
  return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
}

/** The b of a.b, and of { b: a }: no reference to a variable b. */
function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)
    || ts.isMethodSignature(parent)) && parent.name === node;
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
  const byName = new Map<string, Piece[]>();
  for (const each of pieces) {
    for (const name of each.names) byName.set(name, [...byName.get(name) ?? [], each]);
  }
  const kept = new Set<Piece>();
  const keep = (each: Piece): void => {
    if (kept.has(each)) return;
    kept.add(each);
    for (const name of each.refers) byName.get(name)?.forEach(keep);
  };
  pieces.filter(({ isRoot }) => isRoot).forEach(keep);
  return pieces.filter((each) => kept.has(each));
}

function assemble(pieces: Piece[]): Joined {
  const lines: Joined["lines"] = [];
  for (const { text, module, line } of pieces) {
    text.split("\n").forEach((_, i) => lines.push({ module, line: line + i }));
  }
  return { text: pieces.map(({ text }) => `${text}\n`).join(""), lines };
}
