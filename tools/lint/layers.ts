/** Which part of the repository may import which (docs/architecture.md says why). */
import type { TSESLint, TSESTree } from "@typescript-eslint/utils";
import { dirname, join, relative, sep } from "node:path";

/** Top folders that the files of a top folder may import from. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  lib: ["lib"],
  firmware: ["firmware", "lib"],
  // It runs what `build` wrote, as the board would: types of the board file and the manifest are all that it shares.
  simulator: ["simulator", "tools"],
  tools: ["tools", "lib", "library", "interop", "simulator", "boards", "package.json", "flash.config.json"],
  library: ["library", "lib"],
  interop: ["interop", "simulator"],
  examples: ["examples"],
  bench: ["bench", "tools", "lib", "simulator", "boards", "package.json"],
  bin: ["bin", "tools"],
  test: [
    "test", "tools", "lib", "library", "interop", "examples", "firmware", "simulator", "boards", "bench", "bin", "package.json",
    "eslint.config.js",
  ],
};

/** Folders whose code runs on boards, so that nothing of Node or of npm is there. */
const isPortable = (path: string): boolean => /^(lib|firmware)\//.test(path) && !path.startsWith("lib/platform/node/");

/**
 * @returns what is wrong with an import, or undefined. `path` is of the importing file, from the root of the
 * repository.
 */
export const problemWith = (path: string, imported: string): string | undefined => {
  const folder = path.split("/")[0]!;
  if (imported.startsWith("#platform/")) {
    return /^(lib|firmware|test|bench)\//.test(path) ? undefined : "only firmware and lib ask #platform for a chip";
  }
  if (!imported.startsWith(".")) {
    return isPortable(path) ? "a board has neither Node nor npm: import ./files and #platform/*" : undefined;
  }
  const target = join(dirname(path), imported).split(sep).join("/");
  const other = target.split("/")[0]!;
  if (target.startsWith("lib/platform/") && !path.startsWith("lib/platform/") && isPortable(path)) {
    return target === "lib/platform/types.ts" ? undefined : "import #platform/*: the build picks the version of the target";
  }
  const allowed = MAY_IMPORT[folder];
  if (!allowed || allowed.includes(other)) {
    return undefined;
  }
  return `${folder}/ does not import ${other}/: it may import ${allowed.join(", ")}`;
};

type Source = TSESTree.ImportDeclaration | TSESTree.ExportAllDeclaration | TSESTree.ExportNamedDeclaration
  | TSESTree.ImportExpression;

/** `motelet/layers` */
export const layers: TSESLint.RuleModule<string, unknown[]> = {
  meta: { type: "problem", schema: [], messages: { wrong: "{{ problem }}." } },
  defaultOptions: [],
  create(context) {
    const path = relative(context.cwd, context.filename).split(sep).join("/");
    const check = (node: Source): void => {
      const { source } = node;
      const problem = source?.type === "Literal" && typeof source.value === "string" && problemWith(path, source.value);
      if (problem) {
        context.report({ node: source, messageId: "wrong", data: { problem } });
      }
    };
    return {
      ImportDeclaration: check, ExportAllDeclaration: check, ExportNamedDeclaration: check, ImportExpression: check,
    };
  },
};
