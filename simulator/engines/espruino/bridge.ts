/** The two named pipes to the interpreter: requests come in, answers go out while the interpreter waits. */
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, rmSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";

export interface Bridge {
  close(): void;
}

/**
 * Makes `up`, `down` and `idle` (see child.ts) in a folder. `answer` gets an operation (one char) and binary
 * text; what it returns is sent back, undefined leaves the interpreter waiting for ever (it is about to be
 * killed).
 */
export function openBridge(folder: string, answer: (op: string, text: string) => string | undefined): Bridge {
  const paths = [join(folder, "up"), join(folder, "down"), join(folder, "idle")] as const;
  for (const path of paths) rmSync(path, { force: true });
  execFileSync("mkfifo", paths);
  // Open for both, so that there is an end to open against and none to be missed. Not blocking: libuv polls
  // it.
  const flags = constants.O_RDWR | constants.O_NONBLOCK;
  const requests = new Socket({ fd: openSync(paths[0], flags), readable: true, writable: false });
  const replies = openSync(paths[1], flags);
  let buffer = Buffer.alloc(0);
  let closed = false;
  requests.on("error", () => {});
  requests.on("data", (data: Buffer) => {
    buffer = Buffer.concat([buffer, data]);
    while (!closed && buffer.length >= 3) {
      const end = 3 + buffer.readUInt16BE(1);
      if (buffer.length < end) return;
      const op = String.fromCharCode(buffer[0]!);
      const text = buffer.toString("latin1", 3, end);
      buffer = buffer.subarray(end);
      const reply = answer(op, text);
      if (reply === undefined) return;
      const bytes = Buffer.from(`\0\0${reply}`, "latin1");
      bytes.writeUInt16BE(reply.length);
      // The pipe holds 64 KiB and is empty: the interpreter has read the last answer.
      if (!closed) writeSync(replies, bytes);
    }
  });
  return {
    close() {
      if (closed) return;
      closed = true;
      requests.destroy();
      closeSync(replies);
    },
  };
}
