/** Collects problems, each with its place in the file that it comes from, and prints them for people. */
import kleur from "kleur";
import type { Problem } from "./types.ts";
import { pathText, type Segment } from "./words.ts";

export interface Place {
  file: string;
  line?: number;
  column?: number;
}

/** Where a JSON path is written. */
export type Locate = (path: readonly Segment[]) => Place;

export class Report {
  readonly problems: Problem[] = [];
  readonly #paths: (readonly Segment[])[] = [];
  readonly #locate: Locate;

  constructor(locate: Locate) {
    this.#locate = locate;
  }

  error(path: readonly Segment[], message: string, suggestion?: string): void {
    this.#add("error", path, message, suggestion);
  }

  warning(path: readonly Segment[], message: string, suggestion?: string): void {
    this.#add("warning", path, message, suggestion);
  }

  /** True when an error is at this path or below it. */
  hasErrorIn(path: readonly Segment[]): boolean {
    return this.#paths.some((other, i) =>
      this.problems[i]!.severity === "error" && path.every((segment, at) => other[at] === segment));
  }

  /** The file in which a path is written. */
  fileOf(path: readonly Segment[]): string {
    return this.#locate(path).file;
  }

  get failed(): boolean {
    return this.problems.some((problem) => problem.severity === "error");
  }

  #add(severity: Problem["severity"], path: readonly Segment[], message: string, suggestion?: string): void {
    const text = pathText(path);
    if (this.problems.some((problem) => problem.path === text && problem.message === message)) return;
    this.#paths.push(path);
    this.problems.push({
      ...this.#locate(path), path: text, severity, message, ...(suggestion === undefined ? {} : { suggestion }),
    });
  }
}

/**
 * One problem for people: `boards/x.json:12:7 sensors[0].driver: there is no driver "bme208". Did you mean "bme280"?`
 */
export function problemLine(problem: Problem): string {
  const { file, line, column, path, severity, message, suggestion } = problem;
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  const sentence = suggestion === undefined ? `${message}.` : `${message}. ${capital(suggestion)}`;
  const where = path === "" ? "" : `${severity === "error" ? kleur.red(path) : kleur.yellow(path)}: `;
  const mark = severity === "error" ? "" : `${kleur.yellow("warning")}: `;
  return `${kleur.bold(place)} ${where}${mark}${/[.?!]$/.test(sentence) ? sentence : `${sentence}.`}`;
}

/** With a capital letter in front. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Prints problems for people, a line each; to standard error unless told otherwise. */
export function printProblems(
  problems: readonly Problem[], print: (line: string) => void = (line) => console.error(line),
): void {
  for (const problem of problems) print(problemLine(problem));
}
