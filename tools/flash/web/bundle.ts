/** The program of the page as one file: of @espruino-tools/core its UART connection alone is in it. */
import { build, type Plugin } from "esbuild";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** What the package would draw its window with, and compile programs with: nothing of ours calls that. */
const UNUSED = /^(jss|jss-preset-default|@espruino-tools\/transpiler)$/;
const UART_FILE = /[\\/]@espruino-tools[\\/]uart[\\/]lib[\\/]uart\.js$/;

const espruinoTools: Plugin = {
  name: "espruino-tools",
  setup(setup) {
    setup.onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: "unused" }));
    setup.onLoad({ filter: /./, namespace: "unused" }, () => ({
      contents: `const styles = { setup() {}, createStyleSheet: () => ({ attach: () => ({ classes: {} }) }) };
        export default Object.assign(() => {}, styles); export const transpile = undefined;`,
    }));
    setup.onLoad({ filter: UART_FILE }, async ({ path }) => ({
      contents: `const { navigator, document, console } = require(${JSON.stringify(pathOf("uart-surroundings.js"))});\n`
        + await readFile(path, "utf8"),
    }));
  },
};

const NOTICE = "/*! Holds the UART connection of @espruino-tools/core and @espruino-tools/uart, (c) Callum McLuskey, ISC licence; "
  + "esptool-js, (c) Espressif Systems, Apache-2.0, with pako, (c) Vitaly Puzrin and Andrei Tuputcyn, MIT licence; and MD5 of @noble/hashes, (c) Paul Miller, MIT licence. */";

/** There in a package alone, whose users need not install what is bundled. */
const PACKED = pathOf("packed.js");

/** The program of the page. */
export async function pageProgram(): Promise<string> {
  return existsSync(PACKED) ? readFile(PACKED, "utf8") : bundle();
}

/** It is a development dependency: whoever installs less than that has no page. */
const MISSING = "the page needs @espruino-tools/core, which is not installed: run npm install without --omit=dev (a package that "
  + "npm pack has made needs nothing more)";

async function bundle(): Promise<string> {
  try {
    createRequire(import.meta.url).resolve("@espruino-tools/core/lib/device-controller.js");
  } catch {
    throw new Error(MISSING);
  }
  const { outputFiles } = await build({
    entryPoints: [pathOf("app.js")], bundle: true, write: false, format: "esm", target: "es2022", minify: true,
    logLevel: "silent", plugins: [espruinoTools], banner: { js: NOTICE }, loader: { ".html": "text", ".css": "text" },
  });
  return outputFiles[0]!.text;
}

/** What `npm pack` calls before and after. */
export async function pack(file = PACKED): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, await bundle());
}
export const unpack = (): Promise<void> => rm(PACKED, { force: true });
