/**
 * A PUC Lua VM, 5.1.5 or 5.3.6, compiled to WebAssembly (lua-wasm-bindings) and run in this process, synchronously.
 *
 * Lua asks the host by its standard output and hears the answer on its standard input: those are the two ways out
 * of the VM that carry every byte, NUL included, on both versions alike. A request is whatever was written when Lua
 * begins to read; an answer is its length in three bytes, low first, and its bytes. `call` of the prelude does it.
 */
import { createRequire } from "node:module";

export type LuaVersion = "5.1" | "5.3";

/** What of the Emscripten module is used. */
interface Glue {
  HEAPU8: Uint8Array;
  _luaL_newstate(): number;
  _luaL_openlibs(L: number): void;
  _lua_pcall?(L: number, args: number, results: number, handler: number): number;
  _lua_pcallk?(L: number, args: number, results: number, handler: number, context: number, k: number): number;
  _lua_gettop(L: number): number;
  _lua_settop(L: number, index: number): void;
  _lua_close(L: number): void;
  cwrap(name: string, result: string | null, args: string[]): (...args: (number | string)[]) => number | string;
}

type MakeGlue = (options: {
  stdin(): number | null;
  stdout(byte: number): void;
  stderr(byte: number): void;
}) => Glue;

const MODULES: Record<LuaVersion, string> = {
  5.1: "lua-wasm-bindings/dist/glue/glue-lua-5.1.5.js",
  5.3: "lua-wasm-bindings/dist/glue/glue-lua-5.3.6.js",
};
/** lua.h: index of the globals in 5.1. */
const GLOBALS_INDEX_51 = -10002;
const HEADER_BYTES = 3;

const require = createRequire(import.meta.url);

export interface LuaVm {
  /**
   * Compiles and runs a chunk of text (7-bit characters). An error of Lua becomes an Error; one that the host threw
   * while it answered comes out as it is.
   */
  run(source: string): void;
  /** Calls a global function without arguments, from within an answer, too; errors as of `run`. */
  call(name: string): void;
  /**
   * Ends it. `reuse`: its last call came to an end by itself, so that the memory may serve the next VM, which is much
   * faster than to ask for 16 MB each time.
   */
  close(reuse?: boolean): void;
}

interface Streams {
  stdin(): number | null;
  stdout(byte: number): void;
}

/** A loaded module, and what its streams are at present. */
interface Instance { glue: Glue; streams: Streams }

const MOST_IDLE = 4;
const idle: Record<LuaVersion, Instance[]> = { 5.1: [], 5.3: [] };

/** Opens a VM with all of its standard libraries. `answer` gets the bytes of a request as a binary string. */
export function createLuaVm(version: LuaVersion, answer: (request: string) => string): LuaVm {
  let request: number[] = [];
  let reply = new Uint8Array(0);
  let at = 0;
  let thrown: { error: unknown } | undefined;

  const ask = (): void => {
    const text = bytesToText(request);
    request = [];
    let result = "";
    try {
      result = answer(text);
    } catch (error) {
      // It must not cross the frames of the VM: Lua gets an empty answer, and the caller of the VM the error.
      thrown ??= { error };
    }
    reply = new Uint8Array(HEADER_BYTES + result.length);
    for (let i = 0; i < HEADER_BYTES; i++) reply[i] = (result.length >> (8 * i)) & 255;
    for (let i = 0; i < result.length; i++) reply[HEADER_BYTES + i] = result.charCodeAt(i);
    at = 0;
  };
  const instance = idle[version].pop() ?? instantiate(version);
  const { glue } = instance;
  instance.streams = {
    stdin: () => {
      if (request.length > 0) ask();
      return at < reply.length ? reply[at++]! : null;
    },
    stdout: (byte) => {
      request.push(byte & 255);
    },
  };
  const L = glue._luaL_newstate();
  glue._luaL_openlibs(L);
  const load = glue.cwrap("luaL_loadstring", "number", ["number", "string"]);
  const toText = glue.cwrap("lua_tolstring", "string", ["number", "number", "number"]);
  const getGlobal = glue._lua_pcall
    ? (name: string) => glue.cwrap("lua_getfield", "number", ["number", "number", "string"])(L, GLOBALS_INDEX_51, name)
    : (name: string) => glue.cwrap("lua_getglobal", "number", ["number", "string"])(L, name);

  const pcall = (top: number): void => {
    // The host may call while it answers: what it was about to answer then waits.
    const before = { request, reply, at };
    request = [];
    const failed = glue._lua_pcall ? glue._lua_pcall(L, 0, 0, 0) : glue._lua_pcallk!(L, 0, 0, 0, 0, 0);
    const message = failed === 0 ? "" : String(toText(L, -1, 0));
    glue._lua_settop(L, top);
    ({ request, reply, at } = before);
    const error = thrown;
    thrown = undefined;
    if (error) throw error.error;
    if (failed !== 0) throw new Error(message);
  };
  return {
    run(source) {
      const top = glue._lua_gettop(L);
      if (load(L, source) !== 0) throw new Error(String(toText(L, -1, 0)));
      pcall(top);
    },
    call(name) {
      const top = glue._lua_gettop(L);
      getGlobal(name);
      pcall(top);
    },
    close(reuse = false) {
      glue._lua_close(L);
      if (reuse && idle[version].length < MOST_IDLE) idle[version].push(instance);
    },
  };
}

/** Emscripten's start-up adds listeners for uncaught errors of the whole process: they are taken away again. */
function instantiate(version: LuaVersion): Instance {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => new Set<unknown>(process.listeners(event as "uncaughtException")));
  const module = require(MODULES[version]) as MakeGlue | { default: MakeGlue };
  const instance: Instance = { glue: undefined!, streams: { stdin: () => null, stdout: () => {} } };
  instance.glue = (typeof module === "function" ? module : module.default)({
    stdin: () => instance.streams.stdin(), stdout: (byte) => instance.streams.stdout(byte), stderr: () => {},
  });
  events.forEach((event, i) => {
    for (const listener of process.listeners(event as "uncaughtException")) {
      if (!before[i]!.has(listener)) process.off(event, listener);
    }
  });
  return instance;
}

function bytesToText(bytes: number[]): string {
  // fromCharCode takes so many arguments and no more.
  const CHUNK = 8192;
  if (bytes.length <= CHUNK) return String.fromCharCode(...bytes);
  let text = "";
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.slice(i, i + CHUNK));
  return text;
}
