/**
 * The console of an Espruino chip, for the engine `v8`: echo, prompt, editing of the line, Ctrl-C, and the packets of
 * 2v25. Written from src/jsinteractive.c of 2v29: jsiHandleConsoleChar, jsiHandleNewLine, jsiConsoleRemoveInputLine.
 * Bytes are binary strings.
 */
import { bracketsOf } from "./brackets.ts";
import { createPackets, type PacketHost } from "./packets.ts";

export interface PromptHost extends PacketHost {
  /** Runs a line; an exception comes out. */
  evaluate(code: string): unknown;
  /** A value as the prompt shows it. */
  show(value: unknown): string;
  report(error: unknown): void;
  /** Bytes to whoever is at the other end. */
  transmit(bytes: string): void;
  /** "2v29", "ESP32". */
  version: string;
  board: string;
}

export interface Prompt {
  input(bytes: string): void;
  /** What the program prints, lines without their end. */
  print(text: string): void;
  /** Boot is over: a board without a program introduces itself. */
  started(hasProgram: boolean): void;
  /** The prompt comes back when there is nothing else to do. */
  idle(): void;
  setEcho(on: boolean): void;
  stop(): void;
}

const banner = (version: string): string => [
  "", " ____                 _ ", "|  __|___ ___ ___ _ _|_|___ ___ ", "|  __|_ -| . |  _| | | |   | . |",
  "|____|___|  _|_| |___|_|_|_|___|", "         |_| espruino.com", ` ${version} (c) 2026 G.Williams`, "",
].join("\n");

type State = "none" | "escape" | "bracket" | "number" | "numpad" | "link escape";

export function createPrompt(host: PromptHost): Prompt {
  let line = "";
  let cursor = 0;
  let state: State = "none";
  let number = 0;
  let echo = true;
  let echoForLine = true;
  /** The prompt and the line are not on the screen at present. */
  let removed = true;
  const packets = createPackets(host);

  const say = (text: string): void => host.transmit(text.replaceAll("\n", "\r\n"));
  const echoes = (): boolean => echo && echoForLine;
  const shows = (): boolean => echoes() && !removed;

  const removeLine = (): void => {
    if (removed) return;
    removed = true;
    if (echoes()) host.transmit(`${"\x08".repeat(Math.min(cursor, 1000))}\r\x1b[J`);
  };
  const clearLine = (update: boolean): void => {
    if (line === "") return;
    if (update) removeLine();
    line = "";
    cursor = 0;
  };
  const execute = (): void => {
    if (shows()) say("\n");
    if (echoForLine) removed = true;
    const code = line.trimEnd();
    clearLine(false);
    if (code !== "") {
      try {
        const value = host.evaluate(code);
        if (echoes()) say(`=${host.show(value)}\n`);
      } catch (error) {
        host.report(error);
      }
    }
    echoForLine = true;
  };
  const newLine = (mayExecute: boolean): void => {
    const atEnd = line.slice(cursor).trim() === "";
    if (atEnd && mayExecute && bracketsOf(line) <= 0) {
      execute();
      return;
    }
    if (shows()) say(atEnd ? "\n:" : "\x1b[J");
    line = atEnd ? `${line}\n` : `${line.slice(0, cursor)}\n${line.slice(cursor)}`;
    cursor = atEnd ? line.length : cursor + 1;
  };
  const insert = (char: string): void => {
    const text = char === "\t" ? "    " : char;
    line = line.slice(0, cursor) + text + line.slice(cursor);
    cursor += text.length;
    if (shows()) host.transmit(text);
  };
  const remove = (back: boolean): void => {
    if (back ? cursor === 0 : cursor >= line.length) return;
    const at = back ? cursor - 1 : cursor;
    line = line.slice(0, at) + line.slice(at + 1);
    cursor = at;
    if (shows()) host.transmit(back ? "\x08 \x08" : "");
  };
  const move = (to: number): void => {
    cursor = Math.max(0, Math.min(line.length, to));
  };
  const afterBracket = (code: number, char: string): void => {
    state = "none";
    if (char >= "0" && char <= "9") {
      number = Number(char);
      state = "number";
    } else if (char === "D") move(cursor - 1);
    else if (char === "C") move(cursor + 1);
    else if (code === 70) move(line.length);
    else if (code === 72) move(0);
  };
  const afterNumber = (code: number, char: string): void => {
    if (char >= "0" && char <= "9") {
      number = number * 10 + Number(char);
      return;
    }
    state = "none";
    if (char === "H" && number === 2) clearLine(true);
    else if (code === 126 && number === 1) move(0);
    else if (code === 126 && number === 3) remove(false);
    else if (code === 126 && number === 4) move(line.length);
  };
  /** An escape sequence; false when there is none. */
  const escapes = (code: number, char: string): boolean => {
    if (code === 27) state = "escape";
    else if (state === "escape") {
      state = char === "O" ? "numpad" : char === "[" ? "bracket" : "none";
      if (code === 10) newLine(false);
    } else if (state === "numpad") state = "none";
    else if (state === "bracket") afterBracket(code, char);
    else if (state === "number") afterNumber(code, char);
    else return false;
    return true;
  };
  const take = (code: number, char: string): void => {
    if (code === 0) state = "none";
    else if (code === 1) {
      if (state !== "link escape") return;
      state = "none";
      // Echo was switched off by DLE for this line only.
      if (line === "") echoForLine = true;
      packets.begin();
    } else if (code === 3) clearLine(true);
    else if (code === 5) {
      if (line === "") say(`Espruino ${host.version} ${host.board}\n`);
    } else if (code === 16) {
      if (line === "") echoForLine = false;
      state = "link escape";
    } else if (!escapes(code, char)) {
      state = "none";
      if (code === 8 || code === 127) remove(true);
      else if (char === "\r" || char === "\n") newLine(true);
      else if (code >= 32 || char === "\t") insert(char);
    }
  };
  return {
    input(bytes) {
      for (const char of bytes) {
        if (host.dead()) return;
        if (packets.isReceiving()) packets.take(char);
        else take(char.charCodeAt(0), char);
      }
      this.idle();
    },
    print(text) {
      removeLine();
      say(`${text}\n`);
    },
    started(hasProgram) {
      if (!hasProgram) say(banner(host.version));
      removed = true;
    },
    idle() {
      if (!removed || host.dead()) return;
      removed = false;
      if (echoes()) host.transmit(`>${line}`);
    },
    setEcho(on) {
      echo = on;
    },
    stop: () => packets.end(),
  };
}
