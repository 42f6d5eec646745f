/** What is on a NodeMCU board: whether it answers, what chip it is, what it runs. */
import { RestartError } from "./espruino-command.ts";
import { diagnose } from "./espruino-connect.ts";
import { Failure } from "./failure.ts";
import { luaSum, sumText, type NodemcuPrompt } from "./nodemcu-command.ts";
import type { LuaFiles } from "./nodemcu-files.ts";
import { confirmedOf, decisionsOf, LOADER, LOADER_FILE, LOG, LOG_CHARS } from "./nodemcu-loader.ts";
import type { Limits, Progress, Timing } from "./transport.ts";

/** Between attempts to be heard. */
export const PATIENCE_MS = 700;

export interface NodemcuJob {
  /** What the node says when it has booted: "motelet greenhouse". */
  banner: string;
  /** init.lua and firmware.lua, binary strings. */
  files: { name: string; data: string }[];
  expected: { chip: "esp8266" | "esp32"; lua: string; modules: string[]; hardware: string };
  /** Compile firmware.lua on the chip. */
  compile: boolean;
  /** Erase all files first: there is nothing to go back to then. */
  erase?: boolean;
  /** Ask and check, change nothing. */
  dryRun?: boolean;
}

export interface Flash {
  job: NodemcuJob;
  prompt: NodemcuPrompt;
  files: LuaFiles;
  limits: Limits;
  timing: Timing;
  tell: (progress: Progress) => void;
}

/** The chip, and its Lua. */
export interface Chip { board: string; version: string }

/** What is on the chip. */
export interface Found {
  /** Whether init.lua is the loader; a program of somebody else's; or nothing. */
  init: "loader" | "other" | "none";
  log: string;
  runs: string | undefined;
  /** The slot that is written. */
  target: "a" | "b";
  hasPrevious: boolean;
}

/** Repeats itself until the prompt answers: the chip may be starting, or busy. Then the helper is there. */
export async function connect({ prompt, limits, timing }: Flash): Promise<void> {
  const { talk } = prompt;
  const began = timing.now();
  const from = talk.position();
  for (let attempt = 0; timing.now() - began < limits.connectMs; attempt++) {
    if (await prompt.isThere(PATIENCE_MS * (1 + Math.min(attempt, 3)))) return prompt.prepare();
  }
  throw diagnose(talk.heard(from), talk.port, (timing.now() - began) / 1000, "NodeMCU");
}

/** Connects, and checks that it is the right board; one that restarts meanwhile is asked again. */
export async function meet(flash: Flash): Promise<Chip> {
  for (let times = 1; ; times++) {
    await connect(flash);
    try {
      return await checkChip(flash);
    } catch (error) {
      if (!(error instanceof RestartError)) throw error;
      if (times === flash.limits.uploads) throw new Failure("restarts", { times });
    }
  }
}

async function checkChip({ files, job }: Flash): Promise<Chip> {
  const { expected } = job;
  const [chip, version] = (await files.act("asking what it is",
    "return (file.open and 'esp8266' or 'esp32')..';'.._VERSION")).split(";") as [string, string];
  if (chip !== expected.chip) {
    throw new Failure("wrong-chip", { found: chip, hardware: expected.hardware, wanted: expected.chip });
  }
  if (version !== `Lua ${expected.lua}`) throw new Failure("lacking", { what: `Lua ${expected.lua} (it has ${version})`, firmware: "NodeMCU" });
  const missing = (await files.act("asking for its modules",
    "local r='' for n in string.gmatch(...,'%S+') do if not _G[n] then r=r..' '..n end end return r",
    expected.modules.join(" "))).trim();
  if (missing !== "") throw new Failure("lacking", { what: `the modules ${missing.replaceAll(" ", ", ")}`, firmware: "NodeMCU" });
  return { board: chip.toUpperCase(), version };
}

export async function survey(files: LuaFiles): Promise<Found> {
  const sum = await files.sum(LOADER_FILE);
  const init = sum === undefined ? "none" : sum.sum === sumText(luaSum(LOADER)) ? "loader" : "other";
  const log = decisionsOf(await files.read(LOG, LOG_CHARS * 2) ?? "");
  const runs = init === "loader" ? confirmedOf(log) : init === "other" ? "O" : undefined;
  return { init, log, runs, target: runs === "A" ? "b" : "a", hasPrevious: runs !== undefined };
}
