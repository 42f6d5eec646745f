/**
 * Errors in what a socket calls. The ESP8266 calls these unprotected (net.c: lua_call): one that nobody catches
 * restarts the chip at once.
 */
import { debug, xpcall } from "../api.ts";
import { caught } from "../system.ts";

/** Where it happened is known for as long as the error is on its way. */
const report = (message: unknown): void => caught(debug.traceback(message, 2));

/** Calls `fn`; an error is counted, and shown with its traceback. */
export const guarded = (fn: (this: void) => void): void => void xpcall(fn, report);
