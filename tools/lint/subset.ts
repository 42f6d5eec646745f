/**
 * The portable subset: what code that reaches a board may not use, why, and what to write instead. One row is
 * one lint rule (`portable/<name>`), one line in CONTRIBUTING.md, and at least one row in the test. Most rows
 * are a selector over the syntax tree; those that need scopes or types name a check of checks.ts.
 */

/** The interpreters that code has to run on: Espruino 2v29, Lua 5.1/5.3 by way of typescript-to-lua. */
export type Runtime = "espruino" | "lua";

export interface Ban {
  /** Interpreters for whose sake it is banned. */
  for: readonly Runtime[];
  why: string;
  instead: string;
  /** esquery selector of what is reported; or else the check of this name. */
  selector?: string;
  /** Allowed in lib/platform, where a chip's own calls throw. */
  allowedInPlatform?: true;
}

const BOTH = ["espruino", "lua"] as const;
const LUA = ["lua"] as const;

/** Lua's keywords, as a pattern for selectors. */
const KEYWORDS = "/^(and|break|do|else|elseif|end|false|for|function|goto|if|in|local|nil|not|or|repeat|return|then|true|until|while)$/";
const TOP = ":matches(Program, Program > ExportNamedDeclaration)";

const rows = {
  "default-parameter": {
    for: BOTH, selector: ":function > AssignmentPattern", why: "Espruino cannot parse it",
    instead: "test the parameter for undefined",
  },
  "rest-parameter": {
    for: BOTH, selector: ":function > RestElement", why: "Espruino cannot parse it", instead: "name the parameters",
  },
  spread: { for: BOTH, selector: "SpreadElement", why: "Espruino cannot parse it", instead: "pass or copy one by one" },
  destructuring: {
    for: BOTH, selector: "ArrayPattern, ObjectPattern", why: "Espruino cannot parse it", instead: "read the members one by one",
  },
  "optional-chain": {
    for: BOTH, selector: "ChainExpression", why: "Espruino cannot parse it", instead: "compare with undefined first",
  },
  "logical-assignment": {
    for: BOTH, selector: "AssignmentExpression[operator=/^(\\?\\?|\\|\\||&&)=$/]", why: "Espruino cannot parse it",
    instead: "use an if",
  },
  exponent: {
    for: BOTH, selector: ":matches(BinaryExpression[operator='**'], AssignmentExpression[operator='**='])",
    why: "Espruino cannot parse it", instead: "multiply, or use Math.pow",
  },
  "computed-key": {
    for: BOTH, selector: "Property[computed=true]", why: "Espruino cannot parse it, and esbuild lets it pass",
    instead: "assign to object[key] afterwards",
  },
  label: {
    for: BOTH, selector: "LabeledStatement", why: "Espruino takes it for a variable, and esbuild lets it pass",
    instead: "return from a function",
  },
  generator: {
    for: BOTH, selector: ":function[generator=true]", why: "Espruino cannot parse it", instead: "use a callback",
  },
  async: {
    for: BOTH, selector: ":matches(:function[async=true], AwaitExpression)",
    why: "Espruino cannot parse it; in Lua a Promise is 7.5 KB", instead: "use a callback",
  },
  class: {
    for: BOTH, selector: ":matches(ClassDeclaration, ClassExpression)",
    why: "the client was 15 % larger as a class; #private and static blocks are not parsed at all",
    instead: "use variables and functions of the module, or a function that returns an object",
  },
  "new-target": { for: BOTH, selector: "MetaProperty", why: "Espruino cannot parse it", instead: "pass an argument" },
  "tagged-template": {
    for: BOTH, selector: "TaggedTemplateExpression", why: "Espruino cannot parse it", instead: "call the function",
  },
  bigint: { for: BOTH, selector: "Literal[bigint]", why: "neither interpreter has them", instead: "use two numbers" },
  regexp: {
    for: BOTH, selector: "Literal[regex]",
    why: "Espruino matches many of them wrongly without a word, and Lua has none", instead: "compare by index",
  },
  enum: {
    for: BOTH, selector: ":matches(TSEnumDeclaration, TSModuleDeclaration[body])",
    why: "it becomes an object that is built on the board", instead: "use constants",
  },
  switch: {
    for: BOTH, selector: "SwitchStatement",
    why: "it is slow on Espruino (8 times a table of handlers), throws there at a case after default, and Lua has none",
    instead: "use a table of handlers, or if",
  },
  continue: {
    for: LUA, selector: "ContinueStatement", why: "it becomes a goto, which Lua 5.1 has not", instead: "turn the condition round",
  },
  null: {
    for: LUA, selector: "Literal[raw='null']", why: "Lua has one nil, so null === undefined there", instead: "use undefined",
  },
  "signed-shift": {
    for: LUA, selector: ":matches(BinaryExpression[operator='>>'], AssignmentExpression[operator='>>='])",
    why: "Lua shifts zeros in", instead: "shift a number that is not negative by >>>, and subtract for the sign",
  },
  "int-cast": {
    for: LUA,
    selector: ":matches(BinaryExpression[operator='|'][right.value=0], AssignmentExpression[operator='|='][right.value=0], "
      + "UnaryExpression[operator='~'])",
    why: "Lua's bit operations are unsigned or 64 bits wide", instead: "use Math.floor; mask with &",
  },
  accessor: {
    for: BOTH, selector: "Property[kind=/^[gs]et$/]", why: "it is 4.8 KB in Lua, and lowered for Espruino", instead: "use a function",
  },
  delete: {
    for: LUA, selector: "UnaryExpression[operator='delete']", why: "it is 5.5 KB in Lua", instead: "assign undefined",
  },
  throw: {
    for: BOTH, selector: "ThrowStatement", why: "nobody catches it on a board; an Error is 4.9 KB in Lua",
    instead: "return a reason, or report it by a callback",
  },
  try: {
    for: BOTH, selector: "TryStatement", why: "only a chip's own calls throw, and those are in lib/platform", allowedInPlatform: true,
    instead: "catch it in lib/platform and return undefined",
  },
  "for-in": {
    for: BOTH, selector: "ForInStatement", why: "the order of keys differs on each interpreter", instead: "keep an array",
  },
  var: {
    for: BOTH, selector: "VariableDeclaration[kind='var'][declare=false]", why: "it is not hoisted on Espruino",
    instead: "use const or let",
  },
  "array-length": {
    for: BOTH,
    selector: ":matches(AssignmentExpression > MemberExpression.left[property.name='length'], "
      + "UpdateExpression > MemberExpression[property.name='length'])",
    why: "it throws on Espruino", instead: "use splice, or a new array",
  },
  arguments: { for: LUA, selector: "Identifier[name='arguments']", why: "Lua has none", instead: "name the parameters" },
  instanceof: {
    for: LUA, selector: "BinaryExpression[operator='instanceof']", why: "it brings a library of 1 KB in Lua",
    instead: "compare a member",
  },
  new: { for: LUA, selector: "NewExpression", why: "it brings a library in Lua", instead: "call a function that returns an object" },
  "dynamic-import": {
    for: BOTH, selector: "ImportExpression", why: "a board has one file", instead: "import at the top",
  },
  "default-export": {
    for: LUA, selector: ":matches(ExportDefaultDeclaration, ImportDefaultSpecifier)",
    why: "the Lua build joins the modules by the names of their top levels", instead: "export by name",
  },
  "this-void": {
    for: LUA,
    selector: ":matches(TSFunctionType, TSMethodSignature):not([params.0.name='this'])",
    why: "Lua passes a nil as the first argument", instead: "begin the parameters with this: void",
  },
  "lua-keyword": {
    for: LUA,
    selector: `:matches(MemberExpression[computed=false] > Identifier.property[name=${KEYWORDS}], `
      + `:matches(Property, TSPropertySignature, TSMethodSignature) > Identifier.key[name=${KEYWORDS}], `
      + `${TOP} > VariableDeclaration > VariableDeclarator > Identifier.id[name=${KEYWORDS}], `
      + `${TOP} > FunctionDeclaration > Identifier.id[name=${KEYWORDS}])`,
    why: "it is a keyword of Lua", instead: "rename it",
  },
  hoisting: {
    for: BOTH, why: "functions and variables are not hoisted on Espruino", instead: "declare it above its first use",
  },
  "loop-closure": {
    for: BOTH, why: "all rounds share the variable in the head of a loop",
    instead: "copy it to a const in the body, or pass it as an argument",
  },
  global: {
    for: BOTH, why: "not every interpreter has it, or not alike",
    instead: "import what you need of the chip from #platform; of the language Math and String.fromCharCode are there",
  },
  member: {
    for: BOTH, why: "not every interpreter has it, or it differs or costs too much",
    instead: "write the loop; text: charCodeAt, charAt, indexOf, slice, substring; numbers: integer arithmetic",
  },
  "string-index": { for: LUA, why: "a string of Lua has no elements", instead: "use charCodeAt or charAt" },
  "string-iteration": { for: LUA, why: "it is 1.9 KB in Lua", instead: "count an index and use charCodeAt" },
  "fraction-text": {
    for: BOTH, why: "Lua 5.3 prints 2.0, and Espruino other digits", instead: "divide in Math.floor, and write digits of integers",
  },
} as const satisfies Record<string, Ban>;

export type BanName = keyof typeof rows;

export const bans: Readonly<Record<BanName, Ban>> = rows;

/** What a rule says where it finds something. */
export const messageOf = (ban: Ban): string => {
  const where = ban.for.map((runtime) => (runtime === "lua" ? "Lua" : "Espruino")).join(" and ");
  return `Not for ${where}: ${ban.why}. Instead: ${ban.instead}.`;
};
