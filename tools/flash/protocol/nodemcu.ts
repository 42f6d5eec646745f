/**
 * Flashing a node onto a board that runs NodeMCU, through its Lua prompt. Nothing is believed that the chip has not
 * confirmed, and until it has booted the new firmware the previous one is a restart away.
 */
import { watchStart } from "./boot.ts";
import { converse } from "./conversation.ts";
import { RestartError } from "./espruino-command.ts";
import type { Surroundings } from "./espruino.ts";
import { Failure, type BoardState } from "./failure.ts";
import { connect, meet, PATIENCE_MS, survey, type Chip, type Flash, type Found, type NodemcuJob } from "./nodemcu-chip.ts";
import { luaSum, nodemcuPrompt, sumText } from "./nodemcu-command.ts";
import { luaFilesOf, type LuaFiles } from "./nodemcu-files.ts";
import {
  decisionsOf, IMAGE_STATE, LOADER, LOADER_FILE, LOG, LOG_CHARS, NEW_LOADER, NEW_LOG, NODE_FIRMWARE, NODE_IMAGE,
  NODE_INIT, OLD_PROGRAM,
} from "./nodemcu-loader.ts";
import { LIMITS, realTiming, sleep, type Limits, type Transport } from "./transport.ts";

export interface NodemcuResult {
  board: Chip;
  mode: "slots";
  /** The slot. */
  file: string;
  bytes: number;
  /** Of each file, as the chip has computed it. */
  sums: Record<string, string>;
  previous: boolean;
  ms: number;
}

export type { NodemcuJob };

/** The flash store of Lua is erased and written, between two more starts. */
const TAKE_OVER_MS = 15_000;
/** A file system has pages of 256 bytes and keeps some blocks free. */
const SPARE_BYTES = 8192;
/** Flashes, or throws a Failure that says what the board runs now. Closes nothing. */
export async function flashNodemcu(
  transport: Transport, job: NodemcuJob, surroundings: Surroundings,
): Promise<NodemcuResult> {
  const timing = surroundings.timing ?? realTiming;
  const limits: Limits = { ...LIMITS, ...surroundings.limits };
  if (job.files.some(({ name }) => name === NODE_IMAGE)) limits.bootMs += TAKE_OVER_MS;
  const talk = converse(transport, timing, surroundings.port, surroundings.signal);
  const prompt = nodemcuPrompt(talk, limits);
  const files = luaFilesOf(prompt, limits);
  const tell = surroundings.onProgress ?? (() => {});
  const began = timing.now();
  const flash: Flash = { job, prompt, files, limits, timing, tell };

  tell({ step: "connect", text: `looking for NodeMCU on ${surroundings.port}` });
  const board = await meet(flash);
  tell({ step: "check", text: `${board.board}, NodeMCU with ${board.version}` });
  const result = (found: Found): NodemcuResult => ({
    board, mode: "slots", file: found.target, bytes: sizeOf(job),
    sums: Object.fromEntries(job.files.map(({ name, data }) => [name, sumText(luaSum(data))])),
    previous: found.hasPrevious, ms: Math.round(timing.now() - began),
  });
  if (job.dryRun) {
    const found = await survey(files);
    await checkRoom(flash);
    return result(found);
  }
  const found = await upload(flash);
  await install(flash, found);
  tell({ step: "done", text: "done" });
  return result(found);
}

const sizeOf = ({ files }: NodemcuJob): number => files.reduce((sum, { data }) => sum + data.length, 0);
const nameIn = (slot: string, name: string): string => `${slot}.${name}`;
const compiledOf = (name: string): string => name.replace(/\.lua$/, ".lc");

/** All that a slot may hold. */
const SLOT_FILES = [NODE_INIT, NODE_FIRMWARE, compiledOf(NODE_FIRMWARE), NODE_IMAGE, IMAGE_STATE];

async function checkRoom({ job, files }: Flash): Promise<void> {
  const free = await files.free();
  const needed = sizeOf(job) * (job.compile ? 2 : 1) + LOADER.length + SPARE_BYTES;
  if (free < needed) throw new Failure("full", { free, needed });
}

/** To the boot guard (tools/build/lua/init.ts) a restart by command is a crash like others. */
const FORGET_BOOTS = "file.remove('boots') if rtcmem then rtcmem.write32(127,0) end";

/**
 * Orders a restart, acknowledged before it comes; a decision goes into the log in the same command, so that there is no
 * moment between them.
 */
async function restart({ files, prompt }: Flash, decision?: { log: string; char: string }): Promise<number> {
  const from = prompt.talk.position();
  const first = decision && `if not _W('${LOG}',${decision.log.length},'${decision.char}')then return end `;
  try {
    const result = await files.act("restarting", `${first ?? ""}${FORGET_BOOTS} `
      + "tmr.create():alarm(99,tmr.ALARM_SINGLE,node.restart) return 1");
    if (result !== "1") throw new Failure("refused", { doing: `writing to ${LOG}`, reason: `it says ${result}` });
    return prompt.talk.position();
  } catch (error) {
    // An order that was repeated has found it restarted.
    if (error instanceof RestartError) return from;
    throw error;
  }
}

/** A start that runs nothing: the memory is free, and nothing else talks. A program of another's goes on beside. */
async function stop(flash: Flash): Promise<void> {
  const { files, tell, prompt, timing, limits } = flash;
  await prompt.prepare();
  const { init, log } = await survey(files);
  if (init !== "loader") return;
  tell({ step: "stop", text: "stopping what runs" });
  await restart(flash, { log, char: "s" });
  const until = timing.now() + limits.connectMs;
  while (timing.now() < until) {
    await sleep(timing, 300);
    if (!await prompt.isThere(PATIENCE_MS)) continue;
    await prompt.prepare();
    if (decisionsOf(await files.read(LOG, LOG_CHARS * 2) ?? "") === `${log}st`) return;
  }
  throw new Failure("no-reply", { doing: "stopping what runs" });
}

/** Brings the files onto the chip and has them summed. A chip that restarts in between is stopped again. */
async function upload(flash: Flash): Promise<Found> {
  const { job, files, limits } = flash;
  let found: Found | undefined;
  const done = job.files.map(() => 0);
  const state = (): BoardState => (found === undefined ? "untouched" : found.hasPrevious ? "previous" : "none");
  for (let restarts = 0, badSums = 0; ;) {
    try {
      await stop(flash);
      if (found === undefined) {
        if (job.erase) await files.removeAll();
        found = await survey(files);
        const { target } = found;
        await files.remove(SLOT_FILES.map((name) => nameIn(target, name)));
        await checkRoom(flash);
      }
      if (await bring(flash, found, done)) return found;
      if (++badSums >= limits.uploads) throw new Failure("checksum", { found: "another", wanted: "that of the build", times: badSums });
    } catch (error) {
      if (error instanceof RestartError && ++restarts < limits.uploads) {
        await connect(flash);
        continue;
      }
      const failure = error instanceof RestartError ? new Failure("restarts", { times: restarts }) : error;
      await resume(flash);
      if (failure instanceof Failure) failure.board = state();
      throw failure;
    }
  }
}

/** The files of the slot; false when a sum is wrong, and then that file begins anew. */
async function bring({ job, files, tell }: Flash, { target }: Found, done: number[]): Promise<boolean> {
  const total = sizeOf(job);
  for (const [at, { name, data }] of job.files.entries()) {
    const file = nameIn(target, name);
    const isCompiled = job.compile && name === NODE_FIRMWARE;
    const isDone = isCompiled && done[at] === data.length && !await files.exists(file);
    if (isDone && await files.exists(compiledOf(file))) continue;
    const before = job.files.slice(0, at).reduce((sum, each) => sum + each.data.length, 0);
    await files.upload(file, data, done[at]!, (bytes) => {
      done[at] = bytes;
      tell({ step: "upload", text: file, bytes: before + bytes, total });
    });
    tell({ step: "verify", text: `the chip sums ${file}` });
    const sum = await files.sum(file);
    if (sum?.bytes !== data.length || sum.sum !== sumText(luaSum(data))) {
      done[at] = 0;
      await files.remove([file]);
      return false;
    }
    if (name === NODE_IMAGE) await noteSameImage(files, target, sum);
    if (!isCompiled) continue;
    tell({ step: "verify", text: `the chip compiles ${file}` });
    await files.act(`compiling ${file}`, `file.remove('${compiledOf(file)}') node.compile('${file}')`, "", 15_000);
    if (!await files.exists(compiledOf(file))) {
      throw new Failure("refused", { doing: `compiling ${file}`, reason: "nothing came of it" });
    }
    await files.remove([file]);
  }
  return true;
}

/** The image that the flash store holds already, as that of the other slot, need not be taken over. */
async function noteSameImage(files: LuaFiles, target: string, sum: { sum: string }): Promise<void> {
  const other = target === "a" ? "b" : "a";
  const state = await files.read(nameIn(other, IMAGE_STATE), 40);
  if (state?.startsWith("=") !== true || (await files.sum(nameIn(other, NODE_IMAGE)))?.sum !== sum.sum) return;
  await files.write(nameIn(target, IMAGE_STATE), state);
}

/** After a failure: what the board ran before is to run again. */
async function resume(flash: Flash): Promise<void> {
  try {
    await restart(flash);
  } catch {
    // It does so with its next start.
  }
}

/** The loader in the place of what was init.lua, and the log. */
async function switchOver({ files }: Flash, found: Found): Promise<void> {
  if (found.init !== "loader") {
    await files.remove([LOG]);
    if (found.init === "other") await files.write(LOG, "O");
    found.log = found.init === "other" ? "O" : "";
    await files.write(NEW_LOADER, LOADER);
    if (found.init === "other") await files.rename(LOADER_FILE, OLD_PROGRAM);
    await files.rename(NEW_LOADER, LOADER_FILE);
    return;
  }
  found.log = decisionsOf(await files.read(LOG, LOG_CHARS * 2) ?? "");
  if (found.log.length < LOG_CHARS) return;
  await files.write(NEW_LOG, found.runs ?? "");
  await files.rename(NEW_LOG, LOG);
  found.log = found.runs ?? "";
}

/** Switches to the new firmware, and stays with it only if it boots. */
async function install(flash: Flash, found: Found): Promise<void> {
  const { job, prompt, limits, tell } = flash;
  tell({ step: "switch", text: "switching to the new firmware" });
  let failure: Failure | undefined;
  try {
    await switchOver(flash, found);
    const from = await restart(flash, { log: found.log, char: found.target });
    tell({ step: "restart", text: `waiting for "${job.banner}"` });
    failure = await watchStart(prompt.talk, job.banner, from, limits);
  } catch (error) {
    if (!(error instanceof Failure || error instanceof RestartError)) throw error;
    failure = error instanceof Failure ? error : new Failure("restarts", { times: 1 });
  }
  if (failure === undefined) failure = await confirm(flash, found);
  if (failure === undefined) return;
  if (failure.code === "closed") {
    throw new Failure("closed-switching", failure.fields, found.init === "loader" && found.hasPrevious ? "trial" : "unknown");
  }
  if (failure.code !== "unconfirmed") await goBack(flash, found, failure);
  throw failure;
}

async function confirm(flash: Flash, found: Found): Promise<Failure | undefined> {
  const { files, tell } = flash;
  tell({ step: "confirm", text: "telling the board to keep it" });
  try {
    await connect(flash);
    const log = decisionsOf(await files.read(LOG, LOG_CHARS * 2) ?? "");
    // The log says that it was started, the memory of the chip that it still runs.
    const running = await files.act("asking what runs", "return MOTELET");
    if (log !== `${found.log}${found.target}t` || running !== found.target) return new Failure("boot-undone");
    await files.append(LOG, log, found.target.toUpperCase());
    return undefined;
  } catch (error) {
    if (error instanceof RestartError) return new Failure("boot-loop");
    if (!(error instanceof Failure)) throw error;
    return new Failure("unconfirmed", { reason: error.message }, found.hasPrevious ? "unsure" : "new");
  }
}

/** The new firmware is no good: the next start brings the previous one. */
async function goBack(flash: Flash, found: Found, failure: Failure): Promise<void> {
  const { files, tell, prompt } = flash;
  tell({ step: "rollback", text: `${failure.message}: going back` });
  try {
    await connect(flash);
    const log = decisionsOf(await files.read(LOG, LOG_CHARS * 2) ?? "");
    // An order that was not carried out yet must not be.
    if (/[ab]$/.test(log)) await files.append(LOG, log, found.runs ?? "s");
    if (found.runs === undefined) await files.remove([LOADER_FILE, LOG]);
    await restart(flash);
    prompt.talk.doing = "";
    failure.board = found.hasPrevious ? "previous" : "none";
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure("rollback-failed", { failed: failure.message, reason }, "unknown");
  }
}
