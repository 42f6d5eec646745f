/** Errors in what a socket calls. The ESP32 has them caught as in all callbacks (net.c: luaL_pcallx): see system.ts. */

/** Calls `fn`. */
export const guarded = (fn: (this: void) => void): void => fn();
