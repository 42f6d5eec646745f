/** `motelet console`: talk to a board. What is typed goes to it, what it says is shown. */
import kleur from "kleur";
import { openPort } from "./open.ts";
import { choosePort, describePort, listPorts } from "./ports.ts";
import { Failure } from "./protocol/failure.ts";

/** Ctrl-], as telnet has it: all else goes to the board, Ctrl-C above all. */
const LEAVE = 0x1d;
/** What the board answers to piped input is waited for. */
const LAST_WORDS_MS = 1000;

export interface ConsoleOptions {
  port?: string;
  baud?: string | number;
  list?: boolean;
}

export interface Terminal {
  input: NodeJS.ReadStream;
  write(this: void, bytes: Uint8Array): void;
  say(this: void, line: string): void;
}

const terminal: Terminal = {
  input: process.stdin,
  write: (bytes) => void process.stdout.write(bytes),
  say: (line) => console.error(line),
};

/** Runs until Ctrl-], the end of piped input, or the end of the connection. Returns the exit code. */
export async function consoleCommand(options: ConsoleOptions, at: Terminal = terminal): Promise<number> {
  const { input, write, say } = at;
  const baud = Number(options.baud ?? 115_200);
  if (!(baud >= 1200)) throw new Error(`--baud takes bits a second such as 115200, not "${options.baud}"`);
  try {
    if (options.list) {
      const ports = await listPorts();
      for (const port of ports) console.log(describePort(port));
      if (ports.length === 0) throw new Failure("port-none");
      return 0;
    }
    const port = options.port ?? choosePort(await listPorts(), []);
    const transport = await openPort(port, baud);
    say(`${kleur.bold(port)}  Ctrl-] leaves; Ctrl-C goes to the board`);
    const reason = await new Promise<string | undefined>((done) => {
      transport.onData = write;
      transport.onClose = (why) => done(why === "" ? "the port is gone" : why);
      input.on("data", (data: Buffer | string) => {
        const bytes = Buffer.from(data);
        const end = bytes.indexOf(LEAVE);
        const typed = end < 0 ? bytes : bytes.subarray(0, end);
        if (typed.length > 0) transport.write(typed).catch((error: unknown) => done(String(error)));
        if (end >= 0) done(undefined);
      });
      input.on("end", () => setTimeout(() => done(undefined), LAST_WORDS_MS));
      if (input.isTTY) input.setRawMode(true);
      input.resume();
    });
    if (input.isTTY) input.setRawMode(false);
    input.pause();
    await transport.close();
    if (reason !== undefined) throw new Failure("closed", { doing: "console", reason });
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(`${kleur.red("error")}: ${error.message}\n  ${error.advice}`);
    return error.exit;
  }
}
