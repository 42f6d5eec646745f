/**
 * Clients in the real interpreter that ESPRUINO names, shrunk as a firmware is. The text goes there by `guest.js`; from
 * then on each call of the client is an expression that is evaluated there, each call of the test an array of JSON that
 * is answered while the interpreter waits.
 */
import { readFileSync } from "node:fs";
import { minify } from "terser";
import { findEspruino } from "../../../simulator/engines/espruino.ts";
import type { Client, Factory } from "../faults/compile.ts";
import { Pipes } from "./pipes.ts";
import type { Engine } from "./types.ts";

const program = findEspruino();
/** As in guest.js. */
const CLIENTS = 16;
const FUNCTIONS = 64;

/** Types that are quick to read along with others. */
const SMALL = new Set(["string", "number", "boolean"]);

type Fn = (...args: unknown[]) => unknown;

/** As JavaScript that has no byte above 126, nor one that is not printed. */
const literal = (bytes: string): string =>
  `"${bytes.replace(/[^ !#-[\]-~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`)}"`;

const printable = (message: string): string => message.replace(/[^\n -~]/g, "?");

/** A number, exactly: Espruino reads and writes decimals otherwise. */
const bytesOf = (value: number): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes.toString("latin1");
};

/** One interpreter, and what is in it. */
class Interpreter {
  readonly pipes = new Pipes(program!, readFileSync(new URL("guest.js", import.meta.url), "latin1"));
  readonly clients = new Map<number, Remote>();
  private thrown: unknown;
  made = 0;
  texts = 0;

  /** Evaluates an expression there, and does what it asks for on the way. */
  evaluate(expression: string): unknown {
    this.pipes.send(expression);
    for (;;) {
      const [kind, first, ...rest] = JSON.parse(this.pipes.receive()) as [string, unknown, ...unknown[]];
      if (kind === "r") return first;
      if (kind === "e") throw this.exception(String(first));
      this.answer(first as number, rest[0] as number, rest.slice(1));
    }
  }

  private answer(client: number, id: number, args: unknown[]): void {
    let reply: string;
    try {
      reply = `=${this.clients.get(client)!.called(id, args)}`;
    } catch (error) {
      this.thrown = error;
      reply = `!${printable(error instanceof Error ? error.message : String(error))}`;
    }
    this.pipes.send(reply);
  }

  /** The test's own exception, where that is what came out. */
  private exception(said: string): unknown {
    const { thrown } = this;
    this.thrown = undefined;
    return thrown instanceof Error && said.replace(/^Error(: |$)/, "") === printable(thrown.message) ? thrown
      : new Error(`in the interpreter: ${said}`);
  }
}

/** One client there. */
class Remote {
  readonly at: number;
  private readonly ids = new Map<unknown, number>();
  private readonly held: unknown[] = [];
  /** What the client's own functions, arrays and objects are there. */
  private readonly names = new WeakMap<object, string>();
  private readonly given = new Map<number, Fn>();
  /** What was read of the client since it last ran, and what ever was read: what is not known is read together. */
  private readonly known = new Map<string, unknown>();
  private readonly wanted = new Set<string>();

  constructor(private readonly interpreter: Interpreter, private readonly n: number) {
    this.at = n % CLIENTS;
  }

  private idOf(value: unknown): number {
    let id = this.ids.get(value);
    if (id === undefined) {
      id = this.held.push(value) - 1;
      this.ids.set(value, id);
    }
    return id;
  }

  /** An expression for a value of the test; `isHeld` for one that the client only holds. */
  encode(value: unknown, isHeld = false): string {
    if (typeof value === "string") return literal(value);
    if (typeof value === "function") return this.names.get(value) ?? `host(${this.n},${this.idOf(value)})`;
    if (typeof value === "number" && !Number.isInteger(value)) return `fraction(${literal(bytesOf(value))})`;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    if (typeof value !== "object" || value === null) return "undefined";
    const name = this.names.get(value);
    if (name !== undefined) return name;
    if (isHeld) {
      const write = (value as { write?: Fn }).write;
      return `{$o:${this.idOf(value)}${write ? `,write:${this.encode(write.bind(value))}` : ""}}`;
    }
    if (Array.isArray(value)) return `[${value.map((item) => this.encode(item)).join()}]`;
    return `{${Object.entries(value).map(([key, item]) => `${literal(key)}:${this.encode(item)}`).join()}}`;
  }

  /** A value of the client. */
  decode(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value ?? undefined;
    if (Array.isArray(value)) return value.map((item) => this.decode(item));
    const { $f, $o, $n } = value as { $f?: number; $o?: number; $n?: string };
    if ($n !== undefined) return Buffer.from($n, "latin1").readDoubleLE();
    if ($o !== undefined) return this.held[$o];
    if ($f !== undefined) return this.function($f);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.decode(item)]));
  }

  /** A function that the client has given. */
  private function(id: number): Fn {
    let fn = this.given.get(id);
    if (!fn) {
      fn = this.caller(`given[${this.at}][${id % FUNCTIONS}]`);
      const call = fn;
      fn = (...args) => {
        if (this.given.get(id) !== fn) throw new Error(`function ${id} of the client was given too long ago`);
        return call(...args);
      };
      this.names.set(fn, `given[${this.at}][${id % FUNCTIONS}]`);
      this.given.set(id, fn);
      this.given.delete(id - FUNCTIONS);
    }
    return fn;
  }

  private evaluate(expression: string): unknown {
    if (this.interpreter.clients.get(this.n) !== this) throw new Error("this client was made too long ago");
    return this.decode(this.interpreter.evaluate(`plain(${expression},${this.at})`));
  }

  private caller(name: string): Fn {
    const fn: Fn = (...args) => {
      try {
        return this.evaluate(`${name}(${args.map((arg) => this.encode(arg)).join()})`);
      } finally {
        this.known.clear();
      }
    };
    this.names.set(fn, name);
    return fn;
  }

  /** Calls a function of the test; the expression of what it returns. */
  called(id: number, args: unknown[]): string {
    this.known.clear();
    return this.encode((this.held[id] as Fn)(...args.map((arg) => this.decode(arg))), true);
  }

  /** What is set in a copy of what the client exports, is set there. */
  private read(name: string): unknown {
    if (!this.known.has(name)) {
      const names = [...this.wanted.add(name)];
      const values = this.evaluate(`[${names.join()}]`) as unknown[];
      names.forEach((each, i) => {
        const value = values[i];
        this.known.set(each, typeof value === "object" ? this.writable(each, value) : value);
        if (!(Array.isArray(value) ? value : [value]).every((item) => SMALL.has(typeof item))) this.wanted.delete(each);
      });
    }
    return this.known.get(name);
  }

  private writable(name: string, value: unknown): unknown {
    const copy = new Proxy(value as Record<string, unknown>, {
      set: (target, key, item) => {
        target[key as string] = item;
        this.known.clear();
        if (key === "length" && Array.isArray(target)) {
          this.evaluate(`${name}.length>${target.length}?${name}.splice(${target.length}):0`);
        } else {
          this.evaluate(`${name}[${literal(key as string)}]=${this.encode(item)}`);
        }
        return true;
      },
    });
    this.names.set(copy, name);
    return copy;
  }

  /** The client as the test sees it. */
  client(): Client {
    const modules = this.interpreter.evaluate(`shape(${this.n})`) as string[][];
    return Object.fromEntries(modules.map(([name, ...exported]) => {
      const module = {};
      for (const entry of exported) {
        const path = `clients[${this.at}].${name}.${entry.slice(1)}`;
        const call = name === "probe" ? () => this.read(`${path}()`)
          : entry.startsWith("f") ? this.caller(path) : undefined;
        Object.defineProperty(module, entry.slice(1), {
          enumerable: true, get: () => call ?? this.read(path),
        });
      }
      return [name, module];
    })) as Client;
  }

  make(text: number, platform: object, math: object): Client {
    this.interpreter.evaluate(`make(${this.n},${text},${this.encode(platform)},${this.encode(math)})`);
    return this.client();
  }
}

/** As tools/build/minify.ts shrinks; the text is the body of a function. */
const shrink = async (body: string): Promise<string> => {
  const { code } = await minify(body, {
    ecma: 2015, toplevel: true, parse: { bare_returns: true },
    compress: { passes: 3, unsafe_arrows: true, inline: 1 }, format: { ascii_only: true },
  });
  return code!;
};

let interpreter: Interpreter | undefined;

export const espruino: Engine = {
  name: "espruino",
  missing: program === undefined ? "set ESPRUINO to a Linux build of Espruino" : undefined,
  load: async (body): Promise<Factory> => {
    const shrunk = await shrink(body);
    const there = interpreter ??= new Interpreter();
    const text = there.texts++;
    there.evaluate(`(texts[${text}]=function(platform,Math){${shrunk}},0)`);
    return (platform, math) => {
      const n = there.made++;
      const remote = new Remote(there, n);
      there.clients.set(n, remote);
      there.clients.delete(n - CLIENTS);
      return remote.make(text, platform, { random: math.random });
    };
  },
  close: () => {
    interpreter?.pipes.close();
    interpreter = undefined;
  },
};
