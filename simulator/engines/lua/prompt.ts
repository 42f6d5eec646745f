/**
 * The console of a NodeMCU chip: echo and lines, as app/driver/input.c of the branch release has them (input_readline).
 * Lines go to Lua (prelude/boot.lua, N_line), which says when it is ready for the next. Bytes are binary strings.
 */

/** LUA_MAXINPUT: of a line that is longer the beginning is thrown away. */
const LONGEST_LINE = 256;

export interface LuaPrompt {
  input(bytes: string): void;
  /** What the program prints, lines without their end. */
  print(line: string): void;
  /** Lua is ready: "> ", or ">> " in the middle of a statement. */
  ready(prompt: string): void;
  /** The line that Lua is to run. */
  line(): string;
  stop(): void;
}

export function createLuaPrompt(transmit: (bytes: string) => void, runLine: () => void): LuaPrompt {
  let line = "";
  let last = "";
  let running = "";
  let prompt = "> ";
  let stopped = false;
  const say = (text: string): void => {
    if (!stopped) transmit(text.replaceAll("\n", "\r\n"));
  };
  const take = (char: string): void => {
    // CR LF and LF CR are one end of a line.
    if ((char === "\r" && last === "\n") || (char === "\n" && last === "\r")) {
      last = "";
      return;
    }
    if (char === "\x08" || char === "\x7f") {
      if (line !== "") say("\x08 \x08");
      line = line.slice(0, -1);
      last = "";
      return;
    }
    last = char;
    if (char === "\r" || char === "\n") {
      say("\n");
      if (line === "") say(prompt);
      else {
        running = line;
        line = "";
        runLine();
      }
      return;
    }
    say(char);
    if (line.length + 1 >= LONGEST_LINE) line = "";
    line += char;
  };
  return {
    input(bytes) {
      for (const char of bytes) {
        if (stopped) return;
        take(char);
      }
    },
    print: (text) => say(`${text}\n`),
    ready(shown) {
      prompt = shown;
      say(shown);
    },
    line: () => running,
    stop() {
      stopped = true;
    },
  };
}
