/** The time of day of a NodeMCU chip, and the time servers that tell it: one behind each name, all with this time. */
import type { Network } from "../../network.ts";
import type { Clock } from "../../types.ts";
import type { Permanent } from "./files.ts";

/** When every simulation begins, ms since 1970. */
export const BEGIN_MS = Date.UTC(2026, 0, 1);
const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;
/** What a question takes beyond the latency of the network, ms. */
const ANSWER_MS = 1;
const QUESTION_MS = 1000;

/** Problems of sntp.sync (docs/modules/sntp.md); 0 is none. */
const NOT_FOUND = 1;
const TIMED_OUT = 4;

export interface TimeHost {
  network: Network;
  clock: Clock;
  permanent: Permanent;
  isEsp8266: boolean;
  push: (kind: string, id: number, text: string) => void;
  after: (ms: number, fn: () => void) => void;
}

/** Answers the operations of time.lua; undefined for any other. */
export function createTime({ network, clock, permanent, isEsp8266, push, after }: TimeHost) {
  const booted = clock.now();
  /** Seconds and microseconds. */
  const split = (ms: number): string => `${Math.floor(ms / 1000)} ${Math.floor(ms % 1000 * 1000)}`;
  const tell = (rttMs: number): void => push("sntp", 0, `${split(BEGIN_MS + clock.now())} ${Math.round(rttMs * 1000)}`);

  const ask = (known: number, questions: number): void => {
    const rttMs = 2 * network.faults.latencyMs + ANSWER_MS;
    if (known === 0) after(0, () => push("sntp", NOT_FOUND, ""));
    else if (network.hears()) after(rttMs * Math.max(1, questions), () => tell(rttMs));
    else after(QUESTION_MS * Math.max(1, questions), () => push("sntp", TIMED_OUT, ""));
  };
  const operations: Record<string, (fields: string[]) => string | void> = {
    "clock.get": () => {
      // The ESP32 counts from its start until it is told; rtctime says nothing.
      if (permanent.time === undefined) return isEsp8266 ? "0 0" : split(clock.now() - booted);
      return split(permanent.time.aheadMs + clock.now());
    },
    "clock.set": ([seconds, us]) => {
      permanent.time = { aheadMs: Number(seconds) * 1000 + Number(us) / 1000 - clock.now(), isKept: false };
      // rtctime has its state there (docs/modules/rtctime.md: slots 0 to 9).
      if (isEsp8266) permanent.rtc.fill(-1, 0, 10);
    },
    "clock.keep": () => {
      if (permanent.time !== undefined) permanent.time.isKept = true;
    },
    "sntp.find": ([name]) => (ADDRESS.test(name!) || network.finds() ? "1" : "0"),
    "sntp.ask": ([known, questions]) => ask(Number(known), Number(questions)),
    "sntp.later": ([ms]) => after(Number(ms), () => push("sntpagain", 0, "")),
  };
  return (op: string, fields: string[]): string | undefined => {
    const known = operations[op];
    return known === undefined ? undefined : known(fields) ?? "";
  };
}

/** The chip starts: what is left of its time of day then. */
export function keepTime(permanent: Permanent, isEsp8266: boolean, reason: string): void {
  // rtctime keeps it over its own dsleep alone; on the ESP32 the RTC counts on in every reset but that of the power.
  const isKept = isEsp8266 ? permanent.time?.isKept === true : reason !== "power on";
  if (!isKept) permanent.time = undefined;
  else if (permanent.time !== undefined) permanent.time.isKept = false;
}
