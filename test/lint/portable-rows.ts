/** For each rule of the portable subset: code that it reports, and the nearest code that it lets pass. */
import type { BanName } from "../../tools/lint/subset.ts";

interface Row {
  bad: string[];
  good: string[];
}

export const rows: Record<BanName, Row> = {
  "default-parameter": {
    bad: ["export const f = (a = 1): number => a;"],
    good: ["export const f = (a?: number): number => (a === undefined ? 1 : a);"],
  },
  "rest-parameter": {
    bad: ["export const f = (...a: number[]): number => a.length;"],
    good: ["export const f = (a: number[]): number => a.length;"],
  },
  spread: {
    bad: ["export const a = [...[1], 2];", "export const a = { ...{ b: 1 } };", "export const a = Math.max(...[1, 2]);"],
    good: ["export const a = [1].concat([2]);"],
  },
  destructuring: {
    bad: ["const [a] = [1];\nexport const b = a;", "export const f = ({ a }: { a: number }): number => a;"],
    good: ["const l = [1];\nexport const b = l[0];"],
  },
  "optional-chain": {
    bad: ["export const f = (o: { a: number } | undefined): number | undefined => o?.a;"],
    good: ["export const f = (o: { a: number } | undefined): number | undefined => (o === undefined ? o : o.a);"],
  },
  "logical-assignment": {
    bad: ["export let a: number | undefined;\na ??= 1;", "export let a = true;\na &&= false;"],
    good: ["export let a: number | undefined;\na = a ?? 1;\na += 1;"],
  },
  exponent: { bad: ["export const a = 2 ** 3;", "export let a = 2;\na **= 3;"], good: ["export const a = 2 * 3;"] },
  "computed-key": {
    bad: ["const k = 'x' as string;\nexport const a = { [k]: 1 };"],
    good: ["const k = 0;\nexport const a: number[] = [];\na[k] = 1;"],
  },
  label: {
    bad: ["export const f = (): void => { a: while (true) { break a; } };"],
    good: ["export const f = (): void => { while (true) { break; } };"],
  },
  generator: { bad: ["export function* f(): unknown { yield 1; }"], good: ["export function f(): number { return 1; }"] },
  async: {
    bad: ["export const f = async (): Promise<void> => {};", "export const f = async (p: unknown): Promise<void> => { await p; };"],
    good: ["export const f = (done: (this: void) => void): void => { done(); };"],
  },
  class: {
    bad: ["export class A { a = 1; }", "export const A = class { b(): number { return 1; } };"],
    good: ["export interface A { a: number }\nexport const make = (): A => ({ a: 1 });"],
  },
  "new-target": { bad: ["export function f(): unknown { return new.target; }"], good: ["export const target = 1;"] },
  "tagged-template": {
    bad: ["const t = (a: unknown): unknown => a;\nexport const a = t`x`;"], good: ["export const a = `x${1}`;"],
  },
  bigint: { bad: ["export const a = 1n;"], good: ["export const a = 1;"] },
  regexp: { bad: ["export const f = /a/;"], good: ["export const f = '/a/';"] },
  enum: {
    bad: ["export enum A { B }", "export namespace A { export const b = 1; }"],
    good: ["export type A = 'b' | 'c';\nexport const B = 1;"],
  },
  switch: {
    bad: ["export const f = (a: number): number => { switch (a) { default: return 1; } };"],
    good: ["export const f = (a: number): number => { if (a === 1) { return 2; } return 1; };"],
  },
  continue: {
    bad: ["export const f = (a: number[]): void => { for (const b of a) { if (b > 1) { continue; } } };"],
    good: ["export const f = (a: number[]): void => { for (const b of a) { if (b > 1) { break; } } };"],
  },
  null: { bad: ["export const a = null;"], good: ["export const a = undefined;\nexport type B = number | null;"] },
  "signed-shift": {
    bad: ["export let a = 8 >> 1;\na = 1;", "export let a = 8;\na >>= 1;"],
    good: ["export let a = 8 >>> 1;\na = a << 2;\na >>>= 1;"],
  },
  "int-cast": {
    bad: ["export const f = (a: number): number => a | 0;", "export const f = (a: number): number => ~~a;"],
    good: ["export const f = (a: number): number => (Math.floor(a) & 255) | 1;"],
  },
  accessor: {
    bad: ["export const a = { get b(): number { return 1; } };"],
    good: ["export const a = { get: (): number => 1, set: 1 };"],
  },
  delete: {
    bad: ["export const f = (o: { a?: number }): void => { delete o.a; };"],
    good: ["export const f = (o: { a: number | undefined }): void => { o.a = undefined; };"],
  },
  throw: {
    bad: ["export const f = (): void => { throw 'a'; };"], good: ["export const f = (): string => 'a';"],
  },
  try: {
    bad: ["export const f = (g: (this: void) => void): void => { try { g(); } catch { g(); } };"],
    good: ["export const f = (g: (this: void) => void): void => { g(); };"],
  },
  "for-in": {
    bad: ["export const f = (o: { a: number }): void => { for (const k in o) { f({ a: k.length }); } };"],
    good: ["export const f = (o: { a: number }): boolean => 'a' in o;"],
  },
  var: { bad: ["export var a = 1;"], good: ["export let a = 1;\nexport const b = 2;"] },
  "array-length": {
    bad: ["export const f = (a: number[]): void => { a.length = 0; };", "export const f = (a: number[]): void => { a.length--; };"],
    good: ["export const f = (a: number[]): number => { const n = a.length; a.splice(0, n); return a.length - 1; };"],
  },
  arguments: {
    bad: ["export function f(): unknown { return arguments; }"], good: ["export const f = (args: number): number => args;"],
  },
  instanceof: {
    bad: ["export const f = (a: unknown, b: (this: void) => void): boolean => a instanceof b;"],
    good: ["export const f = (a: unknown): boolean => typeof a === 'string';"],
  },
  new: {
    bad: ["export const f = (a: new () => unknown): unknown => new a();"],
    good: ["export const f = (a: (this: void) => unknown): unknown => a();"],
  },
  "dynamic-import": { bad: ["export const a = import('./b.ts');"], good: ["export * from './b.ts';"] },
  "default-export": {
    bad: ["export default 1;", "import b from './b.ts';\nexport const a: unknown = b;"],
    good: ["import * as b from './b.ts';\nexport const a: unknown = b.c;"],
  },
  "this-void": {
    bad: ["export type F = (a: number) => void;", "export interface A { f(a: number): void }"],
    good: ["export type F = (this: void, a: number) => void;", "export interface A { f(this: void): void }"],
  },
  "lua-keyword": {
    bad: [
      "export const f = (a: { end: number }): number => a.end;", "export const a = { then: 1 };", "export const local = 1;",
      "const nil = 1;\nexport const a = nil;", "export interface A { repeat: number }",
    ],
    good: ["export const f = (end: number): number => { const then = end; return then; };", "export const ends = 1;"],
  },
  hoisting: {
    bad: ["export const a = f();\nfunction f(): number { return 1; }", "export const f = (): number => { a = 1; return a; var a; };"],
    good: [
      "export const g = (): number => f();\nconst f = (): number => 1;", "function f(): number { return 1; }\nexport const a = f();",
      "export type A = B;\ninterface B { c: number }",
    ],
  },
  "loop-closure": {
    bad: [
      "export const f = (g: (this: void, h: (this: void) => number) => void): void => {"
      + " for (let i = 0; i < 2; i++) { g(() => i); } };",
      "export const f = (g: (this: void, h: (this: void) => number) => void): void => {"
      + " for (const i of [1, 2]) { g(() => i); } };",
    ],
    good: [
      "export const f = (g: (this: void, h: (this: void) => number) => void): void => {"
      + " for (const i of [1, 2]) { const j = i; g(() => j); } };",
    ],
  },
  global: {
    bad: [
      "export const a = new Map<string, number>();", "export const a = JSON.stringify(1);", "export const a = parseInt('1', 10);",
      "export const a = Number('1');", "export const a: unknown = Symbol.iterator;", "setTimeout(() => {}, 1);",
      "export const a = new Uint8Array(1);", "export const a = Object.keys({});", "export const a = Array.from([1]);",
    ],
    good: [
      "export const a = Math.floor(1.5);", "const Map = 1;\nexport const a = Map;", "export type A = Map<string, Uint8Array>;",
      "export const a: number | undefined = undefined;",
    ],
  },
  member: {
    bad: [
      "export const a = (1.5).toFixed(1);", "export const f = (n: number): string => n.toString(16);", "export const a = Math.trunc(1.5);",
      "export const a = Math.round(2.5);", "export const f = (s: string): boolean => s.startsWith('a');",
      "export const f = (s: string): string[] => s.split(',');", "export const f = (s: string): string => s.substr(1);",
      "export const f = (s: string | undefined): unknown => s!.codePointAt(0);", "export const f = (l: number[][]): number[] => l.flat();",
      "export const f = (l: readonly number[]): unknown => l.at(0);", "export const f = (l: [number]): unknown => l.entries();",
      "export const f = (s: 'a' | 'b'): string => s.trimStart();", "export const f = <T extends string>(s: T): string => s.trim();",
    ],
    good: [
      "export const f = (s: string): number => s.charCodeAt(0) + s.length;", "export const f = (s: string): string => s.substring(1);",
      "export const f = (l: number[]): number => l.push(1);", "export const a = Math.floor(2.5) + Math.max(1, 2);",
      "export const a = String.fromCharCode(65);", "export const f = (o: { trim: number }): number => o.trim;",
      "export const f = (o: { at: (this: void) => number }): number => o.at();",
    ],
  },
  "string-index": {
    bad: ["export const f = (s: string): string | undefined => s[0];"],
    good: ["export const f = (s: string[]): string | undefined => s[0];"],
  },
  "string-iteration": {
    bad: ["export const f = (s: string): void => { for (const c of s) { f(c); } };"],
    good: ["export const f = (s: string[]): void => { for (const c of s) { f([c]); } };"],
  },
  "fraction-text": {
    bad: ["export const f = (n: number): string => 'a' + n / 2;", "export const f = (n: number): string => `a${n / 2}`;"],
    good: ["export const f = (n: number): string => 'a' + Math.floor(n / 2);", "export const f = (n: number): number => 1 + n / 2;"],
  },
};
