/** The repository is clean: ESLint (format, types, portable subset, layers) and the type checks of each platform. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "uvu";

const root = fileURLToPath(new URL("../..", import.meta.url));

const run = (script: string, ...args: string[]): Promise<string> => new Promise((done) => {
  let output = "";
  const child = spawn(process.execPath, [`${root}node_modules/${script}`, ...args], { cwd: root });
  child.stdout.on("data", (bytes) => (output += bytes));
  child.stderr.on("data", (bytes) => (output += bytes));
  child.on("close", (code) => done(code === 0 ? "" : output));
});

/** In assert.is(report, "") a long report would be shown as a difference: it is thrown as it is, without a stack. */
const checkClean = (report: string, remedy: string): void => {
  if (report !== "") {
    const error = new Error(`${remedy}\n${report}`);
    error.stack = "";
    throw error;
  }
};

test("ESLint finds nothing", async () => {
  checkClean(await run("eslint/bin/eslint.js", "."), "What can be mended by itself: npx eslint . --fix");
});

for (const config of ["tsconfig.json", "tsconfig.espruino.json", "tsconfig.esp8266.json", "tsconfig.esp32.json"]) {
  test(`the types agree with the platforms of ${config}`, async () => {
    checkClean(await run("typescript/bin/tsc", "-p", config), `npx tsc -p ${config} says:`);
  });
}

test.run();
