/**
 * Writes the table of the portable subset into CONTRIBUTING.md:
 * `node --import ./bin/typescript.js tools/lint/table.ts`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bans } from "./subset.ts";

const BEGIN = "<!-- portable subset: generated -->\n";
const END = "<!-- end -->";

/** Rule, reason and remedy of each ban, between the marks that it stands between. */
export const tableOfBans = (): string => {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const lines = Object.entries(bans).map(([name, { why, instead }]) => `| \`${name}\` | ${cell(why)} | ${cell(instead)} |`);
  return `${BEGIN}\n| rule | why not | instead |\n| --- | --- | --- |\n${lines.join("\n")}\n\n${END}`;
};

const self = fileURLToPath(import.meta.url);
if (process.argv[1] !== undefined && resolve(process.argv[1]) === self) {
  const file = fileURLToPath(new URL("../../CONTRIBUTING.md", import.meta.url));
  const text = readFileSync(file, "utf8");
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  writeFileSync(file, text.slice(0, from) + tableOfBans() + text.slice(to + END.length));
}
