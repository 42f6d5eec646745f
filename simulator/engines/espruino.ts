/**
 * Engine `espruino`: the real interpreter (a Linux build of Espruino) runs the built bytes from its flash.
 * Its buses, pins and Wi-Fi are the simulator's by a pair of named pipes, its sockets go through the
 * simulated network on loopback. Time is the host's, scaled by the clock's speed.
 */
import { execFile } from "node:child_process";
import { accessSync, constants, readFileSync, rmSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { crc32 } from "node:zlib";
import { PowerFailure } from "../flash.ts";
import { createStation, type Station } from "../station.ts";
import { openBridge, type Bridge } from "./espruino/bridge.ts";
import { startChild, type Child } from "./espruino/child.ts";
import { edgeQueue } from "./espruino/edges.ts";
import { openProxy, type Proxy } from "./espruino/proxy.ts";
import { watchdogOf } from "./espruino/watchdog.ts";
import { answer, type ChipControl } from "./port.ts";
import { boardName } from "./v8/host.ts";
import { onlyFile, type Engine, type EngineOptions, type PowerCut } from "./types.ts";

const INSTALL_TIMEOUT_MS = 10_000;
const MEMORY_TIMEOUT_MS = 5_000;
const NAMES = ["espruino-linux", "espruino"];
/** The interpreter that runs a script does not load the program of its flash, as after `reset()`. */
const RESET_SCRIPT = "nothing.js";
/** Typed at once; the interpreter's buffer has room for 1,023, and takes what does not fit by losing it. */
const TYPED_BYTES = 256;
const CTRL_C = "\x03";
const HELP = "set ESPRUINO to a Linux build of Espruino, or use --engine v8";

/** Path of the interpreter: `ESPRUINO`, else espruino-linux or espruino on the PATH; undefined without. */
export function findEspruino(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (environment["ESPRUINO"]) return environment["ESPRUINO"];
  const folders = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function requireEspruino(): string {
  const path = findEspruino();
  if (path === undefined) throw new Error(`the engine "espruino" needs the real interpreter: ${HELP}`);
  if (!isProgram(path)) throw new Error(`ESPRUINO names ${path}, which is not a program: ${HELP}`);
  return path;
}

const text = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");

/**
 * boot.js with its constants, chip.js and flash.js; comments and indentation stay out of the flash. With a console the
 * prompt is on, and the board is the simulated one.
 */
function bootCode(chip: string, pins: string[], speed: number, hasConsole: boolean): string {
  const lean = (code: string): string => code.replace(/\/\*[^]*?\*\//g, "").replace(/^\s+(\/\/.*\n)?/gm, "").trim();
  return lean(text("espruino/boot.js"))
    .replace("CHIP_API", () => lean(text("chip.js")))
    .replace("FLASH_API", () => lean(text("flash.js")))
    .replaceAll("SPEED", String(speed))
    .replaceAll("HAS_CONSOLE", String(hasConsole))
    .replace("BOARD_NAME", () => JSON.stringify(boardName(chip)))
    .replace("CHIP_HAS_TLS", String(chip !== "ESP8266"))
    .replace("PINS_API", () => lean(text("pins.js")))
    .replace("PIN_NAMES", () => JSON.stringify(pins))
    .replaceAll("CHIP_NAME", () => JSON.stringify(chip));
}

/**
 * Writes bridge and program (if there is one) to the flash by the interpreter's own Storage, and checks what it holds
 * then.
 */
async function install(program: string, folder: string, firmware: Uint8Array | undefined, boot: string): Promise<void> {
  const files: [string, string, Uint8Array][] = [[".boot0", "boot.js", Buffer.from(boot, "latin1")]];
  if (firmware !== undefined) files.push([".bootcde", "firmware.js", firmware]);
  for (const [, path, bytes] of files) await writeFile(join(folder, path), bytes);
  await writeFile(join(folder, RESET_SCRIPT), "");
  await writeFile(join(folder, "install.js"), `var s=require("Storage"),f=require("fs"),w=function(n,p){
try{s.erase(n)}catch(e){}
var d=f.readFileSync(p);if(!d)return 0;s.write(n,d);return E.CRC32(s.read(n))};
print("CRC "+[${files.map(([name, path]) => `w("${name}","${path}")`).join()}].join(" "));quit();`);
  const said = await new Promise<string>((done) => {
    execFile(program, ["install.js"], { cwd: folder, timeout: INSTALL_TIMEOUT_MS, killSignal: "SIGKILL" },
      (_error, stdout) => done(stdout));
  });
  const sums = /CRC ([-\d ]+)/.exec(said)?.[1]?.split(" ");
  if (sums === undefined) {
    throw new Error(`${program} does not answer as an Espruino interpreter does: ${HELP}`);
  }
  files.forEach(([, , bytes], at) => {
    if (Number(sums[at]) >>> 0 === (bytes.length === 0 ? 0 : crc32(bytes))) return;
    throw new Error(`the flash of ${program} does not hold the ${bytes.length} bytes that were written: is it full (256 KB)?`);
  });
}

/** One life of the chip, from boot to reset. */
interface Life {
  child: Child;
  bridge: Bridge;
  station: Station;
  over: boolean;
  watchdog: number | undefined;
  /** What the program has not asked for yet. */
  events: string[];
  /** What was typed at the console, and not asked for. */
  typed: string;
}

export function createEspruinoEngine(options: EngineOptions & { speed?: number }): Engine {
  const { clock, network } = options;
  const program = requireEspruino();
  let folder: string | undefined;
  let flash: Buffer | undefined;
  let proxy: Proxy | undefined;
  let life: Life | undefined;
  let asleep: number | undefined;
  let onMemory: ((usage: number) => void) | undefined;
  const sweep = (): void => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  };

  let gone = Promise.resolve();
  /** Resolved when there is no process any more, whoever has ended it. */
  const end = (): Promise<void> => {
    const ending = life;
    life = undefined;
    if (ending === undefined) return gone;
    ending.over = true;
    ending.station.stop();
    if (ending.watchdog !== undefined) clock.cancel(ending.watchdog);
    ending.bridge.close();
    return gone = ending.child.kill();
  };
  const fail = (): void => {
    network.powerOff("reset");
    void end();
    options.onPowerFailure();
  };
  const restart = (reason: string, sleepMs = 0): void => {
    network.powerOff("reset");
    options.onReset(reason);
    const since = clock.now();
    void end().then(() => {
      if (folder === undefined) return;
      asleep = clock.after(Math.max(1, sleepMs - (clock.now() - since)), () => boot(reason));
    });
  };
  const boot = (reason: string): void => {
    asleep = undefined;
    // It was stopped for good while it restarted.
    if (folder === undefined) return;
    network.report({ type: "boot", reason });
    life = createLife(options, program, folder, proxy!, reason, restart, fail, (usage) => onMemory?.(usage),
      () => onMemory !== undefined);
  };
  return {
    name: "espruino",
    async start(firmware) {
      await this.stop();
      folder = await mkdtemp(join(tmpdir(), "motelet-"));
      process.on("exit", sweep);
      try {
        if (flash !== undefined) await writeFile(join(folder, "espruino.flash"), flash);
        const code = bootCode(options.chip, options.pins, options.speed ?? 1, options.onTransmit !== undefined);
        await install(program, folder, firmware && onlyFile(firmware), code);
        proxy = await openProxy();
        boot("power on");
      } catch (error) {
        await this.stop();
        throw error;
      }
    },
    input(bytes) {
      if (life === undefined) return;
      // The thread that reads the interpreter's own input and its main loop share a buffer without a lock, which costs
      // bytes and lives under load. So the main loop is given what is typed; Ctrl-C interrupts a program that holds it.
      for (const char of bytes) if (char === CTRL_C) life.child.type(char);
      life.typed += bytes.replaceAll(CTRL_C, "");
    },
    shutdown() {
      life?.events.push("kill\0");
    },
    async stop(how: PowerCut = "reset") {
      if (asleep !== undefined) clock.cancel(asleep);
      // Before the kernel closes the sockets of the process, which a chip without power does not do.
      network.powerOff(how);
      await end();
      await proxy?.close();
      proxy = undefined;
      if (folder === undefined) return;
      const used = folder;
      folder = undefined;
      flash = await readFile(join(used, "espruino.flash")).catch(() => undefined);
      await rm(used, { recursive: true, force: true });
      process.removeListener("exit", sweep);
    },
    async memory() {
      const usage = await new Promise<number | undefined>((done) => {
        const late = setTimeout(() => done(undefined), MEMORY_TIMEOUT_MS);
        onMemory = (measured) => {
          clearTimeout(late);
          onMemory = undefined;
          done(measured);
        };
      });
      const { variables, bytesPerVariable } = options.heap;
      return { usage, total: variables, bytesPerVariable };
    },
  };
}

function createLife(
  options: EngineOptions, program: string, folder: string, proxy: Proxy, resetReason: string,
  restart: (reason: string, sleepMs?: number) => void, fail: () => void, onMemory: (usage: number) => void,
  wantsMemory: () => boolean,
): Life {
  const { clock, network, rng, machine } = options;
  const events: string[] = [];
  const someEdges = edgeQueue();
  const born: Life = {
    child: undefined!, bridge: undefined!, over: false, watchdog: undefined, events, typed: "",
    station: createStation({
      network, clock, rng, rssi: () => machine.self.rssi?.(),
      onEvent: (name, details) => void events.push(`${name}\0${JSON.stringify(details)}`),
    }),
  };
  const stopLife = (reason: string, sleepMs?: number): void => {
    if (born.over) return;
    born.over = true;
    restart(reason, sleepMs);
  };
  const watchdog = watchdogOf(born, clock, () => stopLife("watchdog"));
  const control: ChipControl = {
    machine, station: born.station, flash: options.flash, resetReason: () => resetReason, restart: stopLife, watchdog,
    now: () => clock.now(),
  };
  born.bridge = openBridge(folder, (op, message) => {
    if (born.over) return undefined;
    watchdog.alive();
    if (op === "p") return events.shift() ?? takeTyped(born) ?? (wantsMemory() ? "memory" : "");
    if (op === "M") {
      onMemory(Number(message));
      return "";
    }
    if (op === "n") return openSocket(options, proxy, message);
    let reply = "";
    try {
      reply = answer(control, op, message);
    } catch (error) {
      if (!(error instanceof PowerFailure)) throw error;
      born.over = true;
      fail();
    }
    if (op === "E") reply = someEdges(reply);
    // A program that asked for a restart does not go on, nor does one without power.
    return born.over ? undefined : reply;
  });
  const args = resetReason === "reset" ? [RESET_SCRIPT] : ["-e", "1"];
  born.child = startChild(program, args, folder, { onLine: options.onConsole, onBytes: options.onTransmit }, (said) => {
    if (born.over) return;
    options.onWarning(`the interpreter ended by itself and is started again; it said last: ${said}`);
    stopLife("exception");
  });
  return born;
}

function takeTyped(life: Life): string | undefined {
  if (life.typed === "") return undefined;
  const taken = life.typed.slice(0, TYPED_BYTES);
  life.typed = life.typed.slice(TYPED_BYTES);
  return `type\0${taken}`;
}

/** "" where the name is not found, "0" where nothing answers, else the port to connect to. */
function openSocket({ network }: EngineOptions, proxy: Proxy, message: string): string {
  const [host, port] = message.split("\0") as [string, string];
  const link = network.connect(host, Number(port));
  if (link === "not found") return "";
  if (typeof link === "string") return "0";
  proxy.expect(link);
  return String(proxy.port);
}
