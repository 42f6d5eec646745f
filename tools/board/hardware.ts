/** Reads what the boards of `boards/hardware/` offer. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Hardware } from "./types.ts";

const FOLDER = join(import.meta.dirname, "../../boards/hardware");

let loaded: Map<string, Hardware> | undefined;

/** All hardware by name (the name of the file), sorted. */
export function loadHardware(): Map<string, Hardware> {
  loaded ??= new Map(readdirSync(FOLDER).filter((file) => file.endsWith(".json")).sort().map((file) =>
    [basename(file, ".json"), JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Hardware]));
  return loaded;
}

/** Hardware as it is with a target: of NodeMCU, its heap in bytes, its flash, what each pin can do there. */
export function hardwareWith(target: string, hardware: Hardware): Hardware {
  const { nodemcu } = hardware;
  if (target !== "nodemcu" || nodemcu === undefined) return hardware;
  const numbers = Object.keys(nodemcu.numbers).length > 0 ? nodemcu.numbers
    : Object.fromEntries(Object.keys(hardware.pins).map((pin) => [pin, Number(/\d+$/.exec(pin)?.[0])]));
  const isFree = (pin: string): boolean => pin in numbers || pin in nodemcu.analogChannels;
  const capabilities = (pin: string): string[] => hardware.pins[pin]!.filter((can) =>
    can === "adc" ? pin in nodemcu.analogChannels : numbers[pin] !== 0 || ["input", "output", "boot"].includes(can));
  return {
    ...hardware,
    pins: Object.fromEntries(Object.keys(hardware.pins).map((pin) =>
      [pin, isFree(pin) ? capabilities(pin) : hardware.pins[pin]!.filter((can) => can in WIRED)])),
    buses: Object.fromEntries(Object.entries(hardware.buses).filter(([name, bus]) => bus.type !== "i2c" || name in nodemcu.i2c)),
    heap: { variables: nodemcu.heapBytes, bytesPerVariable: 1 },
    flash: {
      codeBytes: nodemcu.lfs ? nodemcu.lfsBytes : nodemcu.fileBytes,
      storageBytes: nodemcu.fileBytes,
      // Files that stand for pages: lib/platform/nodemcu/flash.ts.
      store: {
        address: "0x0", pageBytes: FILE_BYTES, pages: STORE_FILES, erases: nodemcu.erases,
        fileSystemBytes: nodemcu.fileBytes,
      },
    },
    crypto: nodemcu.crypto,
    nodemcu: { ...nodemcu, numbers },
  };
}

/** As lib/platform/nodemcu/flash.ts has them; so many are as much as the raw flash that Espruino leaves. */
const FILE_BYTES = 4096;
const STORE_FILES = 16;

/** What a pin is that is good for nothing else. */
const WIRED: Record<string, true> = { flash: true, wifi: true, usb: true };
