/** `motelet check [file]`: every mistake of a board file at once, for people or as JSON. */
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import kleur from "kleur";
import { type LoadOptions, loadBoard } from "./board/load.ts";
import { printProblems } from "./board/report.ts";
import { shownPath } from "./board/source.ts";
import { wornAfter } from "./board/rules/store.ts";
import type { Problem, StorePlan } from "./board/types.ts";

export interface CheckOptions extends LoadOptions {
  /** Prints one JSON object instead of lines for people. */
  json?: boolean;
  /** Where to print; `console.log` when absent. */
  print?: (line: string) => void;
}

/** What was found in one file. The JSON output is a list of these with a sum. */
interface Checked {
  file: string;
  ok: boolean;
  problems: Problem[];
  missingSecrets: string[];
  simulatedSecrets: string[];
  store?: StorePlan;
}

/** Why a missing secret is no error here. */
const NOT_NEEDED_YET = "needed to build for a board; the simulator supplies its own";

/**
 * Checks a board file, or all of `boards/*.json` without one. Prints what it found.
 *
 * @returns the exit code: 1 when there is an error, 0 when there is none or there are warnings only. A missing secret
 *   is a warning here: it is an error where a board is built for its chip.
 */
export async function check(file: string | undefined, options: CheckOptions = {}): Promise<number> {
  const print = options.print ?? ((line: string) => console.log(line));
  const files = file === undefined ? boardFiles(join(process.cwd(), "boards")) : [file];
  const checked: Checked[] = [];
  for (const path of files) checked.push(await checkOne(path, options));
  const all = checked.flatMap(({ problems }) => problems);
  const errors = all.filter(({ severity }) => severity === "error").length;
  const failed = errors > 0 || files.length === 0;
  if (options.json) {
    print(JSON.stringify({ ok: !failed, errors, warnings: all.length - errors, boards: checked }));
  } else if (files.length === 0) {
    const folder = shownPath(join(process.cwd(), "boards"));
    print(`${kleur.red("error")} there is no board file in ${folder}: name one, `
      + "for example `motelet check boards/greenhouse.json`");
  } else {
    printForPeople(checked, print);
  }
  return failed ? 1 : 0;
}

async function checkOne(file: string, options: CheckOptions): Promise<Checked> {
  const { problems, missing, missingSecrets, simulatedSecrets, store } = await loadBoard(file, options);
  const found = problems.map((problem): Problem => missing.includes(problem)
    ? { ...problem, severity: "warning", message: `${problem.message}: ${NOT_NEEDED_YET}` }
    : problem);
  return {
    file: shownPath(file),
    ok: !found.some(({ severity }) => severity === "error"),
    problems: found,
    missingSecrets,
    simulatedSecrets,
    ...(store === undefined ? {} : { store }),
  };
}

/** The board files of a folder: neither schemas nor secrets. */
function boardFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith(".json") && !/\.schema\.json$|^secrets\.json$/.test(name))
    .sort().map((name) => relative(process.cwd(), join(folder, name)));
}

function printForPeople(checked: Checked[], print: (line: string) => void): void {
  for (const { file, problems, store } of checked) {
    printProblems(problems, print);
    if (store !== undefined) print(`${file}: ${wear(store)}`);
  }
  const all = checked.flatMap(({ problems }) => problems);
  const errors = all.filter(({ severity }) => severity === "error").length;
  const warnings = all.length - errors;
  const counts = [count(errors, "error"), count(warnings, "warning")].filter((text) => !text.startsWith("0 "));
  const summary = `${checked.map(({ file }) => file).join(", ")}: ${counts.join(", ") || "no mistakes"}`;
  print(errors > 0 ? kleur.red(summary) : warnings > 0 ? kleur.yellow(summary) : kleur.green(summary));
}

/** What a store does to the flash, at worst: all messages wait in the queue before they are sent. */
function wear(store: StorePlan): string {
  const { address, areaBytes, areas, bytesADay, writesAMessage, bytesAMessage, inFiles } = store;
  return `the store writes a message up to ${writesAMessage} times (${bytesAMessage} bytes), ${Math.ceil(bytesADay / 1000)} kB a day; its ${inFiles ? "files" : "flash"} (${areas} x ${
    areaBytes} bytes${inFiles ? ") last" : ` at 0x${address.toString(16)}) lasts`} for ${wornAfter(store)}`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
