/**
 * What the interpreters on the boards lack, by feature and never by target: the bundler asks which features
 * to lower, the grammar check asks which to reject, and a new interpreter version is one more set. Each row
 * was tried on the interpreter: test/build/grammar.test.ts runs them again wherever ESPRUINO names one.
 */

export interface Feature {
  /** What is wrong with it on an interpreter that lacks it. */
  says: string;
  /** What to write instead. */
  instead: string;
  /** esbuild's names for it: switched off there, it is lowered, or refused with the place in the source. */
  esbuild?: readonly string[];
}

const table = {
  "default-argument": {
    says: "a default parameter", instead: "test for undefined in the body", esbuild: ["default-argument"],
  },
  "rest-argument": { says: "a rest parameter", instead: "name the parameters", esbuild: ["rest-argument"] },
  spread: {
    says: "spread", instead: "pass or copy one by one", esbuild: ["array-spread", "object-rest-spread"],
  },
  destructuring: {
    says: "destructuring", instead: "read the members one by one", esbuild: ["destructuring", "nested-rest-binding"],
  },
  "optional-chain": { says: "`?.`", instead: "compare with undefined first", esbuild: ["optional-chain"] },
  "logical-assignment": {
    says: "`??=`, `||=` or `&&=`", instead: "use an if", esbuild: ["logical-assignment"],
  },
  exponent: { says: "`**`", instead: "multiply, or Math.pow", esbuild: ["exponent-operator"] },
  "computed-key": { says: "a computed key", instead: "assign to object[key] afterwards" },
  label: { says: "a label", instead: "return from a function" },
  generator: { says: "a generator", instead: "use a callback", esbuild: ["generator", "async-generator"] },
  async: { says: "async, await", instead: "use a callback", esbuild: ["async-await", "for-await"] },
  "private-member": {
    says: "a #private member",
    instead: "use a variable of the module",
    esbuild: [
      "class-private-accessor", "class-private-brand-check", "class-private-field", "class-private-method",
      "class-private-static-accessor", "class-private-static-field", "class-private-static-method",
    ],
  },
  "static-block": { says: "a static block", instead: "run it after the class", esbuild: ["class-static-blocks"] },
  "object-super": { says: "`super` outside of a class", instead: "call the function by its name" },
  "string-accessor": { says: "an accessor with a quoted name", instead: "use a function", esbuild: ["object-accessors"] },
  "new-target": { says: "`new.target`", instead: "use a function that is not called with new", esbuild: ["new-target"] },
  "tagged-template": { says: "a tagged template", instead: "call the function" },
  bigint: { says: "a BigInt", instead: "use two numbers", esbuild: ["bigint"] },
  "unicode-escape": { says: "`\\u{}`", instead: "write \\xNN for each byte", esbuild: ["unicode-escapes"] },
  module: { says: "import or export", instead: "bundle it", esbuild: ["dynamic-import", "import-meta"] },
  with: { says: "`with`", instead: "name the object" },
  debugger: { says: "`debugger` (it stops the board)", instead: "remove it" },
  "keyword-name": { says: "`of` as a name (a keyword here)", instead: "rename it" },
  "regexp-syntax": {
    says: "a regular expression with (?...), {n}, a lazy quantifier, a repeated group, \\b, a back reference or one of the flags y, m, s, u, v, d (most match wrongly without a word)",
    instead: "compare by index",
  },
  "regexp-statement": {
    says: "a regular expression after `)` (it is read as a division)", instead: "assign it to a variable first",
  },
  "case-after-default": { says: "`case` after `default` (throws when it is reached)", instead: "put default last" },
  "line-break": {
    says: "a line break that ends a statement here and not there (return, throw, ++, --)",
    instead: "write the semicolon",
  },
  hoisting: {
    says: "use before the declaration was run (functions and var are not hoisted)",
    instead: "declare it above its first use",
  },
  "loop-closure": {
    says: "a function that captures the variable in the head of a loop (all rounds share one)",
    instead: "copy it to a const in the body, or pass it as an argument",
  },
  "array-length": { says: "assignment to length (throws)", instead: "use splice, or a new array" },
  "prototype-member": { says: "a method read from a built-in prototype (is undefined)", instead: "[].slice, \"\".indexOf" },
  "missing-global": { says: "which is not there", instead: "use arrays, objects and numbers" },
  "missing-member": { says: "which is not there", instead: "write the loop" },
  "plain-text": {
    says: "a byte that is not printable ASCII (uploaders damage it)", instead: "escape it as \\xNN",
  },
} as const satisfies Record<string, Feature>;

export type FeatureName = keyof typeof table;

/** Every feature that we know to be missing somewhere. */
export const features: Readonly<Record<FeatureName, Feature>> = table;

/** Interpreters, and which features each lacks. */
export const lacks: Readonly<Record<string, ReadonlySet<FeatureName>>> = {
  "espruino-2v29": new Set(Object.keys(table) as FeatureName[]),
};

/** Globals of the language (and of Node) that Espruino 2v29 has not. */
export const missingGlobals: ReadonlySet<string> = new Set([
  "AbortController", "AggregateError", "Atomics", "BigInt", "BigInt64Array", "BigUint64Array", "Buffer", "EvalError",
  "FinalizationRegistry", "Intl", "Iterator", "Map", "Proxy", "RangeError", "Reflect", "Set", "SharedArrayBuffer",
  "Symbol", "TextDecoder", "TextEncoder", "URIError", "URL", "URLSearchParams", "WeakMap", "WeakRef", "WeakSet",
  "crypto", "decodeURI", "encodeURI", "escape", "fetch", "performance", "queueMicrotask", "setImmediate",
  "structuredClone", "unescape",
]);

/** Members of built-in objects that Espruino 2v29 has not. */
export const missingStatics: Readonly<Record<string, ReadonlySet<string>>> = {
  Array: new Set(["from", "fromAsync", "of"]),
  Date: new Set(["UTC"]),
  Math: new Set([
    "acosh", "asinh", "atanh", "cbrt", "clz32", "cosh", "expm1", "fround", "hypot", "imul", "log10", "log1p", "log2",
    "sinh", "tanh", "trunc",
  ]),
  Number: new Set([
    "EPSILON", "MAX_SAFE_INTEGER", "MIN_SAFE_INTEGER", "isFinite", "isInteger", "isNaN", "isSafeInteger", "parseFloat",
    "parseInt",
  ]),
  Object: new Set([
    "freeze", "getOwnPropertySymbols", "groupBy", "hasOwn", "is", "isExtensible", "isFrozen", "isSealed",
    "preventExtensions", "seal",
  ]),
  Promise: new Set(["allSettled", "any", "race"]),
  String: new Set(["fromCodePoint", "raw"]),
};

/**
 * Methods that strings, numbers and arrays of Espruino 2v29 have not. Only where they are called, as an
 * object of our own may have a member of the same name; names as common as `keys` and `at` are left to the
 * lint rules, which know types.
 */
export const missingMethods: ReadonlySet<string> = new Set([
  "codePointAt", "copyWithin", "findLast", "findLastIndex", "flat", "flatMap", "isWellFormed", "localeCompare", "matchAll",
  "normalize", "reduceRight", "toExponential", "toLocaleString", "toLocaleLowerCase", "toLocaleUpperCase", "toPrecision",
  "toReversed", "toSorted", "toSpliced", "toWellFormed", "trimEnd", "trimLeft", "trimRight", "trimStart",
]);

/** The `supported` map of esbuild for an interpreter. */
export const supportedBy = (interpreter: string): Record<string, boolean> => {
  const names = [...(lacks[interpreter] ?? [])].flatMap((name) => features[name].esbuild ?? []);
  // Works there, but costs more bytes or time than what it is lowered to.
  return Object.fromEntries([...names, "template-literal"].map((name) => [name, false]));
};

export const espruinoSupported = supportedBy("espruino-2v29");
