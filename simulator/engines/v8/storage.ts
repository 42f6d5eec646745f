/**
 * The Storage of an Espruino chip: files in flash that can be written once, byte by byte, until they are erased
 * (src/jsflash.c of 2v29: jsfWriteFile, jsfCreateFile, jsfEraseFile, jsfCompact). It outlives restarts and power cuts.
 * Contents are binary strings.
 */
import { PowerFailure } from "../../flash.ts";

const HEADER_BYTES = 32;
const ERASED = "\xff";

export interface StorageChip {
  readonly totalBytes: number;
  read(name: string): string | undefined;
  /** True, or the message of the exception. */
  write(name: string, data: string, offset: number, size: number): true | string;
  erase(name: string): void;
  eraseAll(): void;
  compact(): void;
  list(): string[];
  stats(): { free: number; files: number; fileBytes: number; trash: number; trashBytes: number };
  /** Cuts the power in the middle of the n-th write to the flash from now on; 0: never. */
  failAfter(writes: number): void;
  /** Writes so far. */
  readonly writes: number;
}

const taken = (bytes: number): number => HEADER_BYTES + ((bytes + 3) & ~3);

/** `onFailure` is told before PowerFailure is thrown. */
export function createStorage(totalBytes: number): StorageChip & { onFailure: () => void } {
  const files = new Map<string, string>();
  let trash = 0;
  let trashBytes = 0;
  let writes = 0;
  let failAt = 0;

  const fileBytes = (): number => [...files.values()].reduce((sum, data) => sum + taken(data.length), 0);
  const free = (): number => totalBytes - fileBytes() - trashBytes;
  /** One write to the flash; `half` is what it does when the power goes in the middle of it. */
  const step = (whole: () => void, half: () => void = () => {}): void => {
    writes++;
    if (writes !== failAt) {
      whole();
      return;
    }
    half();
    self.onFailure();
    throw new PowerFailure();
  };
  const isErased = (data: string): boolean => !/[^\xff]/.test(data);
  const put = (data: string, offset: number, bytes: string): string =>
    data.slice(0, offset) + bytes + data.slice(offset + bytes.length);
  const drop = (name: string): void => {
    const data = files.get(name);
    if (data === undefined) return;
    step(() => {
      files.delete(name);
      trash++;
      trashBytes += taken(data.length);
    });
  };
  const compact = (): void => {
    if (trashBytes > 0) {
      step(() => {
        trash = 0;
        trashBytes = 0;
      });
    }
  };
  const create = (name: string, size: number): boolean => {
    if (free() < taken(size) && free() + trashBytes >= taken(size)) compact();
    if (free() < taken(size)) return false;
    // The header is one write.
    step(() => void files.set(name, ERASED.repeat(size)));
    return true;
  };
  const self: StorageChip & { onFailure: () => void } = {
    totalBytes,
    onFailure: () => {},
    read: (name) => files.get(name),
    write(name, data, offset, size) {
      const wanted = size === 0 ? data.length : size;
      if (wanted === 0) return "Can't create zero length file";
      const old = files.get(name);
      if (offset === 0 && (old === undefined || old.length !== wanted || !isErased(old))) {
        if (old === data) return true;
        drop(name);
        if (!create(name, wanted)) return "Unable to find or create file";
      }
      const file = files.get(name);
      if (file === undefined) return "Unable to find or create file";
      if (offset + data.length > file.length) return "Too much data for file size";
      if (!isErased(file.slice(offset, offset + data.length))) return "File already written with different data";
      step(() => void files.set(name, put(file, offset, data)),
        () => void files.set(name, put(file, offset, data.slice(0, data.length >> 1))));
      return true;
    },
    erase: drop,
    eraseAll() {
      step(() => {
        files.clear();
        trash = 0;
        trashBytes = 0;
      });
    },
    compact,
    list: () => [...files.keys()],
    stats: () => ({ free: free(), files: files.size, fileBytes: fileBytes(), trash, trashBytes }),
    failAfter(count) {
      failAt = count === 0 ? 0 : writes + count;
    },
    get writes() {
      return writes;
    },
  };
  return self;
}
