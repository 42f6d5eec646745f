/**
 * Reads a board file and those that it extends: JSON with comments, every syntax error in words, places of all values.
 */
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, relative, resolve } from "node:path";
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Place } from "./report.ts";
import type { Problem } from "./types.ts";
import { isObject, nearest, pathText, type Segment } from "./words.ts";

/** A JSON file that was read. `tree` and `value` are undefined when it could not be. */
export interface Source {
  /** Absolute path. */
  file: string;
  /** The path as people see it: relative to the working directory where it is inside. */
  shown: string;
  text: string;
  tree: Node | undefined;
  value: unknown;
  problems: Problem[];
}

/** Path of a file for messages. */
export function shownPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path === "" || path.startsWith("..") || isAbsolute(path) ? file : path.replaceAll("\\", "/");
}

const SYNTAX: Record<string, string> = {
  InvalidSymbol: "this is not JSON: text needs double quotes",
  InvalidNumberFormat: "this is not a number as JSON writes it",
  PropertyNameExpected: "a key in double quotes is expected here (is there a comma too many before it?)",
  ValueExpected: "a value is expected here (is there a comma too many before it?)",
  ColonExpected: "a colon is expected between key and value",
  CommaExpected: "a comma is missing before this",
  CloseBraceExpected: "a closing } is missing",
  CloseBracketExpected: "a closing ] is missing",
  EndOfFileExpected: "nothing may follow the end of the board",
  InvalidCommentToken: "this comment is not closed",
  UnexpectedEndOfComment: "this comment is not closed",
  UnexpectedEndOfString: "the closing double quote is missing",
  UnexpectedEndOfNumber: "this number is not complete",
  InvalidUnicode: "\\u needs four hexadecimal digits",
  InvalidEscapeCharacter: "there is no such escape: a backslash is written \\\\",
  InvalidCharacter: "a control character has to be written as an escape such as \\n",
};

/** Line and column, from 1, of an offset in a text. */
export function lineColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before[before.length - 1]!.length + 1 };
}

/** Reads and parses one file. Whatever is wrong ends in `problems`; it does not throw. */
export async function readSource(file: string): Promise<Source> {
  const path = resolve(file);
  const source: Source =
    { file: path, shown: shownPath(path), text: "", tree: undefined, value: undefined, problems: [] };
  const fail = (message: string, suggestion?: string): Source => {
    source.problems.push({
      file: source.shown, path: "", severity: "error", message, ...(suggestion === undefined ? {} : { suggestion }),
    });
    return source;
  };
  try {
    source.text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return fail("there is no such file", await neighbour(path));
    if (code === "EISDIR") return fail("this is a folder, not a board file");
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return fail("the file is not UTF-8 text", "save it as UTF-8");
    return fail(`the file cannot be read: ${code ?? "unknown error"}`);
  }
  return parse(source, fail);
}

function parse(source: Source, fail: (message: string, suggestion?: string) => Source): Source {
  const errors: ParseError[] = [];
  try {
    source.tree = parseTree(source.text, errors, { allowTrailingComma: false });
    if (source.tree !== undefined && errors.length === 0) {
      source.value = valueOf(source.tree, [], (node, path, message) => {
        const place = lineColumn(source.text, node.offset);
        source.problems.push({ file: source.shown, path: pathText(path), severity: "error", message, ...place });
      });
    }
  } catch (error) {
    // The parser recurses: some ten thousand brackets end its stack.
    if (error instanceof RangeError) return fail("the JSON is nested too deeply");
    throw error;
  }
  const seen = new Set<string>();
  for (const { error, offset } of errors) {
    const place = lineColumn(source.text, offset);
    const message = SYNTAX[printParseErrorCode(error)] ?? "this is not JSON";
    if (seen.has(`${place.line} ${message}`)) continue;
    seen.add(`${place.line} ${message}`);
    source.problems.push({ file: source.shown, path: "", severity: "error", message, ...place });
  }
  if (errors.length === 0 && source.tree === undefined) return fail("the file is empty");
  return source;
}

/**
 * The value of a tree. Keys that are there twice are told to `warn`, and so is the one that JavaScript gives a meaning.
 */
function valueOf(node: Node, path: Segment[], warn: (node: Node, path: Segment[], message: string) => void): unknown {
  if (node.type === "array") return (node.children ?? []).map((child, i) => valueOf(child, [...path, i], warn));
  if (node.type !== "object") return node.value;
  const value: Record<string, unknown> = {};
  for (const property of node.children ?? []) {
    const [name, child] = property.children ?? [];
    if (name === undefined || child === undefined) continue;
    const key = String(name.value);
    if (key === "__proto__") {
      warn(name, [...path, key], "there is no such key");
      continue;
    }
    if (Object.hasOwn(value, key)) warn(name, [...path, key], "this key is written twice: remove one of them");
    value[key] = valueOf(child, [...path, key], warn);
  }
  return value;
}

/** Suggests a file of a similar name in the same folder, or of the same name in `boards/`. */
async function neighbour(path: string): Promise<string | undefined> {
  const folders = [dirname(path), resolve("boards")];
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => [] as string[]);
    const near = nearest(basename(path), names.filter((name) => /\.json$/.test(name) && name !== "secrets.json"));
    if (near !== undefined) return `did you mean "${shownPath(resolve(folder, near))}"?`;
  }
  return undefined;
}

/** A board file with those that it extends merged in: `layers[0]` is the file itself. */
export interface Layers {
  layers: Source[];
  /** The merged value; undefined when a file could not be read. */
  value: unknown;
  problems: Problem[];
}

/** Reads a board file and, through `extends`, its bases. Objects are merged deeply, all else is replaced. */
export async function readLayers(file: string): Promise<Layers> {
  const layers: Source[] = [];
  const problems: Problem[] = [];
  let next: string | undefined = resolve(file);
  while (next !== undefined) {
    const source: Source = await readSource(next);
    const user = layers[layers.length - 1];
    // A base that is not there is a mistake of the file that names it.
    if (user !== undefined && source.text === "" && source.problems.length > 0) {
      const { message, suggestion } = source.problems[0]!;
      problems.push({
        ...placeIn(user, ["extends"])!, path: "extends", severity: "error",
        message: `cannot extend ${source.shown}: ${message}`, ...(suggestion === undefined ? {} : { suggestion }),
      });
      break;
    }
    layers.push(source);
    problems.push(...source.problems);
    const base: unknown = isObject(source.value) ? source.value["extends"] : undefined;
    next = typeof base === "string" ? resolve(dirname(source.file), base) : undefined;
    const seen = layers.findIndex((layer) => layer.file === next);
    if (seen >= 0) {
      const round = [...layers.slice(seen), layers[seen]!].map((layer) => layer.shown).join(" -> ");
      problems.push({
        ...placeIn(source, ["extends"])!, path: "extends", severity: "error",
        message: `the files extend each other in a circle: ${round}`, suggestion: "remove one \"extends\"",
      });
      break;
    }
  }
  const value = problems.length > 0 ? undefined
    : layers.reduceRight<unknown>((base, layer) => merge(base, layer.value), undefined);
  return { layers, value, problems };
}

/** `over` on top of `base`: objects are merged, all else is replaced. */
export function merge(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const key of Object.keys(over)) merged[key] = Object.hasOwn(base, key) ? merge(base[key], over[key]) : over[key];
  return merged;
}

/** Where a path is written: in the topmost layer that has it, else where the longest part of it is. */
export function locateIn(layers: readonly Source[], path: readonly Segment[]): Place {
  const visible: Source[] = [];
  for (const layer of layers) {
    visible.push(layer);
    // A list, or any value that is no object, replaces what the layers below have there.
    if (path.some((_, i) => (nodeIn(layer, path.slice(0, i + 1))?.type ?? "object") !== "object")) break;
  }
  for (let length = path.length; length > 0; length--) {
    for (const layer of visible) {
      const place = placeIn(layer, path.slice(0, length));
      if (place) return place;
    }
  }
  return layers[0] ? placeIn(layers[0], []) ?? { file: layers[0].shown } : { file: "" };
}

function nodeIn(source: Source, path: readonly Segment[]): Node | undefined {
  return source.tree && findNodeAtLocation(source.tree, [...path]);
}

function placeIn(source: Source, path: readonly Segment[]): Place | undefined {
  const node = nodeIn(source, path);
  if (!node) return undefined;
  const from = node.parent?.type === "property" ? node.parent : node;
  return { file: source.shown, ...lineColumn(source.text, from.offset) };
}
