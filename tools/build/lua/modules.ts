/** The modules that an entry needs, parsed, and what each of their names means. */
import { readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import ts from "typescript";

export interface JoinOptions {
  /** Folder of the motelet package: what `motelet/...` means, and what module names are relative to. */
  root: string;
  /** The file of `#platform/<name>`. */
  platform: (name: string) => string;
}

/** Something that is declared at the top of a module. */
export interface Top {
  module: Module;
  name: string;
  /** What it is called in the joined text. */
  unique: string;
  /** Of a constant: what may stand in its place. */
  literal?: string;
  /** Declared alone: the chip has it. */
  isAmbient: boolean;
}

export interface Module {
  path: string;
  /** Path from the root, with slashes. */
  name: string;
  file: ts.SourceFile;
  /** Something of it runs; of others there are types alone. */
  runs: boolean;
  /** Paths of the modules that it imports, types aside. */
  needs: string[];
  tops: Map<string, Top>;
  /** Names that come from other modules: theirs, by how this one calls them. */
  imports: Map<string, { path: string; name: string }>;
  exports: Map<string, { path: string; name: string }>;
}

type Reference = ts.ImportDeclaration | (ts.ExportDeclaration & { moduleSpecifier: ts.Expression });

export const isReference = (statement: ts.Statement): statement is Reference => ts.isImportDeclaration(statement)
  || (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined);

const isTypeOnly = (statement: Reference): boolean => (ts.isImportDeclaration(statement)
  ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword : statement.isTypeOnly);

/** A number, or a text that is no longer than what a variable costs. */
const SHORT_TEXT = 6;

/** Reads the entry and all that it refers to; each module comes after those that it imports. */
export function loadModules(entry: string, { root, platform }: JoinOptions): Module[] {
  const loaded = new Map<string, Module>();
  const ordered: Module[] = [];
  const resolve = (path: string, name: string): string =>
    name.startsWith("#platform/") ? platform(name.slice("#platform/".length))
      : name.startsWith("motelet/") ? join(root, name.slice("motelet/".length)) : join(dirname(path), name);

  const visit = (path: string, text: string): void => {
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
    const module: Module = {
      path, file, name: relative(root, path).split(sep).join("/"), runs: false, needs: [],
      tops: new Map(), imports: new Map(), exports: new Map(),
    };
    loaded.set(path, module);
    for (const statement of file.statements) {
      if (isReference(statement)) {
        const target = resolve(path, (statement.moduleSpecifier as ts.StringLiteral).text);
        if (!loaded.has(target)) visit(target, readFileSync(target, "utf8"));
        noteNames(statement, target, module);
        if (!isTypeOnly(statement)) module.needs.push(target);
      } else {
        noteTops(statement, module);
      }
    }
    ordered.push(module);
  };
  const main = join(root, "main.ts");
  visit(main, entry);
  const run = (path: string): void => {
    const module = loaded.get(path)!;
    if (module.runs) return;
    module.runs = true;
    module.needs.forEach(run);
  };
  run(main);
  giveNames(ordered);
  return ordered;
}

function noteNames(statement: Reference, path: string, { imports, exports }: Module): void {
  const isImport = ts.isImportDeclaration(statement);
  const names = isImport ? statement.importClause?.namedBindings : statement.exportClause;
  if (!names || !(ts.isNamedImports(names) || ts.isNamedExports(names))) return;
  for (const { name, propertyName } of names.elements) {
    (isImport ? imports : exports).set(name.text, { path, name: (propertyName ?? name).text });
  }
}

function noteTops(statement: ts.Statement, module: Module): void {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) ?? [] : [];
  const isAmbient = modifiers.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword);
  const add = (name: string, literal?: string): void => {
    module.tops.set(name, { module, name, unique: name, isAmbient, ...(literal === undefined ? {} : { literal }) });
    module.exports.set(name, { path: module.path, name });
  };
  if (ts.isVariableStatement(statement)) {
    const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (ts.isIdentifier(name)) add(name.text, isConst ? literalOf(initializer) : undefined);
    }
  } else if (ts.isFunctionDeclaration(statement) || ts.isInterfaceDeclaration(statement)
    || ts.isTypeAliasDeclaration(statement)) {
    if (statement.name) add(statement.name.text);
  }
}

/** Numbers and short texts stand where they are used: a variable, kept by each function that uses it, costs more. */
function literalOf(initializer: ts.Expression | undefined): string | undefined {
  if (!initializer) return undefined;
  // As in `const D5 = 5 as never`.
  if (ts.isAsExpression(initializer)) {
    const inner = literalOf(initializer.expression);
    return inner === undefined ? undefined : `(${inner} as ${initializer.type.getText()})`;
  }
  if (ts.isNumericLiteral(initializer)) return initializer.text;
  if (ts.isPrefixUnaryExpression(initializer) && ts.isNumericLiteral(initializer.operand)) {
    return `(${initializer.getText()})`;
  }
  if (ts.isStringLiteral(initializer) && initializer.text.length <= SHORT_TEXT) return initializer.getText();
  return undefined;
}

/** Names that several modules have get a number, but for the first one's. What the chip has keeps its name. */
function giveNames(modules: Module[]): void {
  const taken = new Set(modules.flatMap(({ tops, imports }) => [...tops.keys(), ...imports.keys()]));
  const given = new Set<string>();
  const tops = modules.flatMap((module) => [...module.tops.values()]);
  for (const top of tops.filter(({ isAmbient }) => isAmbient)) given.add(top.name);
  for (const top of tops) {
    if (!top.isAmbient) {
      for (let n = 2; given.has(top.unique); n++) {
        top.unique = taken.has(`${top.name}_${n}`) ? top.unique : `${top.name}_${n}`;
      }
      given.add(top.unique);
    }
  }
}

/** What a name means in a module, if it is of the top of one. */
export function resolver(modules: Module[]): (module: Module, name: string) => Top | undefined {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const anywhere = new Map<string, Top>();
  for (const top of modules.flatMap(({ tops }) => [...tops.values()])) {
    anywhere.set(top.name, anywhere.get(top.name) ?? top);
  }
  const find = (path: string, name: string): Top | undefined => {
    const module = byPath.get(path)!;
    const top = module.tops.get(name);
    if (top) return top;
    const there = module.exports.get(name) ?? module.imports.get(name);
    return there && find(there.path, there.name);
  };
  // A probe of a test names what its module does not import.
  return (module, name) => find(module.path, name) ?? (module.name === "main.ts" ? anywhere.get(name) : undefined);
}
