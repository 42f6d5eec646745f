/** What of a NodeMCU chip outlives its lives: the file system, the saved Wi-Fi, the memory of the RTC. */
import { PowerFailure, type SimulatedFlash } from "../../flash.ts";
import type { EngineOptions } from "../types.ts";

/** SPIFFS of the usual partition. */
const FILE_SYSTEM_BYTES = 1024 * 1024;
const RTC_WORDS = 128;

export interface Permanent {
  /** Binary strings by name. */
  files: Map<string, string>;
  wifi: { ssid: string; password: string; auto: boolean } | undefined;
  /** The flash store of Lua: when its image was made, and its modules; and the image that a restart takes over. */
  lfs: { time: string; modules: Map<string, string> } | undefined;
  lfsOrder: string | undefined;
  /** 32-bit words; cleared by a power cut. */
  rtc: Int32Array;
  /** The time of day, once it was set: how far it is ahead of the simulation's; whether the next boot keeps it. */
  time: { aheadMs: number; isKept: boolean } | undefined;
}

export function createPermanent(): Permanent {
  return {
    files: new Map(), wifi: undefined, lfs: undefined, lfsOrder: undefined, rtc: new Int32Array(RTC_WORDS),
    time: undefined,
  };
}

/** An image of this simulation, in the place of one of luac.cross: LFS, when it was made, a name, and its Lua. */
const LFS_IMAGE = /^LFS (\d+) ([\w-]+)\n([^]*)$/;

/** To erase 64 KB and to write some. */
const LFS_RELOAD_MS = 1500;

/**
 * A start with an order to take an image over (luaN_init of lnodemcu.c): the order is forgotten, the store erased, the
 * image written, its head last; then another start. True: this is such a start. A firmware that cannot read the image
 * hangs in it, without a prompt, until power or its button resets it (pmain of lua.c).
 */
export function takesLfsOver(
  permanent: Permanent, { flash, onConsole }: Pick<EngineOptions, "flash" | "onConsole">,
  then: { start: (afterMs: number) => void; fail: () => void },
): boolean {
  if (permanent.lfsOrder === undefined) return false;
  const [, time, name, source] = LFS_IMAGE.exec(permanent.files.get(permanent.lfsOrder) ?? "") ?? [];
  permanent.lfsOrder = undefined;
  permanent.lfs = undefined;
  if (source === undefined) {
    onConsole("the image of the flash store is none that the simulation reads");
    return true;
  }
  try {
    flash.spend(source.length, (done) => {
      if (done === source.length) permanent.lfs = { time: time!, modules: new Map([[name!, source]]) };
    });
    then.start(LFS_RELOAD_MS);
  } catch (error) {
    if (!(error instanceof PowerFailure)) throw error;
    then.fail();
  }
  return true;
}

/** Answers one of the operations of file.lua; undefined when it is none. Writes end early when power fails. */
export function answerFiles(
  { files, rtc }: Permanent, flash: SimulatedFlash, op: string, fields: string[], last: string,
): string | undefined {
  const name = fields[0]!;
  switch (op) {
    case "file.read":
      return files.has(name) ? `1${files.get(name)}` : "0";
    case "file.write": {
      // At an offset; the flag says that the file is emptied first.
      const old = fields[2] === "1" ? "" : files.get(name) ?? "";
      const at = Number(fields[1]);
      if (used(files) + Math.max(0, at + last.length - old.length) > FILE_SYSTEM_BYTES) return "0";
      flash.spend(last.length, (done) => {
        files.set(name, old.slice(0, at) + last.slice(0, done) + old.slice(at + done));
      });
      return "1";
    }
    case "file.size":
      return files.has(name) ? String(files.get(name)!.length) : "";
    case "file.remove":
      flash.onErase(name);
      if (files.has(name)) flash.spend(1, (done) => void (done > 0 && files.delete(name)));
      return "";
    case "file.rename": {
      const contents = files.get(name);
      if (contents === undefined || files.has(last)) return "0";
      // One page is written that has the name.
      flash.spend(1, (done) => {
        if (done === 0) return;
        files.delete(name);
        files.set(last, contents);
      });
      return "1";
    }
    case "file.list":
      return [...files].map(([each, contents]) => `${each}\0${contents.length}\0`).join("");
    case "file.info":
      return `${FILE_SYSTEM_BYTES - used(files)} ${used(files)} ${FILE_SYSTEM_BYTES}`;
    case "file.format":
      files.clear();
      return "";
    case "rtc.read":
      return String(rtc[Number(name)]);
    case "rtc.write":
      rtc[Number(name)] = Number(fields[1]) | 0;
      return "";
    default:
      return undefined;
  }
}

function used(files: Map<string, string>): number {
  let sum = 0;
  for (const contents of files.values()) sum += contents.length;
  return sum;
}
