/**
 * The operations that `chip.js` and `flash.js` call, over the Machine, the Station and the flash. A request is an
 * operation (one character) and fields that are separated by NUL, bytes last; the reply is a binary string.
 */
import type { SimulatedFlash } from "../flash.ts";
import type { Machine } from "../types.ts";
import type { Station } from "../station.ts";

export interface ChipControl {
  machine: Machine;
  station: Station;
  /** Its writes and erasures throw PowerFailure. */
  flash: SimulatedFlash;
  /** Why the chip started. */
  resetReason(): string;
  /**
   * The program asks for a restart: "restart", "reset" (without the stored program), "deep sleep" for some
   * ms.
   */
  restart(reason: string, sleepMs?: number): void;
  watchdog: Watchdog;
  /** Simulated ms. */
  now(): number;
}

export interface Watchdog {
  enable(seconds: number, isAuto: boolean): void;
  kick(): void;
}

const fields = (text: string): string[] => text.split("\0");
const byteAt = (text: string, at: number): number => text.charCodeAt(at);

/** Answers one operation. An unknown one is a mistake of ours and throws. */
export function answer(chip: ChipControl, op: string, text: string): string {
  const { machine } = chip;
  const head = text.indexOf("\0");
  const name = head < 0 ? text : text.slice(0, head);
  const rest = head < 0 ? "" : text.slice(head + 1);
  switch (op) {
    case "s": {
      const [bus, sda, scl, bitrate] = fields(text) as [string, string, string, string];
      machine.i2cSetup(bus, {
        ...(sda === "" ? {} : { sda }), ...(scl === "" ? {} : { scl }), bitrate: Number(bitrate),
      });
      return "";
    }
    case "w":
      return machine.i2cWrite(name, byteAt(rest, 0), rest.slice(1)) ? "1" : "0";
    case "r": {
      const bytes = machine.i2cRead(name, byteAt(rest, 0), byteAt(rest, 1) * 256 + byteAt(rest, 2));
      return bytes === undefined ? "0" : `1${bytes}`;
    }
    case "o":
      return machine.oneWireReset(name) ? "1" : "0";
    case "O":
      machine.oneWireWrite(name, rest);
      return "";
    case "Z":
      machine.oneWirePower?.(name);
      return "";
    case "i":
      return machine.oneWireRead(name, byteAt(rest, 0) * 256 + byteAt(rest, 1));
    case "S":
      return machine.oneWireSearch(name, rest === "" ? undefined : Number(rest)).join(",");
    case "a":
      return String(machine.analogRead(name));
    case "d":
      return machine.digitalRead(name) > 0 ? "1" : "0";
    case "D":
      machine.digitalWrite(name, rest === "1" ? 1 : 0);
      return "";
    case "g":
    case "G":
    case "f":
    case "F":
    case "e":
      return answerFlash(chip.flash, op, Number(name), rest);
    default:
      return answerPins(chip, op, name, rest) ?? answerChip(chip, op, name, rest);
  }
}

/** Pins and serial ports; undefined for what is none of them. */
function answerPins(chip: ChipControl, op: string, name: string, rest: string): string | undefined {
  const { machine } = chip;
  switch (op) {
    case "m":
      machine.pinMode(name, rest);
      return "";
    case "P": {
      const [level, times] = fields(rest) as [string, string];
      machine.digitalPulse(name, level === "1" ? 1 : 0, times.split(",").map(Number));
      return "";
    }
    case "W": {
      const [on, data] = fields(rest) as [string, string];
      machine.watch(name, on === "1", data === "" ? undefined : data);
      return "";
    }
    case "X": {
      const [input, baud] = fields(rest) as [string, string];
      return machine.shift(name, input, rest.slice(input.length + baud.length + 2), Number(baud));
    }
    case "u": {
      const [tx, baud] = fields(rest) as [string, string];
      machine.uartSetup(name, tx, Number(baud));
      return "";
    }
    case "U":
      machine.uartWrite(name, rest);
      return "";
    case "v":
      return machine.uartTake().map(([rx, bytes]) =>
        `${rx}\0${String.fromCharCode(bytes.length >> 8, bytes.length & 255)}${bytes}`).join("");
    case "h":
      return String(machine.self.temperature?.() ?? NaN);
    case "E":
      return edgesText(chip);
    default:
      return undefined;
  }
}

/** The present time, and of each edge pin, level, time and the level of the data pin. */
function edgesText(chip: ChipControl): string {
  const edges = chip.machine.takeEdges();
  if (edges.length === 0) return "";
  return [chip.now(), ...edges.flatMap(({ pin, level, ms, data }) => [pin, level, ms, data])].join("\0");
}

function answerFlash(flash: SimulatedFlash, op: "g" | "G" | "f" | "F" | "e", address: number, rest: string): string {
  switch (op) {
    case "g": {
      const page = flash.page(address);
      return page === undefined ? "" : `${page.address},${page.length}`;
    }
    case "G":
      return flash.free === undefined ? "" : `${flash.free.address},${flash.free.length}`;
    case "f":
      return flash.read(address, Number(rest));
    case "F":
      flash.write(address, rest);
      return "";
    case "e":
      flash.erase(address);
      return "";
  }
}

function answerChip(chip: ChipControl, op: string, name: string, rest: string): string {
  switch (op) {
    case "c":
      chip.station.connect(name, rest);
      return "";
    case "x":
      chip.station.disconnect();
      return "";
    case "q":
      return JSON.stringify(chip.station.state());
    case "k":
      chip.watchdog.enable(Number(name), rest === "1");
      return "";
    case "K":
      chip.watchdog.kick();
      return "";
    case "R":
      chip.restart(name);
      return "";
    case "z":
      chip.restart("deep sleep", Number(name) / 1000);
      return "";
    case "y":
      return chip.resetReason();
    default:
      throw new Error(`the firmware's engine asked for an unknown operation "${op}"`);
  }
}
