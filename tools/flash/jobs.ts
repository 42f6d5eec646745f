/** What the protocols are told of a program. */
import type { FlashSettings } from "./config.ts";
import type { Program } from "./program.ts";
import { toBinary } from "./protocol/bytes.ts";
import type { EspruinoJob } from "./protocol/espruino.ts";
import type { NodemcuJob } from "./protocol/nodemcu.ts";

export function espruinoJob({ files, board }: Program, { espruino }: FlashSettings): Omit<EspruinoJob, "banner"> {
  return {
    firmware: toBinary(files[0]!.bytes),
    mode: espruino!.mode, restart: espruino!.restart, chunkBytes: espruino!.chunkBytes,
    expected: {
      boards: espruino!.boards, minVersion: espruino!.minVersion, hardware: board.hardware.title,
      reason: "older ones lack block scopes or give other values of charCodeAt",
    },
  };
}

export function nodemcuJob({ manifest, files, board }: Program, { nodemcu }: FlashSettings): Omit<NodemcuJob, "banner"> {
  const lua = manifest.lua!;
  return {
    files: files.map(({ name, bytes }) => ({ name, data: toBinary(bytes) })), compile: nodemcu!.compile,
    expected: { chip: nodemcu!.chip, lua: lua.version, modules: lua.modules, hardware: board.hardware.title },
  };
}
