/** For how long the program runs. */
import { now } from "./timer.ts";

const bootMs = now();

/** Seconds since the program began. */
export const uptime = (): number => Math.floor((now() - bootMs) / 1000);
