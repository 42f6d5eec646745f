/** The `motelet` command. */
import kleur from "kleur";
import sade from "sade";
import { readFileSync } from "node:fs";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

/** Runs a command; an error that nobody expected is told in one line, with the stack only on demand. */
const run = async (command: () => Promise<number>): Promise<void> => {
  try {
    process.exitCode = await command();
  } catch (error) {
    const told = error instanceof Error ? error : new Error(String(error));
    console.error(`${kleur.red("error")}: ${told.message}`);
    // A plain Error is told on purpose; anything else is a mistake of ours.
    if (process.env["MOTELET_DEBUG"]) console.error(told.stack);
    else if (told.constructor !== Error) console.error("  set MOTELET_DEBUG=1 to see where it happened");
    process.exitCode = 1;
  }
};

// `motelet check | head` closes the pipe: that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const cli = sade("motelet").version(version);

cli
  .command("check [file]", "Check a board file, or all in boards/")
  .option("--json", "Print one JSON object", false)
  .example("check boards/greenhouse.json")
  .action((file: string | undefined, options: { json?: boolean }) =>
    run(async () => (await import("./check.ts")).check(file, options)));

cli
  .command("build <file>", "Compile a board file to the bytes that are flashed")
  .option("-o, --out", "Folder to write to", "dist")
  .option("--simulated-secrets", "Invent the secrets that are missing: such a build is for the simulator alone", false)
  .option("--json", "Print the manifest", false)
  .example("build boards/greenhouse.json")
  .action((file: string, options: { out: string; json?: boolean; "simulated-secrets"?: boolean }) =>
    run(async () => (await import("./build/command.ts")).buildCommand(file, options)));

cli
  .command("sim [file]", "Run a board in the simulator")
  .option("-e, --engine", "v8 (for Espruino), lua5.1 or lua5.3 (for NodeMCU), or espruino: the interpreter that ESPRUINO names")
  .option("-b, --broker", "Use this broker (mqtt://user:password@host:port) and not the embedded one")
  .option("-f, --for", "Stop after this time, such as 30s or 10m")
  .option("--speed", "How much faster than real time the node's clock runs", 1)
  .option("--seed", "Seed of everything that is random", 1)
  .option("--set", "Set a signal of the world, such as air.temperature=30")
  .option("-w, --world", "Signals of the world from this trace (CSV)")
  .option("-r, --record", "Write the readings to this file, as a trace (CSV)")
  .option("-c, --console", "An empty board whose console is at tcp://host:port or a pty, to be flashed")
  .option("--web", "Serve a page on this computer to look at it, and to change what it meets", false)
  .option("--web-port", "Port of that page; that of the last run without it, if it is free")
  .option("--json", "Print one JSON object a line for each event", false)
  .example("sim boards/greenhouse.json --for 30s")
  .example("sim boards/greenhouse.json --speed 10 --web")
  .example("sim boards/greenhouse.json --engine espruino --broker mqtt://127.0.0.1:1883")
  .example("sim boards/greenhouse.json --console tcp://127.0.0.1:2323")
  .action((file: string | undefined, options: Record<string, unknown>) =>
    run(async () => (await import("./sim.ts")).sim(file ?? "boards/greenhouse.json", options)));

cli
  .command("flash <board>", "Build boards and bring them onto their chips; name several, or folders that build has written")
  .option("-p, --port", "Serial port or tcp://host:port; several boards: once for each, in their order")
  .option("--baud", "Speed of the console, such as 9600")
  .option("--image", "Write the images of the interpreter first (flash.config.json names them)", false)
  .option("--images", "Folder of these images")
  .option("--lfs", "Image of the flash store of Lua that luac.cross has made (NodeMCU); flash.config.json may name luac.cross")
  .option("--luac", "The luac.cross that makes this image, where flash.config.json names none")
  .option("--erase", "Erase all that the board stores first, its previous firmware, too", false)
  .option("-n, --dry-run", "Ask the board and check, but change nothing", false)
  .option("-w, --watch", "Stay, and flash again whenever a file has changed the firmware", false)
  .option("--web", "Serve a page on this computer that flashes by Web Serial or Web Bluetooth", false)
  .option("--web-port", "Port of that page", 0)
  .option("--config", "Another flash.config.json")
  .option("-o, --out", "Folder to build into", "dist")
  .option("--json", "Print one JSON object a line for each event", false)
  .example("flash boards/greenhouse.json --port /dev/ttyUSB0")
  .example("flash boards/greenhouse.json boards/freezer.json --port tcp://10.0.0.2:23 --port COM3")
  .action((board: string, { _: more, ...options }: { _: string[] } & Record<string, unknown>) =>
    run(async () => (await import("./flash/command.ts")).flash([board, ...more], options)));

cli
  .command("console", "Talk to a board; Ctrl-] leaves")
  .option("-p, --port", "Serial port or tcp://host:port")
  .option("--baud", "Speed, bits a second", 115200)
  .option("-l, --list", "List the serial ports", false)
  .example("console --port /dev/ttyUSB0")
  .action((options: Record<string, unknown>) =>
    run(async () => (await import("./flash/console.ts")).consoleCommand(options)));

cli
  .command("filter <board> <trace>", "Show what the filters of a board make of a recorded trace (CSV)")
  .option("--field", "A quantity to show, such as air.temperature; all without it")
  .option("--svg", "Write a picture to this file")
  .option("--csv", "Write what was read, smoothed and published to this file")
  .option("--no-plot", "Numbers alone", false)
  .option("--json", "Print one JSON object", false)
  .example("filter boards/greenhouse.json day.csv --svg day.svg")
  .action((board: string, trace: string, options: Record<string, unknown>) =>
    run(async () => (await import("./filter/command.ts")).filter(board, trace, options)));

cli.parse(process.argv);
