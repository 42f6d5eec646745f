/**
 * `motelet sim`: builds a board and runs it in the simulator, with its readings as they arrive at the broker.
 */
import kleur from "kleur";
import { dirname, join, relative } from "node:path";
import { openConsole, parseConsole, type ConsolePort } from "../simulator/console.ts";
import type { SimEvent } from "../simulator/events.ts";
import { parseBrokerUrl, type BrokerAddress } from "../simulator/observer.ts";
import { ENGINES, engineOf, simulate, type EngineName, type Simulation } from "../simulator/simulator.ts";
import { durationMs } from "./board/duration.ts";
import { loadBoard } from "./board/load.ts";
import { printProblems } from "./board/report.ts";
import type { Board, Manifest } from "./board/types.ts";
import { list, nearest } from "./board/words.ts";
import { build } from "./build/build.ts";
import { readFirmware } from "./firmware.ts";
import { SIMULATED_LUAC } from "./flash/lfs.ts";
import { webPortOf } from "./local-server.ts";
import { eventLine, isReading, payloadText } from "./sim-print.ts";
import { stopSignal } from "./stop-signal.ts";
import type { Dashboard, DashboardToBe } from "./dashboard/dashboard.ts";
import { follow, readWorld, recordTo, type Recorded } from "./trace/world.ts";

/** As the command line gives them. */
export interface SimOptions {
  engine?: string;
  broker?: string;
  console?: string;
  for?: string | number;
  json?: boolean;
  speed?: string | number;
  seed?: string | number;
  set?: string | string[];
  /** A trace that the world follows. */
  world?: string;
  /** A file for the readings, as a trace. */
  record?: string;
  /** A page to look at. */
  web?: boolean;
  "web-port"?: string | number;
}

/** Events that a simulation with a page keeps: it may run for days. */
const KEPT = 2000;

interface Settings {
  engine: EngineName | undefined;
  broker: BrokerAddress | undefined;
  console: string | undefined;
  forMs: number | undefined;
  speed: number;
  seed: number;
  world: Record<string, number>;
  recorded: Recorded | undefined;
  web: boolean;
  /** 0: any; undefined: that of the last run. */
  webPort: number | undefined;
}

/**
 * Runs a board. Returns the exit code: 1 for a board with errors, or when nothing ever arrived at the broker.
 */
export async function sim(file: string, options: SimOptions = {}): Promise<number> {
  const settings = parse(options);
  const print = (line: string): void => console.log(line);
  const json = (event: object): void => print(JSON.stringify(event));
  const { board } = await loadBoard(file, { secrets: "simulated" });
  const { manifest, file: firmware, problems } = await build(file, { secrets: "simulated" });
  if (!manifest || !firmware || !board) {
    if (options.json) json({ t: 0, type: "end", reason: "the board file has errors", problems });
    else printProblems(problems);
    return 1;
  }
  const { name, bytes, sha256 } = manifest;
  const engine = settings.engine ?? engineOf(manifest);
  if (options.json) json({ t: 0, type: "build", name, bytes, sha256, problems });
  else {
    printProblems(problems);
    print(settings.console !== undefined ? `${kleur.bold(name)}  an empty ${manifest.hardware}, on the engine ${engine}`
      : `${kleur.bold(name)}  ${bytes} bytes in ${relative(".", firmware)}, on the engine ${engine}`);
  }
  const tell = options.json
    ? (event: SimEvent): void => json(jsonEvent(event))
    : teller(manifest, board, file, settings, print);
  const stop = stopSignal();
  // What the shutdown itself causes is not told.
  let live = true;
  let simulation: Simulation | undefined;
  let port: ConsolePort | undefined;
  let dashboard: Dashboard | undefined;
  const toBe = settings.web ? await dashboardOf(file, manifest, firmware, engine, settings) : undefined;
  let readings = 0;
  const record = options.record === undefined ? undefined : recordTo(String(options.record), manifest);
  try {
    if (settings.console !== undefined) {
      port = await openConsole(settings.console, (typed) => simulation?.type(typed));
      tellConsole(port.name, file, manifest, options.json === true);
    }
    // A board that is flashed may come with the real secrets, or with others.
    const isOpen = port !== undefined && manifest.secrets === "simulated";
    const { write } = port ?? {};
    simulation = await simulate({
      manifest, engine, speed: settings.speed, seed: settings.seed,
      ...(write ? { onTransmit: write } : { firmware: await readFirmware(manifest, firmware) }),
      world: settings.world, onEvent: (event) => {
        if (!live) return;
        record?.take(event);
        toBe?.take(event);
        if (event.type === "message" && isReading(manifest, event.topic)) readings++;
        tell(event);
      },
      onPacket: toBe?.takePacket, keep: settings.web ? KEPT : undefined,
      ...(isOpen ? {} : { wifi: board.wifi }),
      ...(settings.broker ? { broker: settings.broker } : {}),
      ...(board.mqtt.username === undefined || isOpen ? {}
        : { credentials: { username: board.mqtt.username, password: board.mqtt.password ?? "" } }),
    });
    if (settings.recorded) follow(simulation.world, settings.recorded);
    dashboard = await toBe?.open(simulation);
    if (dashboard !== undefined) tellDashboard(dashboard.url, options.json === true);
    await Promise.race([stop.promise, ...(settings.forMs === undefined ? [] : [simulation.run(settings.forMs)])]);
    live = false;
    const saved = record?.save();
    if (saved !== undefined && !options.json) print(saved);
    return finish(simulation, readings, manifest, file, settings, options.json === true, stop.signal.aborted);
  } finally {
    await dashboard?.close();
    await simulation?.close();
    await port?.close();
    stop.release();
  }
}

function tellConsole(name: string, file: string, { lua }: Manifest, json: boolean): void {
  // Its flash store takes images of its own kind.
  const luac = lua?.flashed === undefined ? "" : ` --luac ${relative(".", SIMULATED_LUAC)}`;
  if (json) console.log(JSON.stringify({ t: 0, type: "console port", port: name }));
  else console.log(`console ${name}; flash it with ${kleur.cyan(`npx motelet flash ${file} --port ${name}${luac}`)}`);
}

/** What serves the page is loaded where there is one. */
async function dashboardOf(
  file: string, manifest: Manifest, firmware: string, engine: string, settings: Settings,
): Promise<DashboardToBe> {
  const { prepareDashboard } = await import("./dashboard/dashboard.ts");
  const { speed, seed, broker, webPort } = settings;
  return prepareDashboard({
    file, manifest, engine, speed, seed, broker: broker?.shown, port: webPort,
    hasFirmware: settings.console === undefined, placeFile: join(dirname(firmware), "dashboard.json"),
  });
}

function tellDashboard(url: string, json: boolean): void {
  if (json) console.log(JSON.stringify({ t: 0, type: "dashboard", url }));
  else console.log(`look    ${kleur.cyan(url)}`);
}

/** Reads the options; every wrong one is an Error that says what is right. */
function parse(options: SimOptions): Settings {
  const { engine } = options;
  if (engine !== undefined && !(ENGINES as readonly string[]).includes(engine)) {
    const close = nearest(engine, [...ENGINES]);
    throw new Error(`there is no engine "${engine}": ${close ? `did you mean ${close}?` : `use ${list([...ENGINES])}`}`);
  }
  const forMs = options.for === undefined ? undefined : durationMs(String(options.for));
  if (options.for !== undefined && !(forMs! > 0)) {
    throw new Error(`--for takes a time such as 30s or 10m, not "${options.for}"`);
  }
  const speed = Number(options.speed ?? 1);
  if (!(speed >= 0.01 && speed <= 1000)) throw new Error(`--speed takes a number from 0.01 to 1000, not "${options.speed}"`);
  const seed = Number(options.seed ?? 1);
  if (!Number.isInteger(seed)) throw new Error(`--seed takes a whole number, not "${options.seed}"`);
  const world: Record<string, number> = {};
  for (const setting of [options.set ?? []].flat()) {
    const [, signal, value] = /^([^=]+)=(.+)$/.exec(String(setting)) ?? [];
    if (signal === undefined || value === undefined || Number.isNaN(Number(value))) {
      throw new Error(`--set takes a signal and a number such as air.temperature=30, not "${setting}"`);
    }
    world[signal] = Number(value);
  }
  if (options.console !== undefined) parseConsole(String(options.console));
  const webPort = options["web-port"] === undefined ? undefined : webPortOf(options["web-port"]);
  return {
    engine: engine as EngineName | undefined, forMs, speed, seed, world, webPort,
    web: options.web === true || webPort !== undefined,
    recorded: options.world === undefined ? undefined : readWorld(String(options.world)),
    broker: options.broker === undefined ? undefined : parseBrokerUrl(String(options.broker)),
    console: options.console === undefined ? undefined : String(options.console),
  };
}

/** Payloads as text, where they are. */
function jsonEvent(event: SimEvent): object {
  return event.type === "message" ? { ...event, payload: payloadText(event.payload) } : event;
}

/** Prints events for people, and once what to try next. */
function teller(
  manifest: Manifest, board: Board, file: string, settings: Settings, print: (line: string) => void,
): (event: SimEvent) => void {
  let readings = 0;
  let lastLine = "";
  const login = board.mqtt.username === undefined ? "" : ` -u ${board.mqtt.username} -P ${board.mqtt.password ?? ""}`;
  const shown = settings.broker?.shown;
  if (shown !== undefined) {
    print(`broker  ${shown}; the node logs in as ${board.mqtt.username ?? "nobody"}`
      + (manifest.secrets === "simulated" && login !== "" ? " with a simulated password (set the secret to use yours)" : ""));
  }
  return (event) => {
    if (event.type === "broker" && event.state === "listening") {
      // The secrets of the environment are not shown.
      const visible = manifest.secrets === "simulated" ? login : login.replace(/ -P .*/, " -P ...");
      print(`broker  mqtt://${event.host}:${event.port}; watch it with `
        + kleur.cyan(`mosquitto_sub -h ${event.host} -p ${event.port}${visible} -v -t '${manifest.name}/#'`));
      print("");
      return;
    }
    const line = eventLine(manifest, event);
    // A node that tries again and again says so once.
    const bare = line?.slice(line.indexOf(" s  "));
    if (line !== undefined && (bare !== lastLine || event.type === "message")) print(line);
    if (line !== undefined) lastLine = bare!;
    if (event.type !== "message" || !isReading(manifest, event.topic) || ++readings !== 1) return;
    print(kleur.gray(`            next: ${nextStep(manifest, file)}; Ctrl-C stops`));
  };
}

/** Something to try. */
function nextStep(manifest: Manifest, file: string): string {
  const sensor = manifest.sensors[0];
  const field = sensor?.fields[0];
  if (!sensor || !field || sensor.driver !== "bme280") return `npx motelet sim ${file} --speed 10`;
  return `npx motelet sim ${file} --set ${sensor.id}.${field.name}=30`;
}

function finish(
  simulation: Simulation, readings: number, manifest: Manifest, file: string, settings: Settings, json: boolean,
  stopped: boolean,
): number {
  const ms = stopped || settings.forMs === undefined ? simulation.now() : settings.forMs;
  const seconds = (ms / 1000).toFixed(0);
  const why = readings > 0 || stopped ? "" : whyNothing(simulation, settings);
  const reason = why === "" ? (stopped ? "stopped" : "time is over") : why;
  if (json) {
    console.log(JSON.stringify({ t: Math.round(simulation.now()), type: "end", reason, readings }));
  } else if (why === "") {
    console.log(`\n${readings} reading${readings === 1 ? "" : "s"} in ${seconds} s of simulated time. `
      + `Try: ${nextStep(manifest, file)}`);
  } else {
    console.error(`\n${kleur.red("error")}: no reading arrived in ${seconds} s: ${why}`);
  }
  return why === "" ? 0 : 1;
}

/** The latest of what stood in the way. */
function whyNothing({ events }: Simulation, { broker }: Settings): string {
  for (const event of events.toReversed()) {
    if (event.type === "broker" && event.state === "refused") return `the broker refused the node: ${event.reason}`;
    if (event.type === "packet" && event.packet === "CONNACK" && event.code !== 0) {
      return `the broker refused the node with CONNACK code ${event.code}`;
    }
    if (event.type === "broker" && event.state === "unreachable") return event.reason;
    if (event.type === "link" && event.state === "failed") {
      return `no connection to ${broker?.shown ?? `${event.host}:${event.port}`}: ${event.error}`;
    }
    if (event.type === "console" && event.line.startsWith("Uncaught")) return `the firmware failed: ${event.line}`;
    if (event.type === "wifi" && event.state === "lost") return `no Wi-Fi: ${event.reason}`;
  }
  return "the node connected but no sensor gave a reading: see the console lines above, or give it more time by --for";
}
