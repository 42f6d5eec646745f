/**
 * Engine `v8`: the built bytes in a fresh V8 context that has Espruino's API and nothing of Node's. Fast, and
 * with a virtual clock as fast as the machine goes; what differs from the chip's interpreter (grammar, heap,
 * speed) the engine `espruino` shows.
 */
import { readFileSync } from "node:fs";
import { createContext, runInContext, Script } from "node:vm";
import type { Link } from "../link.ts";
import { PowerFailure } from "../flash.ts";
import { createStation, type Station } from "../station.ts";
import { answer, type ChipControl } from "./port.ts";
import { onlyFile, type Engine, type EngineOptions, type PowerCut } from "./types.ts";
import { boardName, hostOf, timeOf, VERSION, watchdogOf } from "./v8/host.ts";
import { createPrompt, type Prompt } from "./v8/prompt.ts";
import { socketsOf } from "./v8/sockets.ts";
import { createStorage, type StorageChip } from "./v8/storage.ts";

const BOOT_CODE = ".bootcde";
/** Runs after `reset()`, too, and in place of the other. */
const BOOT_ALWAYS = ".bootrst";
/** Run before either, at every start (src/jsflash.c, jsfLoadBootCodeFromFlash). */
const BOOT_FIRST = [".boot0", ".boot1", ".boot2", ".boot3"];
/** Boot code that has not come to its end by then is a loop that would never end. */
const BOOT_TIMEOUT_MS = 10_000;
/** Rounds of the idle loop at one instant; a firmware that always writes would never let time pass. */
const MOST_ROUNDS = 10_000;
const STORAGE_BYTES = 256 * 1024;

const source = (file: string): Script =>
  new Script(readFileSync(new URL(file, import.meta.url), "utf8"), { filename: file });

const language = source("v8/language.js");
const core = source("v8/core.js");
const net = source("v8/net.js");
const storageApi = source("v8/storage.js");
const pins = source("pins.js");
const chip = source("chip.js");
const flashApi = source("flash.js");

interface Core {
  run(fn: unknown, self: unknown, args: unknown[]): void;
  runEvents(): boolean;
  report(error: unknown): void;
  show(value: unknown, nested: boolean): string;
  enqueue(object: unknown, event: string, args: unknown[]): void;
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
  /** Where somebody sits at the console. */
  prompt: Prompt | undefined;
  /** Runs code of a file, or a line, and what it sets off. */
  evaluate(code: string, name: string): void;
  /** What comes in at the console. */
  hear(bytes: string): void;
  /** Runs the idle loop now. */
  idle(): void;
}

export function createV8Engine(options: EngineOptions): Engine & { storage: StorageChip } {
  const { clock } = options;
  const storage = createStorage(options.storageBytes ?? STORAGE_BYTES);
  let life: Life | undefined;
  let asleep: number | undefined;
  let resetReason = "power on";

  const end = (): void => {
    if (life === undefined) return;
    life.dead = true;
    life.prompt?.stop();
    life.station.stop();
    for (const handle of life.timers) clock.cancel(handle);
    if (life.watchdog !== undefined) clock.cancel(life.watchdog);
    life = undefined;
  };
  const boot = (reason: string, withProgram: boolean): void => {
    asleep = undefined;
    resetReason = reason;
    options.network.report({ type: "boot", reason });
    life = createLife(options, storage, () => resetReason, restart, fail);
    const born = life;
    const program = storage.read(BOOT_ALWAYS) === undefined ? BOOT_CODE : BOOT_ALWAYS;
    const files = [...BOOT_FIRST, ...(withProgram || program === BOOT_ALWAYS ? [program] : [])];
    for (const name of files) {
      const code = storage.read(name);
      if (code === undefined || born.dead) continue;
      try {
        born.evaluate(code, name);
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
    born.prompt?.started(withProgram && storage.read(program) !== undefined);
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
  storage.onFailure = fail;
  return {
    name: "v8", storage,
    async start(firmware) {
      await this.stop();
      const code = firmware === undefined ? "" : Buffer.from(onlyFile(firmware)).toString("latin1");
      if (code !== "") storage.write(BOOT_CODE, code, 0, 0);
      boot("power on", true);
    },
    input(bytes) {
      // The chip hears it in its idle loop.
      if (life !== undefined) life.hear(bytes);
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
  options: EngineOptions, storage: StorageChip, resetReason: () => string,
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
    born.prompt?.idle();
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
    watchdog: undefined, dead: false, prompt: undefined,
    evaluate: (code, name) => void runInContext(code, context, { filename: name, timeout: BOOT_TIMEOUT_MS }),
    hear: (bytes) => void after(0, () => born.prompt?.input(bytes)),
    tell: (name, text = "") => {
      if (!born.dead) after(0, () => born.core.run(born.deliver, undefined, [name, text]));
    },
    station: createStation({
      network, clock, rng, rssi: () => machine.self.rssi?.(),
      onEvent: (name, details) => born.tell(name, JSON.stringify(details)),
    }),
  };
  machine.onInput = () => born.tell("input");
  const control: ChipControl = {
    machine, station: born.station, flash: options.flash, resetReason, restart, now: () => clock.now(),
    watchdog: watchdogOf(born, clock, restart),
  };
  const host = {
    ...hostOf(options, storage, born), ...timeOf(options, born, after, wake), ...socketsOf(options, born.links, wake),
  };
  const load = (script: Script): (...args: unknown[]) => unknown =>
    script.runInContext(context) as (...args: unknown[]) => unknown;
  load(language)(host);
  born.core = load(core)(host) as Core;
  born.net = load(net)(host, born.core) as Life["net"];
  load(storageApi)(host, born.core);
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
  born.deliver = load(chip)(call, provide, options.chip, load(pins)(call, options.chip, () => {})) as Life["deliver"];
  if (options.onTransmit !== undefined) born.prompt = promptOf(options, storage, born, after);
  return born;
}

/** The console with somebody at it. */
function promptOf(
  { onTransmit, chip: name, clock }: EngineOptions, storage: StorageChip, born: Life,
  after: (ms: number, fn: () => void) => number,
): Prompt {
  const { core } = born;
  return createPrompt({
    version: VERSION, board: boardName(name),
    dead: () => born.dead,
    transmit: (bytes) => {
      if (!born.dead) onTransmit!(bytes);
    },
    evaluate: (code) => runInContext(code, born.context, { filename: "REPL", timeout: BOOT_TIMEOUT_MS }) as unknown,
    show: (value) => core.show(value, true),
    report: (error) => {
      if (!born.dead) core.report(error);
    },
    toJS: (value) => (value === undefined ? "undefined" : JSON.stringify(value)),
    emit: (event, argument) => core.run((E: { emit(...args: unknown[]): void }) => E.emit(event, argument), undefined,
      [(born.context as { E: unknown }).E]),
    after: (ms, fn) => {
      const handle = after(ms, fn);
      return () => {
        born.timers.delete(handle);
        clock.cancel(handle);
      };
    },
    readFile: (file) => storage.read(file),
    writeFile(file, data, offset, size) {
      const result = storage.write(file, data, offset, size);
      if (result !== true) throw new Error(result);
      return true;
    },
  });
}
