/** Gathers what a simulation does, bounded, as what is new and as all that there is. */
import type { SimEvent } from "../../simulator/events.ts";
import type { PacketSummary } from "../../simulator/mqtt-log.ts";
import type { Simulation } from "../../simulator/simulator.ts";
import { eventText } from "../sim-print.ts";
import { watchConnection } from "./connection.ts";
import { withoutPassword } from "./decode.ts";
import { boardInfo, type InfoOptions } from "./info.ts";
import {
  HEAP_FREE, HEAP_USED, inWorld, MOST_LINES, MOST_PACKETS, MOST_POINTS, published, RSSI,
  type BoardInfo, type Line, type Live, type News, type PacketLine, type Point,
} from "./protocol.ts";
import { readingsOf } from "./readings.ts";
import { createRing, type Ring } from "./ring.ts";

/** Of a packet so many bytes are kept. */
const MOST_BYTES = 512;
/** Between two points of a signal that nobody publishes, simulated ms. */
const WORLD_MS = 10_000;
/** Between two measurements of the heap, simulated ms. */
const HEAP_MS = 5000;

/** What people have switched that the simulation does not tell. */
export interface Switched {
  brokerAnswers: boolean;
  refusal: number;
  /** By bus. */
  busFaults: Record<string, string[]>;
}

export interface Feed {
  take(event: SimEvent): void;
  takePacket(direction: "out" | "in", summary: PacketSummary, bytes: Uint8Array): void;
  /** The simulation that it is about: before, nothing is told. */
  attach(simulation: Simulation, switched: Switched): BoardInfo;
  /** Something that a person did. */
  note(text: string, isBad?: boolean): void;
  /** The power was switched, which is no event of the simulation. */
  powered(on: boolean): void;
  /** Looks at the world and at the heap; `now` whatever was seen just before. */
  sample(now?: boolean): void;
  /** What is new since the last call. */
  news(): News;
  /** Everything. */
  all(): News;
}

type State = Omit<Live, "nowMs" | "connection" | "inflight" | "world" | "network" | "accessPoint" | "faults"
  | "brokerAnswers" | "refusal">;

const start = (): State => ({
  power: "on", bootMs: 0, bootReason: "", boots: 0, wifi: { state: "off", detail: "" }, availability: "",
  diagnostics: undefined, diagnosticsMs: 0, readings: {}, heapUsed: undefined,
  counts: { packetsOut: 0, packetsIn: 0, bytesOut: 0, bytesIn: 0, readings: 0, resends: 0 },
});

const KINDS: Partial<Record<SimEvent["type"], Line["kind"]>> = {
  boot: "boot", off: "boot", console: "console", wifi: "wifi", link: "link", packet: "mqtt", broker: "broker", warning: "warning",
};

const isBad = (event: SimEvent): boolean =>
  event.type === "warning" || event.type === "off" || (event.type === "wifi" && event.state === "lost")
  || (event.type === "link" && event.state !== "open") || (event.type === "packet" && (event.code ?? 1) !== 0)
  || (event.type === "broker" && event.state !== "connected" && !(event.state === "disconnected" && event.clean))
  || (event.type === "console" && event.line.startsWith("Uncaught"));

export function createFeed(options: InfoOptions): Feed {
  const { manifest } = options;
  const watch = watchConnection(manifest.features.includes("store"));
  const state = start();
  const series = new Map<string, Ring<Point>>();
  const packets = createRing<PacketLine>(MOST_PACKETS);
  const lines = createRing<Line>(MOST_LINES);
  const count = { packets: 0, lines: 0 };
  const sampledMs = new Map<string, number>();
  let simulation: Simulation | undefined;
  let switched: Switched | undefined;
  let board: BoardInfo | undefined;
  let listening = "";
  /** What was told last, as JSON. */
  const told = new Map<string, string>();
  let isMeasuring = false;

  const plot = (name: string, ms: number, value: number): void => {
    let ring = series.get(name);
    if (ring === undefined) series.set(name, ring = createRing<Point>(MOST_POINTS));
    ring.add([ms, Number(value.toPrecision(7))]);
  };
  const tell = (ms: number, kind: Line["kind"], text: string, bad: boolean): void =>
    lines.add({ n: ++count.lines, ms, kind, text, isBad: bad });

  const message = (event: SimEvent & { type: "message" }): void => {
    const { t, topic, payload } = event;
    if (topic === manifest.topics.availability) state.availability = payload;
    if (topic === manifest.topics.diagnostics) report(t, payload);
    const readings = readingsOf(manifest, topic, payload);
    if (readings.length > 0) state.counts = { ...state.counts, readings: state.counts.readings + 1 };
    for (const { name, text, value } of readings) {
      const before = state.readings[name]?.count ?? 0;
      state.readings = { ...state.readings, [name]: { text, ms: t, count: before + 1 } };
      const dot = name.indexOf(".");
      if (value !== undefined) plot(published(name.slice(0, dot), name.slice(dot + 1)), t, value);
      if (simulation?.world.names().includes(name)) sampleSignal(name, 0);
    }
  };
  const report = (ms: number, payload: string): void => {
    try {
      state.diagnostics = JSON.parse(Buffer.from(payload, "latin1").toString("utf8")) as Record<string, unknown>;
    } catch {
      return;
    }
    state.diagnosticsMs = ms;
    const { freeHeap, rssi } = state.diagnostics;
    if (typeof freeHeap === "number") plot(HEAP_FREE, ms, freeHeap);
    if (typeof rssi === "number") plot(RSSI, ms, rssi);
  };
  /** Looks at a signal unless that was done less than `gapMs` ago. */
  const sampleSignal = (name: string, gapMs: number): void => {
    const ms = Math.round(simulation!.now());
    if (ms - (sampledMs.get(name) ?? -Infinity) < gapMs) return;
    sampledMs.set(name, ms);
    plot(inWorld(name), ms, simulation!.world.read(name));
  };
  const measureHeap = (): void => {
    const ms = Math.round(simulation!.now());
    if (isMeasuring || state.power === "off" || ms - (sampledMs.get(HEAP_USED) ?? -Infinity) < HEAP_MS) return;
    isMeasuring = true;
    sampledMs.set(HEAP_USED, ms);
    simulation!.engine.memory().then(({ usage, bytesPerVariable }) => {
      state.heapUsed = usage === undefined ? undefined : usage * bytesPerVariable;
      if (state.heapUsed !== undefined) plot(HEAP_USED, ms, state.heapUsed);
      // An engine that cannot tell is not asked again.
      isMeasuring = usage === undefined && simulation!.engine.name === "v8";
    }, () => {
      isMeasuring = false;
    });
  };
  const live = (): Live => {
    const { world, network, machine } = simulation!;
    const { faults } = network;
    const { brokerAnswers, refusal, busFaults } = switched!;
    const on = [...machine.parts].map(([id, part]): [string, string[]] => [id, [...part.faults]]);
    return {
      ...state, nowMs: Math.round(simulation!.now()), connection: { ...watch.connection }, inflight: watch.inflight(),
      world: Object.fromEntries(world.names().map((name) =>
        [name, { value: Number(world.read(name).toPrecision(7)), source: machine.world.source(name) }])),
      network: { ...faults }, accessPoint: network.wifiUp, brokerAnswers, refusal,
      faults: Object.fromEntries([...on, ...Object.entries(busFaults)].filter(([, names]) => names.length > 0)),
      counts: { ...state.counts, resends: watch.resends },
    };
  };
  const changed = (): Partial<Live> => Object.fromEntries(Object.entries(live()).filter(([key, value]) => {
    const text = JSON.stringify(value) ?? "";
    const isNew = told.get(key) !== text;
    told.set(key, text);
    return isNew;
  }));
  const newPoints = (): News["series"] => Object.fromEntries([...series]
    .map(([name, ring]): [string, Point[]] => [name, ring.takeNew()]).filter(([, points]) => points.length > 0));

  return {
    take(event) {
      watch.take(event);
      if (event.type === "boot") {
        Object.assign(state, { power: "on", bootMs: event.t, bootReason: event.reason, boots: state.boots + 1,
          wifi: { state: "off", detail: "" } });
      } else if (event.type === "off") state.power = "off";
      else if (event.type === "wifi") {
        state.wifi = { state: event.state, detail: event.state === "joined" ? `${event.ssid}, ${event.ip}` : event.reason };
      } else if (event.type === "broker" && event.state === "listening") listening = `mqtt://${event.host}:${event.port}`;
      else if (event.type === "message") message(event);
      const kind = KINDS[event.type];
      const text = kind === undefined ? undefined : eventText(manifest, event);
      if (kind !== undefined && text !== undefined) tell(event.t, kind, text, isBad(event));
    },
    takePacket(direction, summary, bytes) {
      const { counts } = state;
      state.counts = direction === "out"
        ? { ...counts, packetsOut: counts.packetsOut + 1, bytesOut: counts.bytesOut + summary.bytes }
        : { ...counts, packetsIn: counts.packetsIn + 1, bytesIn: counts.bytesIn + summary.bytes };
      const shown = withoutPassword(bytes);
      const { clientId: _, keepAliveSeconds: __, cleanSession: ___, ...rest } = summary;
      packets.add({
        n: ++count.packets, ms: Math.round(simulation?.now() ?? 0), direction, ...rest,
        hex: Buffer.from(shown.subarray(0, MOST_BYTES)).toString("hex"), ...(shown === bytes ? {} : { redacted: true }),
      });
    },
    attach(simulated, switches) {
      simulation = simulated;
      switched = switches;
      board = boardInfo(options, simulated.machine, options.broker ?? listening);
      this.sample(true);
      return board;
    },
    note: (text, bad = false) => tell(Math.round(simulation?.now() ?? 0), "you", text, bad),
    powered(on) {
      if (on) return;
      state.power = "off";
      state.wifi = { state: "off", detail: "" };
      watch.powerOff(Math.round(simulation!.now()));
    },
    sample(now = false) {
      if (simulation === undefined) return;
      for (const { id, intervalMs } of manifest.sensors) {
        const gapMs = now ? 0 : Math.max(500, Math.min(intervalMs / 2, 10 * WORLD_MS));
        for (const name of simulation.world.names()) if (name.startsWith(`${id}.`)) sampleSignal(name, gapMs);
      }
      measureHeap();
    },
    news: () => ({ live: changed(), series: newPoints(), packets: packets.takeNew(), lines: lines.takeNew() }),
    all: () => ({
      board: board!, live: live(), packets: packets.all(), lines: lines.all(),
      series: Object.fromEntries([...series].map(([name, ring]) => [name, ring.all()])),
    }),
  };
}
