/** `motelet console`: what is typed goes to the board, what it says is shown. */
import { PassThrough } from "node:stream";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openConsole, type ConsolePort } from "../../simulator/console.ts";
import { consoleCommand, type ConsoleOptions } from "../../tools/flash/console.ts";
import { describePort, listPorts } from "../../tools/flash/ports.ts";

interface Session {
  /** What the person types; undefined ends piped input. */
  type(text: string | undefined): void;
  /** What was shown, once it holds this. */
  shows(text: string): Promise<void>;
  said: string[];
  raw: boolean[];
  code: Promise<number>;
}

function sit(options: ConsoleOptions, isTty: boolean): Session {
  const raw: boolean[] = [];
  const input = Object.assign(new PassThrough(), { isTTY: isTty, setRawMode: (on: boolean) => void raw.push(on) });
  const said: string[] = [];
  let shown = "";
  let look = (): void => {};
  const code = consoleCommand(options, {
    input: input as unknown as NodeJS.ReadStream,
    write(bytes) {
      shown += Buffer.from(bytes).toString("latin1");
      look();
    },
    say: (line) => void said.push(line),
  });
  return {
    said, raw, code,
    type: (text) => void (text === undefined ? input.end() : input.write(text)),
    shows: (text) => new Promise((done) => {
      look = () => shown.includes(text) && done();
      look();
    }),
  };
}

/** A board that repeats what it hears in capitals, but for Ctrl-C, which it tells. */
async function withBoard(use: (port: ConsolePort) => Promise<void>): Promise<void> {
  const port: ConsolePort = await openConsole("tcp://127.0.0.1:0", (bytes) =>
    port.write(bytes.toUpperCase().replace("\x03", "Execution Interrupted\r\n")));
  try {
    await use(port);
  } finally {
    await port.close();
  }
}

test("what is typed reaches the board, Ctrl-C too; Ctrl-] leaves", () => withBoard(async (port) => {
  const at = sit({ port: port.name }, true);
  at.type("print(1)\r");
  await at.shows("PRINT(1)\r");
  at.type("\x03");
  await at.shows("Execution Interrupted");
  assert.equal(at.raw, [true], "keys come as they are typed");
  at.type("last\x1dnot this");
  assert.is(await at.code, 0);
  assert.equal(at.raw, [true, false], "the terminal is as it was");
  assert.match(at.said[0]!, /tcp:\/\/127\.0\.0\.1:\d+.*Ctrl-\] leaves; Ctrl-C goes to the board/);
}));

test("piped input is sent, and what the board answers to it is waited for", () => withBoard(async (port) => {
  const at = sit({ port: port.name }, false);
  at.type("abc\n");
  at.type(undefined);
  await at.shows("ABC");
  assert.is(await at.code, 0);
  assert.equal(at.raw, []);
}));

test("a board that goes away, a port that is not there and a wrong speed are told", () => withBoard(async (port) => {
  const at = sit({ port: port.name }, true);
  at.type("x");
  await at.shows("X");
  await port.close();
  assert.is(await at.code, 5);
  assert.match(at.said.at(-1)!, /the connection has ended \(console\): .*\n {2}plug the cable in again/);
  const nowhere = sit({ port: "tcp://127.0.0.1:1" }, true);
  assert.is(await nowhere.code, 2);
  assert.match(nowhere.said.at(-1)!, /no connection to tcp:\/\/127\.0\.0\.1:1/);
  let message = "";
  await sit({ baud: "fast" }, true).code.catch((error: Error) => {
    message = error.message;
  });
  assert.is(message, "--baud takes bits a second such as 115200, not \"fast\"");
}));

test("--list names the ports that there are, or says what to do", async () => {
  const ports = await listPorts();
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  const at = sit({ list: true }, true);
  const code = await at.code;
  console.log = log;
  assert.equal(lines, ports.map(describePort));
  assert.is(code, ports.length > 0 ? 0 : 2);
  if (ports.length === 0) assert.match(at.said[0]!, /there is no serial port\n {2}plug the board in with a cable that carries data/);
});

test.run();
