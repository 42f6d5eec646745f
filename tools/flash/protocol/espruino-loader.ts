/**
 * What is on the chip besides the node, where updates are kept in two slots (mode "storage"): `motelet.a` and
 * `motelet.b`; the loader, which is the boot code; and the log `motelet.ab`, which says which slot runs.
 *
 * The log is erased flash that is written from its beginning, an entry of four equal characters at a time, so that one
 * write of a word decides:
 *   a, b: this slot is to be tried, once       t: it is being tried
 *   A, B: this slot is to run                  else (a write that was cut off): as t
 * (Each write names the size of the file: at offset 0 Storage would make a new file of the size of the data.)
 * An update that nobody confirmed is undone by the next start: the loader finds `t`, and writes the last A or B again.
 */
import { crc32 } from "./bytes.ts";

export const LOG = "motelet.ab";
export const LOG_BYTES = 256;
export const ENTRY_BYTES = 4;
/** An update takes three entries. */
export const ENTRIES_OF_UPDATE = 3;
export type Slot = "a" | "b";
export const fileOf = (slot: Slot): string => `motelet.${slot}`;
export const otherSlot = (slot: Slot): Slot => (slot === "a" ? "b" : "a");

const MARK = "//motelet loader";

/** The slot is evaluated where nothing of the loader stays in memory. */
export const LOADER = `${MARK} 1
eval(require("Storage").read(function(){var s=require("Storage"),l=s.read("${LOG}")||"",n=0,g="",c="";\
for(;n<l.length&&l.charCodeAt(n)<255;n+=4){c=l.charAt(n);if(c=="A"||c=="B")g=c}\
if(c=="a"||c=="b"){s.write("${LOG}","tttt",n,${LOG_BYTES});return"motelet."+c}\
if(!g)g=s.read("motelet.a",0,1)===undefined?"B":"A";\
if(c!=g&&n<l.length)s.write("${LOG}",g+g+g+g,n,${LOG_BYTES});\
return"motelet."+g.toLowerCase()}()))
`;

export const LOADER_CRC = crc32(LOADER);

/** Whether boot code that begins so is a loader of ours, of whichever version. */
export const isLoader = (head: string): boolean => head.startsWith(MARK);

/** Letters of the log, one an entry. */
export function entriesOf(log: string): string[] {
  const entries: string[] = [];
  for (let at = 0; at < log.length && log.charCodeAt(at) < 255; at += ENTRY_BYTES) entries.push(log[at]!);
  return entries;
}

/** The slot that is confirmed. */
export function confirmedSlot(entries: string[]): Slot | undefined {
  const last = entries.findLast((entry) => entry === "A" || entry === "B");
  return last === undefined ? undefined : last.toLowerCase() as Slot;
}

/**
 * Runs before the boot code while that is being replaced (as `.boot3`): a power cut in the middle of it leaves
 * something that has neither checksum, and then the previous program is run from its file.
 */
export function guardCode(crcs: number[], previous: string): string {
  return `(function(s){var c=E.CRC32(s.read(".bootcde")||"");if(${crcs.map((crc) => `c!==${crc}`).join("&&")})`
    + `eval(s.read("${previous}"))})(require("Storage"))\n`;
}
export const GUARD = ".boot3";
