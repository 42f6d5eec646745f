/** An I2C bus: routes messages by address. Nobody at an address is nobody who acknowledges. */
import type { I2cPart } from "../types.ts";

/** How the board is wired: the pins of the board file. */
export interface I2cWiring { sda: string; scl: string }

export interface I2cBus {
  /** Puts a part on the bus; an address that is taken is an Error. */
  attach(address: number, part: I2cPart): void;
  /** What the firmware set up; on other pins than the board's nothing answers, and a warning says so. */
  setup(options: { sda?: string; scl?: string; bitrate?: number }): void;
  /** A line that is held low: no message gets through. */
  setLow(low: boolean): void;
  /** One write message. True when the address and all bytes were acknowledged. */
  write(address: number, bytes: Uint8Array): boolean;
  /** One read message, undefined when the address was not acknowledged. */
  read(address: number, count: number): Uint8Array | undefined;
}

export function createI2cBus(name: string, wiring: I2cWiring, warn: (message: string) => void): I2cBus {
  const parts = new Map<number, I2cPart>();
  let state: "unused" | "connected" | "elsewhere" = "unused";
  let warned = false;
  let isLow = false;

  /** The part that hears the message. */
  const heard = (address: number): I2cPart | undefined => {
    if (state === "connected") return isLow ? undefined : parts.get(address);
    if (state === "unused" && !warned) {
      warned = true;
      warn(`${name}: used before setup (the board has it on sda ${wiring.sda}, scl ${wiring.scl}): nothing answers`);
    }
    return undefined;
  };
  return {
    attach(address, part) {
      if (parts.has(address)) throw new Error(`${name}: two parts at address ${hex(address)}`);
      parts.set(address, part);
    },
    setup({ sda, scl }) {
      state = sda === wiring.sda && scl === wiring.scl ? "connected" : "elsewhere";
      if (state === "elsewhere") {
        warn(`${name}: set up on sda ${sda ?? "(none)"}, scl ${scl ?? "(none)"}, `
          + `but the board has it on sda ${wiring.sda}, scl ${wiring.scl}: nothing answers`);
      }
    },
    setLow(low) {
      isLow = low;
    },
    write(address, bytes) {
      return heard(address)?.write(bytes) === bytes.length;
    },
    read(address, count) {
      return heard(address)?.read(count);
    },
  };
}

/** 0x76 */
export function hex(byte: number): string {
  return `0x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
