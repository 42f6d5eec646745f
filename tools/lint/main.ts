/**
 * `npm run lint`: the type checks of all platforms, and ESLint on the same programs, so that each type is worked out
 * once. (`npx eslint FILE` makes programs of its own, and says the same.)
 */
import { ESLint } from "eslint";
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { PARTS, type Part, type Project } from "./projects.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What several programs read is parsed once: in them only `#platform/x` leads elsewhere. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** The program of a type check, as `tsc -p` makes it. */
const programOf = ({ config }: Project): ts.Program => {
  const read = (path: string): string | undefined => ts.sys.readFile(path);
  const { config: json, error } = ts.readConfigFile(`${root}${config}`, read) as { config: object; error?: ts.Diagnostic };
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent(json, ts.sys, root, undefined, `${root}${config}`);
  const host = ts.createCompilerHost(options, true);
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseForTypeErrors;
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, how, ...rest) => {
    const key = `${typeof how === "object" ? how.impliedNodeFormat : how} ${name}`;
    if (!parsed.has(key)) parsed.set(key, getSourceFile(name, how, ...rest));
    return parsed.get(key);
  };
  return ts.createProgram({
    rootNames: fileNames, options, host, configFileParsingDiagnostics: [...(error ? [error] : []), ...errors],
  });
};

const describe = ({ config }: Project, diagnostics: readonly ts.Diagnostic[]): string => {
  const report = ts.formatDiagnostics(diagnostics, {
    getCurrentDirectory: () => root, getCanonicalFileName: (name) => name, getNewLine: () => "\n",
  });
  return report === "" ? "" : `npx tsc -p ${config} says:\n${report}`;
};

/** What is wrong with a part of the repository, "" if nothing. */
export const lint = async (part: Part): Promise<string> => {
  const { projects, files, ignores } = PARTS[part];
  const reports: string[] = [];
  const overrideConfig = [];
  for (const project of projects) {
    const program = programOf(project);
    reports.push(describe(project, ts.getPreEmitDiagnostics(program)));
    overrideConfig.push({ files: project.files, languageOptions: { parserOptions: { programs: [program] } } });
  }
  const eslint = new ESLint({ cwd: root, overrideConfig, ignorePatterns: ignores });
  const formatter = await eslint.loadFormatter("stylish");
  reports.push(await formatter.format(await eslint.lintFiles(files)));
  return reports.join("");
};

/** All parts, each in its own process. */
const lintAll = (): void => {
  for (const part of Object.keys(PARTS)) {
    fork(fileURLToPath(import.meta.url), [part]).on("exit", (code) => {
      process.exitCode ||= code ?? 1;
    });
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [part] = process.argv.slice(2);
  if (part === undefined) {
    lintAll();
  } else {
    const report = await lint(part as Part);
    process.stdout.write(report);
    process.exitCode = report === "" ? 0 : 1;
  }
}
