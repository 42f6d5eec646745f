/** New names for the locals of a Lua program, as short as can be. */
import type { Chunk, Identifier, Node } from "luaparse";

interface Local {
  places: number[];
  name: string;
}

/** A block: what it declares, what it and the blocks in it use of the blocks around, and which globals. */
interface Scope {
  parent: Scope | undefined;
  children: Scope[];
  declared: Local[];
  visible: Map<string, Local>;
  outer: Set<Local>;
  globals: Set<string>;
}

const KEYWORDS = new Set([
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil", "not", "or",
  "repeat", "return", "then", "true", "until", "while",
]);

const FIRST = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
const NEXT = `${FIRST}0123456789`;

const nameOf = (n: number): string => {
  let name = FIRST[n % FIRST.length]!;
  for (let rest = Math.floor(n / FIRST.length); rest > 0; rest = Math.floor((rest - 1) / NEXT.length)) {
    name += NEXT[(rest - 1) % NEXT.length]!;
  }
  return name;
};

const enter = (parent: Scope | undefined): Scope => {
  const scope: Scope = {
    parent, children: [], declared: [], visible: new Map(), outer: new Set(), globals: new Set(),
  };
  parent?.children.push(scope);
  return scope;
};

const start = (node: Node): number => (node as unknown as { range: [number, number] }).range[0];

const declare = (scope: Scope, { name }: Identifier, place: number | undefined): void => {
  const local = { places: place === undefined ? [] : [place], name };
  scope.declared.push(local);
  scope.visible.set(name, local);
};

const refer = (from: Scope, node: Identifier): void => {
  const passed: Scope[] = [];
  for (let scope: Scope | undefined = from; scope; scope = scope.parent) {
    const local = scope.visible.get(node.name);
    if (local) {
      local.places.push(start(node));
      for (const each of passed) each.outer.add(local);
      return;
    }
    passed.push(scope);
  }
  for (const each of passed) each.globals.add(node.name);
};

/** Visits what stands in a node, in the order in which Lua sees it. */
const visit = (node: Node, scope: Scope): void => {
  const all = (nodes: Node[], within = scope): void => nodes.forEach((each) => visit(each, within));
  const block = (body: Node[], before?: (inner: Scope) => void): Scope => {
    const inner = enter(scope);
    before?.(inner);
    all(body, inner);
    return inner;
  };
  switch (node.type) {
    case "Identifier":
      return refer(scope, node);
    case "LocalStatement":
      all(node.init);
      return node.variables.forEach((each) => declare(scope, each, start(each)));
    case "FunctionDeclaration":
      if (node.isLocal && node.identifier?.type === "Identifier") declare(scope, node.identifier, start(node.identifier));
      else if (node.identifier) visit(node.identifier, scope);
      return void block(node.body, (inner) => node.parameters.forEach((each) => {
        if (each.type === "Identifier") declare(inner, each, start(each));
      }));
    case "ForNumericStatement":
      all([node.start, node.end, ...(node.step ? [node.step] : [])]);
      return void block(node.body, (inner) => declare(inner, node.variable, start(node.variable)));
    case "ForGenericStatement":
      all(node.iterators);
      return void block(node.body, (inner) => node.variables.forEach((each) => declare(inner, each, start(each))));
    case "RepeatStatement":
      // Its condition sees the locals of its body.
      return visit(node.condition, block(node.body));
    case "DoStatement":
      return void block(node.body);
    case "WhileStatement":
      visit(node.condition, scope);
      return void block(node.body);
    case "IfStatement":
      return node.clauses.forEach((clause) => {
        if (clause.type !== "ElseClause") visit(clause.condition, scope);
        block(clause.body);
      });
    case "MemberExpression":
      return visit(node.base, scope);
    case "TableKeyString":
      return visit(node.value, scope);
    case "LabelStatement":
    case "GotoStatement":
      return undefined;
    default:
      return all(Object.values(node).flat().filter((each): each is Node =>
        typeof each === "object" && each !== null && typeof (each as Node).type === "string"));
  }
};

const give = (scope: Scope): void => {
  const taken = new Set([...scope.globals, ...[...scope.outer].map(({ name }) => name), ...KEYWORDS]);
  let n = 0;
  for (const local of scope.declared.sort((a, b) => b.places.length - a.places.length)) {
    while (taken.has(nameOf(n))) n++;
    local.name = nameOf(n++);
  }
  scope.children.forEach(give);
};

/** New names by the place in the text where the old one stands. */
export const localsOf = (ast: Chunk): Map<number, string> => {
  const top = enter(undefined);
  ast.body.forEach((each) => visit(each, top));
  give(top);
  const names = new Map<number, string>();
  const collect = ({ declared, children }: Scope): void => {
    for (const { places, name } of declared) for (const place of places) names.set(place, name);
    children.forEach(collect);
  };
  collect(top);
  return names;
};
