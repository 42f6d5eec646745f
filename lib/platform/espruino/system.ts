/** The chip itself, on Espruino (reference: E, process). */

declare const E: {
  on: (event: "init" | "kill", fn: (this: void) => void) => void;
  enableWatchdog: (seconds: number) => void;
  getTemperature: () => number;
};
declare const print: (line: string) => void;
declare const process: {
  memory: () => { free: number; blocksize: number };
  on: (event: "uncaughtException", fn: (this: void, e: Error) => void) => void;
};

/** How many exceptions were caught, and what the last one said. */
export let faults = 0;
export let fault: unknown;

/** Counts an exception of a handler, and keeps it for diagnostics. */
export const caught = (e: unknown): void => {
  faults++;
  fault = e;
};

/**
 * Calls `fn` when the chip has booted. Exceptions that nobody catches (timers, sockets, pins, ports, Wi-Fi) end in the
 * interpreter's idle loop and stop nothing; from now on they are counted, and shown as the interpreter would
 * (jsiCheckErrors of jsinteractive.c).
 */
export const onBoot = (fn: (this: void) => void): void => {
  process.on("uncaughtException", (e) => {
    caught(e);
    print("Uncaught " + String(e) + "\n" + e.stack);
  });
  E.on("init", fn);
};

/** Calls `fn` before the chip restarts by a command (`reset`, `load`, `E.reboot`). */
export const onShutdown = (fn: (this: void) => void): void => E.on("kill", fn);

/**
 * Resets the chip when it does not come back to its idle loop for that long. Not on ESP8266, which has a watchdog
 * of its own.
 */
export const watchdog = (seconds: number): void => E.enableWatchdog(seconds);

/** Bytes of heap that are free. */
export const freeHeap = (): number => {
  const memory = process.memory();
  return memory.free * memory.blocksize;
};

/**
 * What the chip's thermometer says; no number where there is none. Its scale is the port's: the hardware file has it
 * (`temperature`).
 */
export const chipTemperature = (): number => E.getTemperature();

/** Prints a line to the console. */
export const log = (line: string): void => print(line);
