/** `npm run library`: the MQTT client as a module for Espruino, without the firmware: dist/mqtt.js. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import kleur from "kleur";
import sade from "sade";
import { checkGrammar } from "./build/grammar.ts";
import { minify } from "./build/minify.ts";
import { root } from "./build/root.ts";

/** The text of the module; with `qos` 2 it speaks that, too. */
export const libraryText = async (qos: 1 | 2): Promise<string> => {
  // What registers itself first is called first: see library/espruino.ts.
  const contents = `${qos === 2 ? 'import "motelet/lib/mqtt/qos2.ts";\n' : ""}import "motelet/library/espruino.ts";\n`;
  const { code } = await minify({ contents, resolveDir: root }, root);
  const [problem] = checkGrammar(code);
  if (problem) {
    throw new Error(`the module has ${problem.message} at ${problem.line}:${problem.column}`);
  }
  return `${code};\n`;
};

const write = async (options: { qos: number; out: string }): Promise<void> => {
  if (options.qos !== 1 && options.qos !== 2) {
    throw new Error(`--qos ${options.qos}: 1 or 2 (0 is always there)`);
  }
  const text = await libraryText(options.qos);
  const file = resolve(options.out);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text, "latin1");
  console.log(`${options.out}: ${text.length} bytes, QoS 0 to ${options.qos}`);
};

if (process.argv[1] !== undefined && resolve(process.argv[1]) === join(root, "tools", "library.ts")) {
  sade("library", true)
    .option("--qos", "The highest quality of service: 1 or 2", 1)
    .option("--out", "File to write", "dist/mqtt.js")
    .action((options: { qos: number; out: string }) => {
      write(options).catch((error: unknown) => {
        console.error(`${kleur.red("error")}: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 1;
      });
    })
    .parse(process.argv);
}
