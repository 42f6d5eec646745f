/**
 * The two ways in which a node is kept on an Espruino board. Of each the same is asked: where the upload goes, what to
 * do before it, how to switch to it, to confirm it, and to go back.
 */
import { isSame, roomFor, sumOf, type Storage, type Sum } from "./espruino-files.ts";
import {
  confirmedSlot, ENTRIES_OF_UPDATE, entriesOf, ENTRY_BYTES, fileOf, GUARD, guardCode, isLoader, LOADER, LOADER_CRC, LOG,
  LOG_BYTES, otherSlot, type Slot,
} from "./espruino-loader.ts";

export type UploadMode = "storage" | "bootcode";

export const BOOT = ".bootcde";
/** Boot code that runs after reset(), too; it comes first. */
const BOOT_ALWAYS = ".bootrst";
const STAGED = "motelet.new";
const PREVIOUS = "motelet.old";

/** What is on the board. */
export interface Survey {
  boot: Sum | undefined;
  always: Sum | undefined;
  /** The boot code is a loader of ours; of today's version? */
  loader: "none" | "current" | "other";
  entries: string[];
  slots: Record<Slot, Sum | undefined>;
  /** A memory image that save() has left. */
  image: boolean;
}

export interface Mode {
  /** File that the upload goes to. */
  staging: string;
  /** Bytes of flash that it takes besides what the upload does. */
  extraBytes: number;
  /** Whether there is something to go back to. */
  hasPrevious: boolean;
  /** Takes away what earlier uploads have left. */
  clear(): Promise<void>;
  /** Keeps what runs now. May be repeated, also in the middle of an upload. */
  prepare(): Promise<void>;
  /** Makes all ready for the restart that runs the new firmware. */
  switchOver(): Promise<void>;
  /** Statements for the chip to run just before it restarts, in which `s` is the module Storage. */
  atRestart: string;
  /** An update that nobody confirms is undone by the next start. */
  undoesItself: boolean;
  /** Whether it still is the new one that runs. */
  isRunning(): Promise<boolean>;
  /** The new firmware is to stay. */
  confirm(): Promise<void>;
  /** The next start runs the previous firmware, or none. */
  goBack(): Promise<void>;
}

export async function survey(storage: Storage): Promise<Survey> {
  const [boot, always, a, b, image] = await storage.sums([BOOT, BOOT_ALWAYS, fileOf("a"), fileOf("b"), ".varimg"]);
  const head = await storage.act("looking at the boot code",
    `return(s.read('${BOOT}',0,24)||'').split(String.fromCharCode(10))[0]`);
  const isOurs = isLoader(String(head)) && always === undefined;
  return {
    boot, always, slots: { a, b }, image: image !== undefined,
    loader: !isOurs ? "none" : boot?.crc32 === LOADER_CRC ? "current" : "other",
    entries: isOurs ? await readLog(storage) : [],
  };
}

async function readLog(storage: Storage): Promise<string[]> {
  const text = await storage.act(`reading ${LOG}`, `return(s.read('${LOG}')||'').split(String.fromCharCode(255))[0]`);
  return entriesOf(String(text));
}

export interface ModeOptions {
  storage: Storage;
  found: Survey;
  firmware: string;
}

/** Slots, and a loader that falls back by itself. */
export function slotMode({ storage, found }: ModeOptions): Mode {
  const { slots } = found;
  const program = found.always ?? found.boot;
  // What runs now: a slot, or boot code of whatever origin, which becomes slot a.
  const confirmed = confirmedSlot(found.entries);
  const runs: Slot | undefined = found.loader !== "none"
    ? (confirmed ?? (slots.a ? "a" : slots.b ? "b" : undefined))
    : program ? "a" : undefined;
  const moves = found.loader === "none" && program !== undefined;
  const target: Slot = runs === undefined ? "a" : otherSlot(runs);
  const isLogFull = found.entries.length + ENTRIES_OF_UPDATE > LOG_BYTES / ENTRY_BYTES;

  /** Writes an entry behind the last one, unless that is the same. */
  const entering = (letter: string): string => `var l=s.read('${LOG}'),n=0;while(n<l.length&&l.charCodeAt(n)<255)n+=${ENTRY_BYTES};`
    + `l.substr(n-${ENTRY_BYTES},1)==='${letter}'||s.write('${LOG}','${letter.repeat(ENTRY_BYTES)}',n,${LOG_BYTES});`;
  const enter = async (letter: string): Promise<void> => {
    await storage.act(`writing to ${LOG}`, entering(letter));
  };
  return {
    staging: fileOf(target),
    hasPrevious: runs !== undefined,
    extraBytes: (moves ? roomFor(program.bytes) : 0) + roomFor(LOADER.length) + roomFor(LOG_BYTES) + roomFor(200),
    async clear() {
      await storage.erase([fileOf(target), STAGED, PREVIOUS]);
      // Slots of another time, or a log without room. Without a log the loader runs the one slot that is left.
      if (found.loader === "none" && !moves) await storage.erase([fileOf("b")]);
      if (found.loader === "none" || isLogFull) await storage.erase([LOG]);
    },
    async prepare() {
      if (moves) await storage.copy(found.always ? BOOT_ALWAYS : BOOT, fileOf("a"));
      // A log has its first entry, and erased flash behind it; what is nothing is written as erased flash.
      const first = runs === undefined ? "String.fromCharCode(255)" : `'${runs.toUpperCase().repeat(ENTRY_BYTES)}'`;
      await storage.act(`making ${LOG}`, `s.read('${LOG}',0,1)===undefined&&s.write('${LOG}',${first},0,${LOG_BYTES})`);
    },
    async switchOver() {
      if (found.loader !== "current") {
        // Until the loader is whole, what runs now is run from its slot. With .bootrst the loader waits for that to go.
        const guard = runs !== undefined && !found.always;
        if (guard) await storage.write(GUARD, guardCode([found.boot!.crc32, LOADER_CRC], fileOf(runs)));
        await storage.write(BOOT, LOADER);
        if (guard) await storage.erase([GUARD]);
        if (found.always) await storage.erase([BOOT_ALWAYS]);
      }
    },
    atRestart: entering(target),
    undoesItself: true,
    async isRunning() {
      return (await readLog(storage)).at(-1) === "t";
    },
    confirm: () => enter(target.toUpperCase()),
    async goBack() {
      if (runs === undefined) await storage.erase([BOOT, LOG, fileOf(target)]);
      else await enter(runs.toUpperCase());
    },
  };
}

/** The firmware is the boot code itself; what was there before is kept in a file. */
export function bootMode({ storage, found, firmware }: ModeOptions): Mode {
  const previous = found.always ?? found.boot;
  const place = found.always ? BOOT_ALWAYS : BOOT;
  const isOld = (sum: Sum | undefined): boolean => isSame(sum, previous);
  return {
    staging: STAGED,
    hasPrevious: previous !== undefined,
    extraBytes: roomFor(firmware.length) + (previous ? roomFor(previous.bytes) : 0) + roomFor(200),
    async clear() {
      await storage.erase([STAGED, PREVIOUS]);
    },
    async prepare() {
      if (previous !== undefined) await storage.copy(place, PREVIOUS);
    },
    async switchOver() {
      const crcs = [found.boot?.crc32 ?? 0, sumOf(firmware).crc32];
      const guard = previous !== undefined && !found.always;
      if (guard) await storage.write(GUARD, guardCode(crcs, PREVIOUS));
      await storage.copy(STAGED, BOOT);
      if (found.always) await storage.erase([BOOT_ALWAYS]);
    },
    atRestart: "",
    undoesItself: false,
    async isRunning() {
      const [boot] = await storage.sums([BOOT]);
      return isSame(boot, sumOf(firmware));
    },
    async confirm() {
      await storage.erase([GUARD, STAGED]);
    },
    async goBack() {
      if (previous === undefined) await storage.erase([BOOT]);
      else {
        const [kept] = await storage.sums([PREVIOUS]);
        if (isOld(kept)) await storage.copy(PREVIOUS, place);
      }
      await storage.erase([GUARD, STAGED]);
    },
  };
}
