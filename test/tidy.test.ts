/** What the style asks for and a program can check, each with its remedy. Format and types are the linter's. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** What is or would be committed; without git (an unpacked package) what is there. */
const listFiles = (): string[] => {
  try {
    const names = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
      cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"],
    }).split("\0");
    return names.filter((name) => name !== "" && existsSync(join(root, name)));
  } catch {
    const all = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return all.map((entry) => join(entry.parentPath, entry.name).slice(root.length))
      .filter((name) => !/(^|\/)(node_modules|dist|\.git)\//.test(name));
  }
};

const isBinary = (path: string): boolean => /\.(png|jpg|gif|ico|bin|woff2?|gz|zip)$/.test(path);
const files = listFiles().filter((path) => !isBinary(path)).sort();
const code = files.filter((path) => /\.(ts|js)$/.test(path));

/** Rows upon rows may be as long as they are. */
const isTable = (path: string): boolean => /(^|[-/.])(rows|tables?|schema|mistakes|fixtures?)[-.]/.test(path);

/** A list of what is wrong is better read than a difference to an empty list. */
const checkNone = (found: string[], remedy: string): void => {
  if (found.length > 0) {
    const error = new Error(`${remedy}\n  ${found.join("\n  ")}`);
    error.stack = "";
    throw error;
  }
};

/** Places of a pattern, as path:line. */
const find = (paths: string[], pattern: RegExp): string[] => paths.flatMap((path) =>
  read(path).split("\n").flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : [])));

const parse = (path: string): ts.SourceFile =>
  ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022, true);

// A test file is a list of independent cases: it may be longer than what has to be understood as one.
const limit = (path: string): number => (path.startsWith("test/") ? 400 : 300);

test("files have at most 300 lines, tables aside", () => {
  const lines = (path: string): number => read(path).trimEnd().split("\n").length;
  const long = code
    .filter((path) => !isTable(path) && lines(path) > limit(path))
    .map((path) => `${path}: ${lines(path)} lines, ${limit(path)} at most`);
  checkNone(long, "Split by concern; a table of data goes into a file of its own (x-rows.ts, x-table.ts):");
});

// Tests aside: a script that an engine runs is one function there.
// A function that makes an object of functions is as long as they are together: lines of its own are what counts.
test("functions have at most 70 lines, without those of the functions in them", () => {
  const long: string[] = [];
  for (const path of code) {
    const file = parse(path);
    const lineAt = (position: number): number => file.getLineAndCharacterOfPosition(position).line + 1;
    /** Visits a node, and returns the lines of the functions in it. */
    const visit = (node: ts.Node): number => {
      let inner = 0;
      ts.forEachChild(node, (child) => {
        inner += visit(child);
      });
      if (!ts.isFunctionLike(node) || !("body" in node) || !node.body) {
        return inner;
      }
      const lines = lineAt(node.end) - lineAt(node.getStart()) + 1;
      if (lines - inner > 70 && !path.startsWith("test/")) {
        long.push(`${path}:${lineAt(node.getStart())}: ${lines - inner} lines`);
      }
      return lines;
    };
    visit(file);
  }
  checkNone(long, "Name its parts and move them out:");
});

test("no tab and no space at the end of a line", () => {
  checkNone(find(files, /\t|[^\S\n]+$/), "Two spaces for a tab; npx eslint . --fix:");
});

test("each driver has its virtual part and its test", () => {
  const missing = files.filter((path) => /^lib\/drivers\/[^/]+\.ts$/.test(path) && basename(path) !== "types.ts")
    // A file without `meta` is no driver but shared by some.
    .filter((path) => /^export const meta\b/m.test(read(path)))
    .flatMap((path) => [`simulator/parts/${basename(path)}`, `test/drivers/${basename(path, ".ts")}.test.ts`])
    .filter((path) => !existsSync(join(root, path)));
  checkNone(missing, "Write what CONTRIBUTING.md lists for a sensor:");
});

test("each file of lib/ and firmware/ begins by saying what it is", () => {
  const silent = code.filter((path) => /^(lib|firmware)\//.test(path) && !/^\/\*\*? ?\S|^\/\*\*\n \* \S/.test(read(path)));
  checkNone(silent, "Begin with /** ... */: what it is, and of a part the datasheet:");
});

test("no path of somebody's machine, no host of a registry", () => {
  const machine = new RegExp(`(^|[^\\w.])/(${["work", "tmp", "root"].join("|")})/\\w|\\b[A-Z]:\\\\Users|/Users/\\w`);
  checkNone(find(files, machine), "Make it relative, or use os.tmpdir():");
  const hosts = ["npmjs", "yarnpkg", "npmmirror"].join("|");
  const registry = new RegExp(`\\bregistry\\.[a-z]|\\b(${hosts})\\.(org|com)\\b|/(${["artifact", "nexus"].join("|")})\\w*/`);
  checkNone(find(files, registry), "Leave it to the user's npm configuration:");
});

test("nothing is left to do later, and no test runs alone", () => {
  checkNone(find(files.filter((path) => path !== "test/tidy.test.ts"), /\b(TODO|FIXME|XXX)\b/), "Do it, or open an issue:");
  checkNone(find(code.filter((path) => path.startsWith("test/")), /^\s*\w+\.only\(/), "Remove .only: it skips the rest:");
});

test("nothing of Node reaches a board", () => {
  const onBoard = code.filter((path) => /^(lib|firmware)\//.test(path) && !path.startsWith("lib/platform/node/"));
  checkNone(find(onBoard, /from "node:|\bprocess\.env\b|\bBuffer\./), "Ask #platform for it:");
});

interface Package {
  files: string[];
  dependencies: Record<string, string>;
  /** Those whose build may fail without harm: the command says so where it needs them. */
  optionalDependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const manifest = JSON.parse(read("package.json")) as Package;

test("the lock file pins every dependency and names no host", () => {
  const lock = read("package-lock.json");
  const { packages } = JSON.parse(lock) as { packages: Record<string, Record<string, unknown> & Package> };
  checkNone(find(["package-lock.json"], /"resolved"/), "npm config set omit-lockfile-registry-resolved true, then npm i:");
  const urls = lock.split("\n").filter((line) => line.includes("://") && !/^\s*"url": /.test(line));
  checkNone(urls, "Only the URLs of those who ask for funding belong into a lock file:");
  const all = (of: Package): Record<string, string> =>
    ({ ...of.dependencies, ...of.optionalDependencies, ...of.devDependencies });
  const wanted = all(manifest);
  assert.equal(all(packages[""] as Package), wanted, "npm install brings it up to date");
  const loose = Object.keys(wanted).filter((name) => !packages[`node_modules/${name}`]?.["integrity"]);
  checkNone(loose, "npm install them, and commit the lock file:");
});

test("the package holds all files and dependencies that the command needs", () => {
  const seen = new Set<string>();
  const packages = new Map<string, string>();
  const visit = (path: string): void => {
    if (seen.has(path) || !existsSync(join(root, path))) {
      return;
    }
    seen.add(path);
    for (const { fileName } of ts.preProcessFile(read(path), true, true).importedFiles) {
      if (fileName.startsWith(".")) {
        visit(join(dirname(path), fileName));
      } else if (!/^(node:|#)/.test(fileName)) {
        packages.set(fileName.split("/").slice(0, fileName.startsWith("@") ? 2 : 1).join("/"), path);
      }
    }
  };
  visit("bin/motelet.js");
  visit("tools/main.ts");
  const isIn = (path: string): boolean => manifest.files.some((entry) =>
    path === entry || path.startsWith(`${entry}/`) || (entry.includes("*") && dirname(path) === dirname(entry)));
  checkNone([...seen].filter((path) => !isIn(path)), "Add them to `files` of package.json:");
  const declared = { ...manifest.dependencies, ...manifest.optionalDependencies };
  const undeclared = [...packages].filter(([name]) => !(name in declared));
  checkNone(undeclared.map(([name, path]) => `${name} (${path})`), "npm install them as dependencies, not for development:");
  const built = files.filter((path) => /^(lib|firmware|boards)\//.test(path) && !isIn(path) && !path.endsWith("secrets.json"));
  checkNone(built, "`motelet build` needs them: add them to `files` of package.json:");
});

test.run();
