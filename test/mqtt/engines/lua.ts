/**
 * Clients in a PUC Lua VM of this process, 5.1 and 5.3: lib/mqtt joined and transpiled as a firmware is. The text that
 * an engine is given is JavaScript; what is made here is made of the same modules, and of their sources, in which a
 * mutant has its place, too. Of other changes of the text the number of packet ids alone is known here.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { createLuaVm, type LuaVersion, type LuaVm } from "../../../simulator/engines/lua/vm.ts";
import { joinModules } from "../../../tools/build/lua/join.ts";
import { transpile } from "../../../tools/build/lua/transpile.ts";
import { root } from "../../../tools/build/root.ts";
import { hasFewIds, type Client, type Factory } from "../faults/compile.ts";
import { mutate, type Mutant } from "../faults/mutants.ts";
import { createLuaProcess, missingLua } from "./lua-process.ts";
import type { Engine } from "./types.ts";

/** As in guest.lua. */
const CLIENTS = 16;

type Fn = (...args: unknown[]) => unknown;

const PLATFORM = join(import.meta.dirname, "lua/platform.ts");
const HEAD = "local platform, exposeClient, random = ...\nlocal math = setmetatable({ random = random }, { __index = math })\n";
/** As PROBE of faults/compile.ts. */
const PROBE = {
  sizes: "[rest.length, acks.length, held.length]", held: "held.length", queued: "entries.length", settled: "settledHandler",
};

/** Names that a module exports, types aside. */
const exportsOf = (module: string): string[] => {
  const path = join(root, `lib/mqtt/${module}.ts`);
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
  return file.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const { isTypeOnly, exportClause: names } = statement;
      return !isTypeOnly && names && ts.isNamedExports(names) ? names.elements.map(({ name }) => name.text) : [];
    }
    const isExport = ts.isVariableStatement(statement)
      && statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    return isExport ? statement.declarationList.declarations.map(({ name }) => name.getText()) : [];
  });
};

/** An entry that hands over how to read each export. */
const entryOf = (modules: string[]): string => `${modules.map((each) => `import {} from "./lib/mqtt/${each}.ts";`).join("\n")}
declare const exposeClient: (this: void, api: object) => void;
exposeClient({
${modules.map((each) => `${each}: { ${exportsOf(each).map((name) => `${name}: () => ${name}`).join(", ")} },`).join("\n")}
probe: { ${Object.entries(PROBE).map(([name, value]) => `${name}: () => () => ${value}`).join(", ")} },
});`;

/** Compiled, by version, modules and mutant: what a text differs in besides is changed in the Lua. */
const compiled = new Map<string, string>();

const compile = (modules: string[], version: LuaVersion, mutant: Mutant | undefined): string => {
  const key = [version, mutant?.name, ...modules].join();
  let code = compiled.get(key);
  if (code === undefined) {
    const { text } = joinModules(entryOf(modules), { root, platform: () => PLATFORM });
    code = HEAD + transpile(mutant ? mutate(text, mutant) : text, version).code;
    compiled.set(key, code);
  }
  return code;
};

/** The Lua of a client whose packet ids come round as soon as those of `COUNTERS` in faults/compile.ts. */
const withFewIds = (code: string): string => {
  const [nextId] = /function nextId\(\)[^]*?return char/.exec(code) ?? [];
  const few = nextId?.replace(/lastId = lastId \+ 1\n/, "$&if lastId % 256 == 3 then lastId = lastId + 253 end\n")
    .replace(/\b65535\b/g, "4095");
  if (few === undefined || few.split("4095").length !== 3 || !few.includes("253")) {
    throw new Error("the Lua of lib/mqtt/inflight.ts counts packet ids in another form: change engines/lua.ts");
  }
  return code.replace(nextId!, few);
};

const luaOf = (body: string, version: LuaVersion, mutant?: Mutant): string => {
  const [, list] = /return \{([^}]*), probe:/.exec(body) ?? [];
  const code = compile(list!.split(",").map((each) => each.split(":")[0]!.trim()), version, mutant);
  return hasFewIds(body) ? withFewIds(code) : code;
};

class Vm {
  readonly clients = new Map<number, Remote>();
  private readonly requests: string[] = [];
  private readonly replies: string[] = [];
  thrown: { error: unknown } | undefined;
  private readonly vm: LuaVm;
  made = 0;
  texts = 0;

  constructor(version: LuaVersion, create: typeof createLuaVm) {
    this.vm = create(version, (said) => this.answer(said));
    // NodeMCU's `bit`, as the simulator has it.
    this.vm.run(`N = { is53 = _VERSION == "Lua 5.3", int = function(value) return value end, modules = {} }`);
    this.vm.run(readFileSync(join(root, "simulator/engines/lua/prelude/bit.lua"), "latin1"));
    this.vm.run("bit = N.modules.bit");
    this.vm.run(readFileSync(new URL("lua/guest.lua", import.meta.url), "latin1"));
  }

  request(text: string): string {
    this.requests.push(text);
    this.vm.call("serve");
    const reply = this.replies.pop()!;
    if (reply.startsWith("=")) return reply.slice(1);
    const { thrown } = this;
    this.thrown = undefined;
    if (reply === "!" && thrown) throw thrown.error;
    throw new Error(`in Lua: ${reply.slice(1)}`);
  }

  close(): void {
    this.vm.close(true);
  }

  private answer(said: string): string {
    if (said === "?") return this.requests.pop()!;
    if (said.startsWith("=") || said.startsWith("!")) {
      this.replies.push(said);
      return "";
    }
    const [head, n, id] = /^.(\d+);(\d+);/.exec(said)!;
    const client = this.clients.get(Number(n))!;
    try {
      return client.called(said.charAt(0), Number(id), said.slice(head.length));
    } catch (error) {
      this.thrown = { error };
      return "!";
    }
  }
}

/** One client there. */
class Remote {
  private readonly ids = new Map<unknown, number>();
  private readonly held: unknown[] = [];
  private readonly given = new Map<number, Fn>();
  private readonly givenIds = new WeakMap<Fn, number>();
  /** What of the client's own a copy is of: given back, it is that. */
  private readonly originals = new WeakMap<object, string>();

  constructor(private readonly vm: Vm, private readonly n: number) {}

  /** `isHeld`: for an object that the client only holds. */
  encode(value: unknown, isHeld = false): string {
    if (value === undefined || value === null) return "n";
    if (typeof value === "boolean") return value ? "t" : "f";
    if (typeof value === "number") return `d${value};`;
    if (typeof value === "string") return `s${value.length}:${value}`;
    if (typeof value === "function") {
      const known = this.givenIds.get(value as Fn);
      return known === undefined ? `h${this.idOf(value)};` : `c${known};`;
    }
    if (isHeld) return `H${this.idOf(value)};`;
    const original = this.originals.get(value);
    if (original !== undefined) return `x${original.length}:${original}`;
    if (Array.isArray(value)) return `a${value.length};${value.map((item) => this.encode(item)).join("")}`;
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return `o${entries.length};${entries.map(([key, item]) => this.encode(key) + this.encode(item)).join("")}`;
  }

  /** All values of a text. */
  decode(text: string): unknown[] {
    const values: unknown[] = [];
    for (let at = 0; at < text.length;) {
      const [value, end] = this.value(text, at);
      values.push(value);
      at = end;
    }
    return values;
  }

  /** A call of the test by the client, or a write to a link that the test holds. */
  called(kind: string, id: number, text: string): string {
    const args = this.decode(text);
    if (kind === "w") return this.encode((this.held[id] as { write: Fn }).write(...args), true);
    return this.encode((this.held[id] as Fn)(...args), true);
  }

  make(text: number, platform: object, random: () => number): Client {
    const reply = this.vm.request(`m${this.n};${text};${this.encode(platform)}${this.encode(random)}`);
    const [shape] = this.decode(reply) as [Record<string, string[]>];
    return Object.fromEntries(Object.entries(shape).map(([module, names]) => {
      const exported = {};
      for (const name of names) {
        const path = `${this.n};${module};${name.slice(1)}`;
        const call: Fn | undefined = name.startsWith("f") ? (...args) => this.ask(`e${path};`, args) : undefined;
        Object.defineProperty(exported, name.slice(1), { enumerable: true, get: () => call ?? this.shared(path) });
      }
      return [module, exported];
    })) as unknown as Client;
  }

  private idOf(value: unknown): number {
    let id = this.ids.get(value);
    if (id === undefined) {
      id = this.held.push(value) - 1;
      this.ids.set(value, id);
    }
    return id;
  }

  private ask(head: string, args: unknown[] = []): unknown {
    return this.decode(this.vm.request(head + args.map((arg) => this.encode(arg)).join("")))[0];
  }

  /** What is set in a copy of what the client exports, is set there. */
  private shared(path: string): unknown {
    const value = this.ask(`v${path}`);
    if (typeof value !== "object") return value;
    const proxy = new Proxy(value as Record<string, unknown>, {
      set: (target, key, item) => {
        const before = Array.isArray(target) ? target.length : 0;
        target[key as string] = item;
        // A table of Lua without elements is an array as much as an object.
        const at = Array.isArray(target) && /^\d+$/.test(String(key)) ? Number(key) + 1 : key;
        if (key !== "length") this.ask(`s${path};`, [at, item]);
        else for (let i = before; i > (item as number); i--) this.ask(`s${path};`, [i, undefined]);
        return true;
      },
    });
    this.originals.set(proxy, path);
    return proxy;
  }

  private value(text: string, at: number): [value: unknown, end: number] {
    const kind = text.charAt(at);
    if (kind === "n") return [undefined, at + 1];
    if (kind === "t" || kind === "f") return [kind === "t", at + 1];
    if (kind === "e") return [this.vm.thrown?.error, at + 1];
    const stop = text.indexOf(kind === "s" ? ":" : ";", at);
    const number = Number(text.slice(at + 1, stop));
    if (kind === "d") return [number, stop + 1];
    if (kind === "s") return [text.slice(stop + 1, stop + 1 + number), stop + 1 + number];
    if (kind === "h" || kind === "H") return [this.held[number], stop + 1];
    if (kind === "c") return [this.function(number), stop + 1];
    const items: unknown[] = [];
    at = stop + 1;
    for (let i = 0; i < (kind === "a" ? number : 2 * number); i++) {
      const [item, end] = this.value(text, at);
      items.push(item);
      at = end;
    }
    if (kind === "a") return [items, at];
    return [Object.fromEntries(Array.from({ length: number }, (_, i) => [items[2 * i], items[2 * i + 1]])), at];
  }

  private function(id: number): Fn {
    let fn = this.given.get(id);
    if (fn === undefined) {
      fn = (...args) => this.ask(`g${this.n};${id};`, args);
      this.given.set(id, fn);
      this.givenIds.set(fn, id);
    }
    return fn;
  }
}

const engineOf = (
  version: LuaVersion, name: string, missing: string | undefined, create: typeof createLuaVm,
): Engine => {
  let vm: Vm | undefined;
  return {
    name,
    missing,
    load: (body, mutant) => {
      const there = vm ??= new Vm(version, create);
      const text = there.texts++;
      there.request(`l${text};${luaOf(body, version, mutant)}`);
      const factory: Factory = (platform, math) => {
        const n = there.made++;
        const remote = new Remote(there, n);
        there.clients.set(n, remote);
        there.clients.delete(n - CLIENTS);
        return remote.make(text, platform, math.random);
      };
      return Promise.resolve(factory);
    },
    close: () => {
      vm?.close();
      vm = undefined;
    },
  };
};

const VERSIONS: LuaVersion[] = ["5.1", "5.3"];

const inVm = (version: LuaVersion): Engine => engineOf(version, `lua${version}`, undefined, createLuaVm);

export const lua: Record<LuaVersion, Engine> = { 5.1: inVm("5.1"), 5.3: inVm("5.3") };

/** The same in the Lua of this machine. */
export const realLua = VERSIONS.map((version) =>
  engineOf(version, `lua${version} of this machine`, missingLua(version), createLuaProcess));
