/**
 * Where the dashboard of a board is: its port and the name in its address stay the same from run to run, so that a page
 * that is open finds a simulation that was started anew.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { secretName } from "../local-server.ts";

export interface Place { port: number; token: string }

/** What is kept in the file, or a new one. */
export function readPlace(file: string): Place {
  try {
    const { port, token } = JSON.parse(readFileSync(file, "utf8")) as Partial<Place>;
    if (Number.isInteger(port) && typeof token === "string" && /^[\w-]{16,}$/.test(token)) return { port: port!, token };
  } catch {
    // There is none yet, or somebody has written into it.
  }
  return { port: 0, token: secretName() };
}

/** For its owner alone: who reads it may give commands. */
export function writePlace(file: string, place: Place): void {
  try {
    writeFileSync(file, JSON.stringify(place), { mode: 0o600 });
  } catch {
    // A folder that cannot be written: the next run has another address.
  }
}
