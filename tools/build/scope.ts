/**
 * Names of a parsed program: where each is declared and used. What the grammar check needs of a scope
 * analysis, no more.
 */
import type {
  AnyNode, ArrowFunctionExpression, FunctionDeclaration, FunctionExpression, Pattern, Program,
} from "acorn";

export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression;

export interface Binding {
  kind: "var" | "let" | "const" | "class" | "function" | "parameter" | "catch";
  /** The identifier that declares it. */
  node: AnyNode;
  /** Ancestors of the declaration, the outermost first. */
  path: readonly AnyNode[];
  /** The node whose scope it lives in. */
  scope: AnyNode;
}

export interface Reference {
  name: string;
  node: AnyNode;
  path: readonly AnyNode[];
  /** Undefined for a global. */
  binding: Binding | undefined;
}

export const isFunction = (node: AnyNode): node is FunctionNode =>
  node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression";

const isNode = (value: unknown): value is AnyNode =>
  typeof value === "object" && value !== null && typeof (value as AnyNode).type === "string";

/** The nodes directly inside a node, in the order of the source. */
export const childrenOf = (node: AnyNode): AnyNode[] =>
  Object.values(node).flatMap((value: unknown): unknown[] => (Array.isArray(value) ? value : [value])).filter(isNode)
    .sort((a, b) => a.start - b.start);

/** Visits a tree from the root to the leaves, with the ancestors of each node. */
export const walk = (
  node: AnyNode, visit: (node: AnyNode, path: readonly AnyNode[]) => void, path: readonly AnyNode[] = [],
): void => {
  visit(node, path);
  const below = [...path, node];
  for (const child of childrenOf(node)) {
    walk(child, visit, below);
  }
};

/** The identifiers that a pattern declares. */
const namesOf = (pattern: Pattern | null): AnyNode[] => {
  switch (pattern?.type) {
    case "Identifier": return [pattern];
    case "AssignmentPattern": return namesOf(pattern.left);
    case "RestElement": return namesOf(pattern.argument);
    case "ArrayPattern": return pattern.elements.flatMap(namesOf);
    case "ObjectPattern":
      return pattern.properties.flatMap((p) => namesOf(p.type === "Property" ? p.value : p.argument));
    default: return [];
  }
};

const holdsVar = (node: AnyNode): boolean => isFunction(node) || node.type === "Program";

const holdsLet = (node: AnyNode): boolean =>
  holdsVar(node) || /^(BlockStatement|For(In|Of)?Statement|SwitchStatement|CatchClause|ClassBody)$/.test(node.type);

const innermost = (path: readonly AnyNode[], holds: (node: AnyNode) => boolean): AnyNode => path.findLast(holds)!;

/** Whether an identifier is the name of a member, not of a variable. */
const isMemberName = (node: AnyNode, parent: AnyNode | undefined): boolean => {
  switch (parent?.type) {
    case "MemberExpression": return parent.property === node && !parent.computed;
    case "Property": return parent.key === node && !parent.computed && !parent.shorthand;
    case "MethodDefinition":
    case "PropertyDefinition": return parent.key === node && !parent.computed;
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
    case "MetaProperty": return true;
    default: return false;
  }
};

/** All names of a program, each use with its declaration. */
export const namesIn = (program: Program): { bindings: Binding[]; references: Reference[] } => {
  const bindings: Binding[] = [];
  const scopes = new Map<AnyNode, Map<string, Binding>>();
  const declared = new Set<AnyNode>();
  const add = (node: AnyNode, kind: Binding["kind"], scope: AnyNode, path: readonly AnyNode[]): void => {
    const name = (node as AnyNode & { name: string }).name;
    const names = scopes.get(scope) ?? new Map<string, Binding>();
    scopes.set(scope, names);
    declared.add(node);
    if (!names.has(name)) {
      const binding = { kind, node, path, scope };
      names.set(name, binding);
      bindings.push(binding);
    }
  };
  walk(program, (node, path) => {
    if (node.type === "VariableDeclaration") {
      const kind = node.kind === "var" ? "var" : node.kind === "let" ? "let" : "const";
      const scope = innermost(path, kind === "var" ? holdsVar : holdsLet);
      node.declarations.flatMap((d) => namesOf(d.id)).forEach((id) => add(id, kind, scope, [...path, node]));
    } else if (node.type === "CatchClause") {
      namesOf(node.param ?? null).forEach((id) => add(id, "catch", node, path));
    } else if (node.type === "ClassDeclaration") {
      add(node.id!, "class", innermost(path, holdsLet), path);
    } else if (isFunction(node)) {
      if (node.type === "FunctionDeclaration") {
        add(node.id, "function", innermost(path, holdsLet), path);
      } else if (node.type === "FunctionExpression" && node.id) {
        add(node.id, "parameter", node, path);
      }
      node.params.flatMap((p) => namesOf(p)).forEach((id) => add(id, "parameter", node, [...path, node]));
    }
  });
  const references: Reference[] = [];
  walk(program, (node, path) => {
    if (node.type === "Identifier" && !declared.has(node) && !isMemberName(node, path.at(-1))) {
      const home = path.findLast((scope) => scopes.get(scope)?.has(node.name));
      references.push({ name: node.name, node, path, binding: home && scopes.get(home)!.get(node.name) });
    }
  });
  return { bindings, references };
};
