/**
 * Engine `v8`: the built bytes in a fresh V8 context that has Espruino's API and nothing of Node's. Fast, and
 * with a virtual clock as fast as the machine goes; what differs from the chip's interpreter (grammar, heap,
 * speed) the engine `espruino` shows.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createContext, runInContext, Script } from "node:vm";
import { crc32 } from "node:zlib";
import type { Link } from "../link.ts";
import { PowerFailure } from "../flash.ts";
import { createStation, type Station } from "../station.ts";
import { answer, type ChipControl } from "./port.ts";
import { onlyFile, type Engine, type EngineOptions, type PowerCut } from "./types.ts";
import { socketsOf } from "./v8/sockets.ts";

/** What the firmware sees of the interpreter; the API is that of this version. */
const VERSION = "2v29";
const BOOT_CODE = ".bootcde";
/** Boot code that has not come to its end by then is a loop that would never end. */
const BOOT_TIMEOUT_MS = 10_000;
/** Rounds of the idle loop at one instant; a firmware that always writes would never let time pass. */
const MOST_ROUNDS = 10_000;
/**
 * What the interpreter and an idle program leave free on a chip, as a share: V8's own heap says nothing about
 * it.
 */
const PLAUSIBLE_USAGE = 0.1;
const STORAGE_BYTES = 256 * 1024;

const source = (file: string): Script =>
  new Script(readFileSync(new URL(file, import.meta.url), "utf8"), { filename: file });

const language = source("v8/language.js");
const core = source("v8/core.js");
const net = source("v8/net.js");
const storage = source("v8/storage.js");
const chip = source("chip.js");
const flashApi = source("flash.js");

interface Core {
  run(fn: unknown, self: unknown, args: unknown[]): void;
  runEvents(): boolean;
  report(error: unknown): void;
  booted(): void;
  modules: Record<string, unknown>;
}

/** One life of the chip, from boot to reset. */
interface Life {
  core: Core;
  net: { idle(): boolean };
  deliver: (name: string, details: string) => void;
  station: Station;
  links: (Link | undefined)[];
  timers: Set<number>;
  watchdog: number | undefined;
  dead: boolean;
  /** Delivers an event of the station or of the chip. */
  tell(name: string, text?: string): void;
  context: object;
  /** Runs the idle loop now. */
  idle(): void;
}

export function createV8Engine(options: EngineOptions): Engine {
  const { clock } = options;
  const flash = new Map<string, string>();
  let life: Life | undefined;
  let asleep: number | undefined;
  let resetReason = "power on";

  const end = (): void => {
    if (life === undefined) return;
    life.dead = true;
    life.station.stop();
    for (const handle of life.timers) clock.cancel(handle);
    if (life.watchdog !== undefined) clock.cancel(life.watchdog);
    life = undefined;
  };
  const boot = (reason: string, withProgram: boolean): void => {
    asleep = undefined;
    resetReason = reason;
    options.network.report({ type: "boot", reason });
    const code = withProgram ? flash.get(BOOT_CODE) : flash.get(".bootrst");
    life = createLife(options, flash, () => resetReason, restart, fail);
    const born = life;
    if (code !== undefined) {
      try {
        runInContext(code, born.context, { filename: BOOT_CODE, timeout: BOOT_TIMEOUT_MS });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") {
          options.onWarning(`the boot code did not end within ${BOOT_TIMEOUT_MS / 1000} s: a watchdog would reset the chip`);
          end();
          return;
        }
        if (!born.dead) born.core.report(error);
      }
    }
    if (born.dead) return;
    born.core.booted();
    born.idle();
  };
  const restart = (reason: string, sleepMs = 0): void => {
    end();
    options.network.powerOff("reset");
    options.onReset(reason);
    // A chip needs a moment; and the program that asked must come to its end first.
    asleep = clock.after(Math.max(1, sleepMs), () => boot(reason, reason !== "reset"));
  };
  const fail = (): void => {
    end();
    options.network.powerOff("reset");
    options.onPowerFailure();
  };
  return {
    name: "v8",
    async start(firmware) {
      await this.stop();
      flash.set(BOOT_CODE, Buffer.from(onlyFile(firmware)).toString("latin1"));
      boot("power on", true);
    },
    shutdown() {
      life?.tell("kill");
    },
    async stop(how: PowerCut = "reset") {
      end();
      if (asleep !== undefined) clock.cancel(asleep);
      options.network.powerOff(how);
    },
    async memory() {
      const { variables, bytesPerVariable } = options.heap;
      return { usage: undefined, total: variables, bytesPerVariable };
    },
  };
}

function createLife(
  options: EngineOptions, flash: Map<string, string>, resetReason: () => string,
  restart: (reason: string, sleepMs?: number) => void, fail: () => void,
): Life {
  const { clock, rng, network, machine } = options;
  const context = createContext({});
  let busy = false;
  let woken = false;

  /** The interpreter's idle loop: sockets, then events, until nothing moves. */
  const idle = (): void => {
    if (busy || born.dead) return;
    busy = true;
    for (let round = 0; round < MOST_ROUNDS && !born.dead; round++) {
      const moved = born.net.idle();
      const ran = born.core.runEvents();
      if (!moved && !ran) break;
    }
    busy = false;
  };
  const wake = (): void => {
    // Code that runs is followed by the idle loop anyway.
    if (woken || busy || born.dead) return;
    woken = true;
    after(0, () => {
      woken = false;
    });
  };
  const after = (ms: number, fn: () => void): number => {
    const handle = clock.after(ms, () => {
      born.timers.delete(handle);
      if (born.dead) return;
      busy = true;
      fn();
      busy = false;
      idle();
    });
    born.timers.add(handle);
    return handle;
  };
  const born: Life = {
    context, idle, core: undefined!, net: undefined!, deliver: undefined!, links: [], timers: new Set(),
    watchdog: undefined, dead: false,
    tell: (name, text = "") => {
      if (!born.dead) after(0, () => born.core.run(born.deliver, undefined, [name, text]));
    },
    station: createStation({
      network, clock, rng,
      onEvent: (name, details) => born.tell(name, JSON.stringify(details)),
    }),
  };
  const control: ChipControl = {
    machine, station: born.station, flash: options.flash, resetReason, restart,
    watchdog: watchdogOf(born, clock, restart),
  };
  const host = {
    ...hostOf(options, flash, born), ...timeOf(options, born, after, wake), ...socketsOf(options, born.links, wake),
  };
  const load = (script: Script): (...args: unknown[]) => unknown =>
    script.runInContext(context) as (...args: unknown[]) => unknown;
  load(language)(host);
  born.core = load(core)(host) as Core;
  born.net = load(net)(host, born.core) as Life["net"];
  load(storage)(host, born.core);
  const provide = (name: string, module: unknown): void => {
    born.core.modules[name] = module;
  };
  const call = (op: string, text: string): string => {
    try {
      return born.dead ? "" : answer(control, op, text);
    } catch (error) {
      if (error instanceof PowerFailure) fail();
      // Ends what runs, as nothing runs without power.
      throw error;
    }
  };
  load(flashApi)(call, provide);
  born.deliver = load(chip)(call, provide, options.chip) as Life["deliver"];
  return born;
}

function watchdogOf(born: Life, clock: EngineOptions["clock"], restart: (reason: string) => void): ChipControl["watchdog"] {
  let seconds = 0;
  const kick = (): void => {
    if (born.watchdog !== undefined) clock.cancel(born.watchdog);
    born.watchdog = seconds > 0 ? clock.after(seconds * 1000, () => restart("watchdog")) : undefined;
  };
  return {
    // The automatic one is kicked by the idle loop, which is always reached here.
    enable(newSeconds, isAuto) {
      seconds = isAuto ? 0 : newSeconds;
      kick();
    },
    kick,
  };
}

/** Constants, console and memory. */
function hostOf(options: EngineOptions, flash: Map<string, string>, born: Life): object {
  const { variables, bytesPerVariable } = options.heap;
  const usage = Math.round(variables * PLAUSIBLE_USAGE);
  const pins = new Set(options.pins);
  return {
    version: VERSION, board: options.chip.replace("-", ""), serial: "53494d00-00000001", pins: options.pins, flash,
    flashBytes: STORAGE_BYTES,
    pin: (name: string) => (pins.has(name) ? name : undefined),
    dead: () => born.dead,
    print: (text: string) => {
      // What goes on until it comes to its end says nothing any more.
      if (!born.dead) for (const line of text.split("\n")) options.onConsole(line);
    },
    random: () => options.rng.next(),
    sha1: (text: string) => createHash("sha1").update(text, "latin1").digest().toString("latin1"),
    crc32: (text: string) => crc32(Buffer.from(text, "latin1")),
    atob: (text: string) => Buffer.from(text, "base64").toString("latin1"),
    btoa: (text: string) => Buffer.from(text, "latin1").toString("base64"),
    memory: () => ({
      free: variables - usage, usage, total: variables, history: 0, gc: 0, gctime: 1, blocksize: bytesPerVariable,
    }),
  };
}

function timeOf(
  { clock }: EngineOptions, born: Life, after: (ms: number, fn: () => void) => number, wake: () => void,
): object {
  let offsetSeconds = 0;
  return {
    wake,
    now: () => clock.now(),
    time: () => clock.now() / 1000 + offsetSeconds,
    setTime: (seconds: number) => {
      offsetSeconds = seconds - clock.now() / 1000;
    },
    after: (due: number, fn: () => void) => after(due - clock.now(), fn),
    cancel: (handle: number) => {
      born.timers.delete(handle);
      clock.cancel(handle);
    },
  };
}
