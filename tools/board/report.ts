/** Collects problems, each with its place in the file that it comes from. */
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
