/** The troubleshooting table of docs/flashing.md, of the very messages. */
import { FAILURES } from "./protocol/failures-table.ts";

/** `{name}` is what is filled in; a bar would end the cell. */
const cell = (text: string): string => text.replace(/\|/g, "\\|").replace(/\{(\w+)\}/g, "*$1*");

export function failuresTable(): string {
  const rows = Object.entries(FAILURES).map(([code, { exit, message, advice }]) =>
    `| ${exit} | \`${code}\` | ${cell(message)} | ${cell(advice)} |`);
  return ["| exit | code | message | what to do |", "| --- | --- | --- | --- |", ...rows].join("\n");
}
