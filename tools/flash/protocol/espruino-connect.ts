/** Getting to the prompt of an Espruino board, and what board it is. */
import { CTRL_C, type EspruinoPrompt } from "./espruino-command.ts";
import { Failure, sample } from "./failure.ts";
import { sleep, type Limits } from "./transport.ts";

/** Between the attempts to be heard. */
const PATIENCE_MS = 700;
/** The Linux build ends at the second Ctrl-C within 5 s on an empty line. */
const CTRL_C_MS = 5500;
/** An interpreter looks for Ctrl-C now and then. */
const INTERRUPT_MS = 200;
/** Share of odd characters that text does not have. */
const NOISE = 0.2;

export interface EspruinoBoard {
  /** Name of the build: "ESP32", "ESP8266_4MB". */
  board: string;
  /** "2v29", "2v29.277". */
  version: string;
  serial: string;
}

/** What else is on the port, from what it says. */
export function diagnose(heard: string, port: string, seconds: number, firmware: "Espruino" | "NodeMCU"): Failure {
  const common = { port, firmware, sample: sample(heard) };
  if (heard.trim() === "") return new Failure("silent", { ...common, seconds: Math.round(seconds) });
  if (/waiting for download/i.test(heard)) return new Failure("in-loader", common);
  if (/password>/.test(heard)) return new Failure("password", common);
  const odd = heard.replace(/\x1b\[[0-9;?]*[A-Za-z]|[\t\r\n\x1e\x1f -~]/g, "").length;
  if (odd > heard.length * NOISE) return new Failure("noise", common);
  const other = otherFirmware(heard);
  if (other !== undefined && other !== firmware) return new Failure("other-firmware", { ...common, found: other });
  return new Failure("unanswered", common);
}

function otherFirmware(heard: string): string | undefined {
  if (/stdin:\d+:|NodeMCU|\bLua 5\.\d/.test(heard)) return "NodeMCU";
  if (/MicroPython|Traceback \(most recent|^>>> /m.test(heard)) return "MicroPython";
  if (/Espruino|espruino\.com|Uncaught \w*Error|ReferenceError/.test(heard)) return "Espruino";
  return undefined;
}

const HELLO = "[process.env.BOARD,process.env.VERSION,process.env.SERIAL,require('Storage').getFree()]";

/**
 * Repeats itself until the board answers: it may be starting, or busy. A program that holds the interpreter is
 * interrupted (Ctrl-C), after the first attempt without an answer.
 */
export async function connect(prompt: EspruinoPrompt, limits: Limits): Promise<EspruinoBoard> {
  const { talk } = prompt;
  const { timing } = talk;
  const began = timing.now();
  const from = talk.position();
  let interrupted = -Infinity;
  for (let attempt = 0; timing.now() - began < limits.connectMs; attempt++) {
    if (attempt > 0 && timing.now() - interrupted > CTRL_C_MS) {
      interrupted = timing.now();
      await talk.send(CTRL_C);
      await sleep(timing, INTERRUPT_MS);
    }
    const reply = await prompt.attempt(HELLO, PATIENCE_MS * (1 + Math.min(attempt, 3)));
    if (reply !== undefined) {
      const [board, version, serial] = reply.value as [string, string, string];
      return { board, version, serial };
    }
  }
  throw diagnose(talk.heard(from), talk.port, (timing.now() - began) / 1000, "Espruino");
}

/** "2v29.277" as [2, 29]; a release is as good as what was built after it. */
const parts = (version: string): [number, number] => {
  const [, major = "0", minor = "0"] = /^(\d+)v(\d+)/.exec(version) ?? [];
  return [Number(major), Number(minor)];
};

export interface Expected {
  /** Names of builds that fit, with * at the end for any ending. */
  boards: string[];
  minVersion: string;
  /** Why not an older one. */
  reason: string;
  /** For messages: "ESP32 DevKit". */
  hardware: string;
}

/** Throws unless the board is one that the firmware was built for. */
export function checkBoard(found: EspruinoBoard, expected: Expected): void {
  const fits = expected.boards.some((pattern) => (pattern.endsWith("*")
    ? found.board.startsWith(pattern.slice(0, -1)) : found.board === pattern));
  if (!fits) {
    throw new Failure("wrong-chip", {
      found: found.board, hardware: expected.hardware, wanted: expected.boards.join(" or "),
    });
  }
  const [major, minor] = parts(found.version);
  const [wantedMajor, wantedMinor] = parts(expected.minVersion);
  if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
    throw new Failure("old-version", {
      firmware: "Espruino", found: found.version, wanted: expected.minVersion, reason: expected.reason,
    });
  }
}
