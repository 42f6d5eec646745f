/** A part of the repository is clean: what `npm run lint` does with it. */
import { test } from "uvu";
import { lint } from "../../tools/lint/main.ts";
import type { Part } from "../../tools/lint/projects.ts";

/** In assert.is(report, "") a long report would be shown as a difference: it is thrown as it is, without a stack. */
const checkClean = (report: string): void => {
  if (report !== "") {
    const error = new Error(`What can be mended by itself: npx eslint . --fix\n${report}`);
    error.stack = "";
    throw error;
  }
};

/** In a file of its own each: they take long, and run side by side. */
export const testClean = (part: Part): void => {
  test("ESLint and the type checks find nothing", async () => {
    checkClean(await lint(part));
  });
  test.run();
};
