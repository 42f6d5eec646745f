/** Runs a script for Espruino on an engine with a fake board, for tests. */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { virtualClock, realClock } from "../../simulator/clock.ts";
import type { Engine, EngineOptions } from "../../simulator/engines/types.ts";
import type { SimHappening } from "../../simulator/events.ts";
import { Network, tcpEndpoint } from "../../simulator/network.ts";
import { createFlash, type SimulatedFlash } from "../../simulator/flash.ts";
import { createRng } from "../../simulator/rng.ts";
import { settle } from "../../simulator/settle.ts";
import type { Clock } from "../../simulator/types.ts";
import { fakeMachine, type FakeMachine } from "./fake-machine.ts";

export interface Bench<E extends Engine = Engine> {
  engine: E;
  clock: Clock;
  /** Goes to the next timer; false when there is none (a virtual clock). */
  step(): Promise<boolean>;
  machine: FakeMachine;
  network: Network;
  flash: SimulatedFlash;
  lines: string[];
  events: SimHappening[];
  warnings: string[];
  resets: string[];
  /** Lets simulated time pass. */
  pass(ms: number): Promise<void>;
  /** Waits until a console line is there. */
  line(text: string): Promise<void>;
  close(): Promise<void>;
}

type Make = (options: EngineOptions) => Engine;
export interface BenchOptions {
  virtual?: boolean;
  chip?: string;
  speed?: number;
  onTransmit?: (bytes: string) => void;
  storageBytes?: number;
}

export async function runScript(make: Make, script: string, options: BenchOptions = {}): Promise<Bench> {
  const bench = createBench(make, options);
  await bench.engine.start(Buffer.from(script, "latin1"));
  return bench;
}

export function createBench<E extends Engine>(
  make: (options: EngineOptions) => E, options: BenchOptions = {},
): Bench<E> {
  const { virtual = false, chip = "ESP32", speed = 1, onTransmit, storageBytes } = options;
  const still = virtualClock();
  const running = virtual ? undefined : realClock(speed);
  const clock = running ?? still;
  const events: SimHappening[] = [];
  const lines: string[] = [];
  const warnings: string[] = [];
  const resets: string[] = [];
  const machine = fakeMachine(clock);
  const flash = createFlash({
    pages: { address: 0x310000, pageBytes: 4096, pages: 2 }, rng: createRng(3),
    warn: (text) => void warnings.push(text),
  });
  const network = new Network({ clock, rng: createRng(1), report: (event) => void events.push(event) });
  const engine = make({
    machine, clock, rng: createRng(2), network, chip, pins: Array.from({ length: 40 }, (_, i) => `D${i}`),
    flash, heap: { variables: 16383, bytesPerVariable: 14 },
    onConsole: (text) => void lines.push(text),
    onPowerFailure: () => void events.push({ type: "off", reason: "power" }),
    onReset: (reason) => void resets.push(reason),
    onWarning: (message) => void warnings.push(message),
    ...(onTransmit ? { onTransmit } : {}),
    ...(storageBytes === undefined ? {} : { storageBytes }),
  });
  const pass = async (ms: number): Promise<void> => {
    if (virtual) await settle(still, network, ms);
    else await new Promise((done) => setTimeout(done, ms / speed));
  };
  return {
    engine, clock, machine, network, flash, lines, events, warnings, resets, pass,
    async step() {
      const next = still.nextDeadline();
      if (next !== undefined) await settle(still, network, next - still.now());
      return next !== undefined;
    },
    async line(text) {
      const deadline = Date.now() + 20_000;
      while (!lines.includes(text)) {
        if (Date.now() > deadline) throw new Error(`"${text}" never came; console:\n${lines.join("\n")}`);
        await pass(20);
      }
    },
    async close() {
      await engine.stop();
      network.close();
      running?.close();
    },
  };
}

/** A TCP server on loopback that a test reads. */
export async function tcpServer(serve: (socket: Socket) => void): Promise<{
  port: number; endpoint: ReturnType<typeof tcpEndpoint>; close(): Promise<void>;
}> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    serve(socket);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    endpoint: tcpEndpoint("127.0.0.1", port),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
