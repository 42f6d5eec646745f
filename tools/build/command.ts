/** `motelet build`: builds and tells what came of it. */
import kleur from "kleur";
import { dirname, join, relative } from "node:path";
import { printProblems } from "../board/report.ts";
import type { Manifest } from "../board/types.ts";
import { build, sizeTable } from "./build.ts";

/** Builds a board file and prints its sizes. Returns the exit code: 1 when the board file has errors. */
export const buildCommand = async (
  file: string,
  options: { out: string; json?: boolean; "simulated-secrets"?: boolean },
): Promise<number> => {
  const secrets = options["simulated-secrets"] ? { secrets: "simulated" as const } : {};
  const { manifest, file: firmware, problems } = await build(file, { outDir: options.out, ...secrets });
  if (options.json) {
    console.log(JSON.stringify(manifest ? { manifest, problems } : { problems }, null, 2));
  } else {
    printProblems(problems);
    if (manifest && firmware) {
      console.log(`${kleur.bold(relative(".", firmware))}  sha256 ${manifest.sha256.slice(0, 16)}...`);
      console.log(sizeTable(manifest).join("\n"));
      if (manifest.lua) console.log(`\n${nodemcuLines(manifest.lua, dirname(firmware)).join("\n")}`);
    }
  }
  return manifest ? 0 : 1;
};

/** What the NodeMCU firmware has to be like, and how the program gets there. */
const nodemcuLines = ({ version, modules, flashed, configuration }: NonNullable<Manifest["lua"]>, folder: string): string[] => [
  `NodeMCU with Lua ${version} and the modules ${modules.join(", ")} (docs/nodemcu.md). To build it:`,
  ...configuration.flatMap(({ file, text }) => [
    "", kleur.bold(relative(".", join(folder, file))), ...text.trimEnd().split("\n").map((line) => `  ${line}`),
  ]),
  ...(flashed ? [
    "", "The program goes into the flash store of Lua, compiled by the luac.cross of that build; init.lua takes it over:",
    `  luac.cross -f -o firmware.img ${flashed.join(" ")}`,
  ] : []),
];
