/** `motelet build`: builds and tells what came of it. */
import kleur from "kleur";
import { relative } from "node:path";
import { printProblems } from "../board/report.ts";
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
    }
  }
  return manifest ? 0 : 1;
};
