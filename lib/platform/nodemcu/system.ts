/** The chip itself. Firmware module: node. */
import { node, print } from "./api.ts";

/** How many errors were caught, and what the last one said. */
export let faults = 0;
export let fault: unknown;

/** Prints a line to the console. */
export const log = (line: string): void => print(line);

/** Counts an error, keeps it for diagnostics and shows it: it must not stop the node. */
export const caught = (e: unknown): void => {
  faults++;
  fault = e;
  print(e);
};

// Errors in callbacks of timers, Wi-Fi, interrupts, ports and tasks: the firmware would restart the chip (luaL_pcallx
// of lauxlib.c). Sockets of the ESP8266 call Lua unprotected; esp8266/guard.ts sees to that.
node.setonerror(caught);

/** Calls `fn` when the chip has booted, which it has: init.lua runs this. */
export const onBoot = (fn: (this: void) => void): void => fn();

/** Calls `fn` before the chip restarts by a command: NodeMCU does not tell. */
export const onShutdown = (_fn: (this: void) => void): void => {};

/**
 * The firmware has watchdogs of its own: the SDK's on the ESP8266, that of the tasks on the ESP32, whose time is in
 * the configuration that `motelet build` writes.
 */
export const watchdog = (_seconds: number): void => {};

/** Bytes of heap that are free. */
export const freeHeap = (): number => node.heap();
