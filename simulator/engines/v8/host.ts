/** What the engine `v8` offers to a context: constants, console, memory, time, watchdog. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Clock } from "../../types.ts";
import type { ChipControl } from "../port.ts";
import type { EngineOptions } from "../types.ts";
import type { Prompt } from "./prompt.ts";
import type { StorageChip } from "./storage.ts";

/** What the firmware sees of the interpreter; the API is that of this version. */
export const VERSION = "2v29";
/** What the interpreter and an idle program leave free on a chip, as a share: V8's own heap says nothing about it. */
const PLAUSIBLE_USAGE = 0.1;

/** process.env.BOARD */
export const boardName = (chip: string): string => chip.replace("-", "");

/** What of a life is needed here. */
export interface Living {
  dead: boolean;
  watchdog: number | undefined;
  timers: Set<number>;
  /** Where somebody sits at the console. */
  prompt: Prompt | undefined;
}

export function watchdogOf(born: Living, clock: Clock, restart: (reason: string) => void): ChipControl["watchdog"] {
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
export function hostOf(options: EngineOptions, storage: StorageChip, born: Living): object {
  const { variables, bytesPerVariable } = options.heap;
  const usage = Math.round(variables * PLAUSIBLE_USAGE);
  const pins = new Set(options.pins);
  return {
    version: VERSION, board: boardName(options.chip), serial: "53494d00-00000001", pins: options.pins, storage,
    pin: (name: string) => (pins.has(name) ? name : undefined),
    dead: () => born.dead,
    print: (text: string) => {
      // What goes on until it comes to its end says nothing any more.
      if (born.dead) return;
      born.prompt?.print(text);
      for (const line of text.split("\n")) options.onConsole(line);
    },
    echo: (on: boolean) => born.prompt?.setEcho(on),
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

export function timeOf(
  { clock }: EngineOptions, born: Living, after: (ms: number, fn: () => void) => number, wake: () => void,
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
