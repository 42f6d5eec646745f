/** New names for the locals of a Lua program, as short as can be. */
import type { Chunk, Identifier, Node } from "luaparse";

interface Local {
  places: number[];
  name: string;
}

/** A block: what it declares, what it and the blocks in it use of the blocks around, and which globals. */
interface Scope {
  parent: Scope | undefined;
  /** The block of a function, or the top. */
  isFunction: boolean;
  /** Locals of the function that are in use so far, and at most; with those that the interpreter hides in a loop. */
  active: number;
  mostActive: number;
  children: Scope[];
  declared: Local[];
  visible: Map<string, Local>;
  outer: Set<Local>;
  globals: Set<string>;
}

/** Index, limit and step; generator, state and control. */
const HIDDEN_IN_LOOP = 3;

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

const enter = (parent: Scope | undefined, isFunction: boolean, hidden = 0): Scope => {
  const active = (isFunction ? 0 : parent!.active) + hidden;
  const scope: Scope = {
    parent, isFunction, active, mostActive: active, children: [], declared: [], visible: new Map(), outer: new Set(),
    globals: new Set(),
  };
  parent?.children.push(scope);
  return scope;
};

const start = (node: Node): number => (node as unknown as { range: [number, number] }).range[0];

const declare = (scope: Scope, { name }: Identifier, place: number | undefined): void => {
  const local = { places: place === undefined ? [] : [place], name };
  scope.declared.push(local);
  scope.visible.set(name, local);
  scope.active++;
  for (let at: Scope | undefined = scope; at; at = at.isFunction ? undefined : at.parent) {
    at.mostActive = Math.max(at.mostActive, scope.active);
  }
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
  const block = (body: Node[], before?: (inner: Scope) => void, isFunction = false, hidden = 0): Scope => {
    const inner = enter(scope, isFunction, hidden);
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
      }), true);
    case "ForNumericStatement":
      all([node.start, node.end, ...(node.step ? [node.step] : [])]);
      return void block(node.body, (inner) => declare(inner, node.variable, start(node.variable)), false,
        HIDDEN_IN_LOOP);
    case "ForGenericStatement":
      all(node.iterators);
      return void block(node.body, (inner) => node.variables.forEach((each) => declare(inner, each, start(each))),
        false, HIDDEN_IN_LOOP);
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

const analyse = (ast: Chunk): Scope => {
  const top = enter(undefined, true);
  ast.body.forEach((each) => visit(each, top));
  return top;
};

/** Of all functions, the most locals that are in use at a time, and the most variables of functions around. */
export const limitsOf = (ast: Chunk): { locals: number; upvalues: number } => {
  const most = { locals: 0, upvalues: 0 };
  const look = ({ isFunction, mostActive, outer, children }: Scope): void => {
    if (isFunction) {
      most.locals = Math.max(most.locals, mostActive);
      most.upvalues = Math.max(most.upvalues, outer.size);
    }
    children.forEach(look);
  };
  look(analyse(ast));
  return most;
};

export interface Locals {
  /** New names by the place in the text where the old one stands. */
  names: Map<number, string>;
  /** How often each local of the top is named, by the place where it is declared. */
  topUses: Map<number, number>;
}

export const localsOf = (ast: Chunk): Locals => {
  const top = analyse(ast);
  give(top);
  const names = new Map<number, string>();
  const collect = ({ declared, children }: Scope): void => {
    for (const { places, name } of declared) for (const place of places) names.set(place, name);
    children.forEach(collect);
  };
  collect(top);
  return { names, topUses: new Map(top.declared.map(({ places }) => [places[0]!, places.length])) };
};
