/** What runs the firmware: the built bytes on V8 with Espruino's API, or on the real interpreter. */
import type { SimulatedFlash } from "../flash.ts";
import type { Network } from "../network.ts";
import type { Clock, Machine, Rng } from "../types.ts";

export interface EngineOptions {
  machine: Machine;
  clock: Clock;
  rng: Rng;
  network: Network;
  /** What the chip has for programs; it outlives the engine. */
  flash: SimulatedFlash;
  /** Chip family as the hardware file names it: "ESP32", "ESP32-C3", "ESP8266", "STM32F411". */
  chip: string;
  /** Names of the pins, which are globals of the firmware. */
  pins: string[];
  heap: { variables: number; bytesPerVariable: number };
  /** One line of the console. */
  onConsole: (line: string) => void;
  /**
   * Somebody sits at the console: gets all bytes of it (a binary string) with echo and prompt, and `input` of the
   * engine takes what is typed.
   */
  onTransmit?: (bytes: string) => void;
  /** Bytes of flash for files; default 256 KiB. */
  storageBytes?: number;
  /** The chip restarts by itself: "restart", "watchdog", "deep sleep". The engine goes on with it. */
  onReset: (reason: string) => void;
  /** The power has failed, as the flash was told to let it: the chip is off until `start`. */
  onPowerFailure: () => void;
  /** Something that a real chip would not do or that this engine cannot: for people. */
  onWarning: (message: string) => void;
}

/** Heap as `process.memory()` of the firmware would say, in variables. */
export interface Memory {
  /** Undefined where the engine cannot tell: V8's heap says nothing of a chip's. */
  usage: number | undefined;
  total: number;
  bytesPerVariable: number;
}

/** How the power goes: the peers find a reset connection, or nothing at all until they time out. */
export type PowerCut = "reset" | "silent";

/** The built bytes: one file, or the files of the chip's file system by name. */
export type Firmware = Uint8Array | Record<string, Uint8Array>;

/** The bytes of a firmware of one file, as Espruino has them. */
export function onlyFile(firmware: Firmware): Uint8Array {
  const files = firmware instanceof Uint8Array ? [firmware] : Object.values(firmware);
  if (files.length !== 1) throw new Error(`this engine runs one file, not ${files.length}: is the firmware for another target?`);
  return files[0]!;
}

export interface Engine {
  readonly name: string;
  /**
   * Writes the firmware to the simulated flash, if there is one, and boots. Throws an Error for people when the engine
   * cannot run.
   */
  start(firmware?: Firmware): Promise<void>;
  /** What is typed at the console (a binary string), where there is one: see `onTransmit`. */
  input?(bytes: string): void;
  /**
   * Tells the firmware that the chip is about to restart, as a command at its console would: Espruino's event
   * "kill".
   */
  shutdown(): void;
  /**
   * Power cut: no code of the firmware runs and nothing is sent from now on. The flash keeps its contents.
   */
  stop(how?: PowerCut): Promise<void>;
  /** Heap of the firmware, measured. */
  memory(): Promise<Memory>;
}
