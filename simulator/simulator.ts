/**
 * A simulation: one board, its parts and world, the network, a broker, and an engine that runs the built
 * bytes.
 */
import { loadHardware } from "../tools/board/hardware.ts";
import type { Hardware, Manifest } from "../tools/board/types.ts";
import { embeddedBroker, type EmbeddedBroker, type Message } from "./broker.ts";
import { realClock, virtualClock, type RealClock, type VirtualClock } from "./clock.ts";
import { createEspruinoEngine } from "./engines/espruino.ts";
import { createLuaEngine } from "./engines/lua.ts";
import type { Engine, EngineOptions, Firmware, PowerCut } from "./engines/types.ts";
import { createV8Engine } from "./engines/v8.ts";
import type { SimEvent, SimHappening } from "./events.ts";
import { createFlash, type FlashPages, type SimulatedFlash } from "./flash.ts";
import { createMachine, type SimulatedMachine } from "./machine.ts";
import { Network, tcpEndpoint, type NetworkFaults, type WatchPackets } from "./network.ts";
import { observe, type BrokerAddress } from "./observer.ts";
import { createRng } from "./rng.ts";
import { settle } from "./settle.ts";
import type { Clock, World } from "./types.ts";
import { webSocketEndpoint } from "./websocket.ts";

export const ENGINES = ["v8", "espruino", "lua5.1", "lua5.3"] as const;
export type EngineName = (typeof ENGINES)[number];

export interface SimulateOptions {
  manifest: Manifest;
  /** The built bytes, as they are flashed; a board without any waits at its prompt. */
  firmware?: Firmware;
  /** Somebody sits at the console: all bytes of it (a binary string). `type` of the simulation takes what is typed. */
  onTransmit?: (bytes: string) => void;
  /** Default: that of the manifest's target. */
  engine?: EngineName;
  /** Another broker than the embedded one. */
  broker?: BrokerAddress;
  /** Port of the embedded broker on loopback; 0, the default, picks a free one. */
  brokerPort?: number;
  /** Only these are let in by the embedded broker and by the access point; anything when absent. */
  credentials?: { username: string; password: string };
  wifi?: { ssid: string; password: string };
  /** Time passes by `run` alone, as fast as the machine goes (engine v8 and the embedded broker). */
  virtual?: boolean;
  /** Simulated seconds in one second of the host; default 1. */
  speed?: number;
  /** Decides everything that is random; default 1. */
  seed?: number;
  /** Signals of the world: "air.temperature" to a value. */
  world?: Record<string, number>;
  faults?: Partial<NetworkFaults>;
  onEvent?: (event: SimEvent) => void;
  onPacket?: WatchPackets | undefined;
  /** How many of the newest events and messages are kept, at least; all when absent. */
  keep?: number | undefined;
}

export interface Simulation {
  /** All that happened, or the newest of it: see `keep`. */
  events: SimEvent[];
  /** What arrived at the broker, in order. */
  messages: Message[];
  world: World;
  machine: SimulatedMachine;
  network: Network;
  /** The flash that the chip has for programs: `failAfter` cuts the power in the middle of a write or an erasure. */
  flash: SimulatedFlash;
  engine: Engine;
  /** The embedded broker, if that is used. */
  broker: EmbeddedBroker | undefined;
  clock: Clock;
  /** Simulated ms since power-on. */
  now(): number;
  /** Types at the console (a binary string). */
  type(bytes: string): void;
  /** Lets simulated time pass. */
  run(ms: number): Promise<void>;
  /** Lets time pass until `done` is true; an Error that names `what` and the seed after `limitMs`. */
  until(what: string, done: () => boolean, limitMs: number): Promise<void>;
  /** Power cut. */
  kill(how?: PowerCut): Promise<void>;
  /** The chip restarts by a command and stays off: the firmware has a moment to say goodbye. */
  leave(): Promise<void>;
  /** Power on again: the flash is as it was. */
  powerOn(): Promise<void>;
  /** Stops everything; nothing is left running. */
  close(): Promise<void>;
}

/** Assembles and powers on. Throws an Error for people when something that it needs is missing. */
export async function simulate(options: SimulateOptions): Promise<Simulation> {
  const { manifest, seed = 1, speed = 1 } = options;
  if (options.virtual && options.engine === "espruino") {
    throw new Error("the engine \"espruino\" runs in real time: use the engine v8 with a virtual clock, or a speed");
  }
  if (options.virtual && options.broker) {
    throw new Error("a virtual clock needs the embedded broker: another one lives in real time");
  }
  const still = virtualClock();
  const running = options.virtual ? undefined : realClock(speed);
  const clock = running ?? still;
  const events: SimEvent[] = [];
  const messages: Message[] = [];
  const trim = (list: unknown[]): void => {
    if (options.keep !== undefined && list.length > 2 * options.keep) list.splice(0, options.keep);
  };
  const report = (happening: SimHappening): void => {
    const event = { t: Math.round(clock.now()), ...happening };
    events.push(event);
    trim(events);
    if (event.type === "message") {
      const { type: _, ...message } = event;
      messages.push(message);
      trim(messages);
    }
    options.onEvent?.(event);
  };
  const rng = createRng(seed);
  const warn = (message: string): void => report({ type: "warning", message });
  const hardware = loadHardware().get(manifest.hardware);
  const machine = await createMachine({
    manifest, clock, rng: rng.fork("machine"), warn, ...(hardware ? { pins: hardware.pins } : {}),
  });
  const flash = createFlash({ pages: pagesOf(hardware), rng: rng.fork("flash"), warn });
  for (const [signal, value] of Object.entries(options.world ?? {})) machine.world.set(signal, value);
  const network = new Network({
    clock, rng: rng.fork("network"), report, onPacket: options.onPacket, ...(options.wifi ? { wifi: options.wifi } : {}),
  });
  Object.assign(network.faults, options.faults);

  const broker = options.broker ? undefined : await embeddedBroker({
    clock, report, port: options.brokerPort ?? 0, trim,
    ...(options.credentials ? { credentials: options.credentials } : {}),
  });
  const leave = options.broker ? observe(options.broker, `${manifest.name}/#`, report) : undefined;
  const { host, port, path } = manifest.mqtt;
  // TLS ends inside of the simulated chip, a WebSocket in front of the broker, whichever that is.
  const endpoint = broker?.endpoint ?? tcpEndpoint(options.broker!.host, options.broker!.port);
  network.route(host, port, path === undefined ? endpoint : webSocketEndpoint(endpoint, path));

  const closeAll = async (): Promise<void> => {
    network.close();
    await leave?.();
    await broker?.close();
    running?.close();
  };
  try {
    const engine = createEngine(manifest, options.engine ?? engineOf(manifest), {
      machine, clock, rng: rng.fork("engine"), network, flash, speed, heap: manifest.heap,
      chip: hardware?.chip ?? "ESP32", pins: Object.keys(hardware?.pins ?? {}),
      onConsole: (line) => report({ type: "console", line }), onReset: () => {}, onWarning: warn,
      onPowerFailure: () => report({ type: "off", reason: "the power failed while it wrote to its flash" }),
      ...(hardware ? { storageBytes: hardware.flash.storageBytes } : {}),
      ...(options.onTransmit ? { onTransmit: options.onTransmit } : {}),
    });
    await engine.start(options.firmware);
    const pass = passer(still, running, network, speed);
    return {
      events, messages, world: machine.world, machine, network, flash, engine, broker,
      clock,
      now: () => clock.now(),
      type: (bytes) => engine.input?.(bytes),
      run: pass,
      until: (what, done, limitMs) => waitUntil(pass, () => clock.now(), what, done, limitMs, seed),
      kill: (how) => engine.stop(how),
      async leave() {
        engine.shutdown();
        await pass(LEAVE_MS);
        await engine.stop();
      },
      powerOn: () => engine.start(options.firmware),
      async close() {
        await engine.stop();
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function pagesOf(hardware: Hardware | undefined): FlashPages | undefined {
  const free = hardware?.flash.store;
  return free && { address: Number(free.address), pageBytes: free.pageBytes, pages: free.pages };
}

/** The engine that runs what was built for a target. */
export function engineOf({ target, lua }: Manifest): EngineName {
  return target === "nodemcu" ? `lua${lua?.version ?? "5.1"}` : "v8";
}

function createEngine(manifest: Manifest, name: EngineName, options: EngineOptions & { speed: number }): Engine {
  const isLua = name === "lua5.1" || name === "lua5.3";
  if (isLua !== (manifest.target === "nodemcu")) {
    throw new Error(`the engine "${name}" does not run what is built for the target ${manifest.target}: use ${engineOf(manifest)}`);
  }
  if (isLua) {
    const version = name === "lua5.1" ? "5.1" : "5.3";
    return createLuaEngine(options, { ...manifest.lua, version });
  }
  return name === "espruino" ? createEspruinoEngine(options) : createV8Engine(options);
}

function passer(
  still: VirtualClock, running: RealClock | undefined, network: Network, speed: number,
): Simulation["run"] {
  if (running === undefined) return (ms) => settle(still, network, ms);
  return (ms) => new Promise((done) => setTimeout(done, ms / speed));
}

/** How long a chip that restarts goes on. */
const LEAVE_MS = 500;
/** How often a condition is looked at, simulated ms. */
const LOOK_MS = 50;

async function waitUntil(
  pass: Simulation["run"], now: () => number, what: string, done: () => boolean, limitMs: number, seed: number,
): Promise<void> {
  const limit = now() + limitMs;
  while (!done()) {
    if (now() >= limit) throw new Error(`${what}: not within ${limitMs} simulated ms (seed ${seed})`);
    await pass(LOOK_MS);
  }
}
