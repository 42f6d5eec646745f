/** How the board fares, at a glance. */
import { HEAP_FREE, HEAP_USED, published, type BoardInfo, type FieldInfo, type Line, type SensorInfo } from "../../protocol.ts";
import { RETURN_CODES } from "../../decode.ts";
import { createChart } from "../chart.ts";
import { card, createFacts, h, setClass, setHidden, setText } from "../dom.ts";
import { bytes, clock, count, plural, stretch, withUnit } from "../format.ts";
import type { Store } from "../store.ts";
import type { Pane } from "./pane.ts";

/** The past that small charts show, in intervals of their sensor. */
const INTERVALS = 60;
const MOST_SHOWN = 100;

function createTile(sensor: SensorInfo, field: FieldInfo): { element: HTMLElement; show(store: Store): void } {
  const value = h("span.value", {}, "-");
  const age = h("p.age");
  const chart = createChart({ title: `${sensor.id} ${field.name}`, unit: field.unit, height: 40, isSmall: true });
  const element = h("a.tile", { href: "#sensors" },
    h("p.of", {}, `${sensor.id} ${field.name}`), h("p", {}, value, ` ${field.unit}`), chart.element, age);
  return {
    element,
    show({ live, series }) {
      const reading = live.readings[`${sensor.id}.${field.name}`];
      setText(value, reading?.text ?? "-");
      const ageMs = reading === undefined ? 0 : live.nowMs - reading.ms;
      setText(age, reading === undefined ? "nothing yet" : `${stretch(ageMs)} ago`);
      setClass(element, "old", reading === undefined || ageMs > 3 * sensor.intervalMs);
      const points = series.get(published(sensor.id, field.name)) ?? [];
      chart.draw([{ name: "published", kind: "published", points }], live.nowMs - INTERVALS * sensor.intervalMs, live.nowMs);
    },
  };
}

/** Node, access point and broker, and what is between them. */
function createPath(): { element: HTMLElement; show(store: Store): void } {
  const stop = (name: string): HTMLElement => h("span.stop", {}, name);
  const [node, wifi, broker] = [stop("node"), stop("Wi-Fi"), stop("broker")];
  const [first, second] = [h("span.way"), h("span.way")];
  const element = h("div.path", { "aria-hidden": "true" }, node, first, wifi, second, broker);
  return {
    element,
    show({ live }) {
      const isJoined = live.wifi.state === "joined";
      const isConnected = live.connection.state === "connected";
      setClass(node, "up", live.power === "on");
      setClass(first, "up", isJoined);
      setClass(wifi, "up", live.accessPoint);
      setClass(second, "up", isConnected);
      setClass(broker, "up", live.brokerAnswers);
    },
  };
}

function createHeap(board: BoardInfo): { element: HTMLElement; show(store: Store): void } {
  const isKnown = board.engine !== "v8";
  const bar = h("meter", { min: 0, max: board.heapBytes, "aria-label": "Heap in use" });
  const text = h("p");
  const chart = createChart({
    title: isKnown ? "Heap in use" : "Free heap, as the node reports it", unit: "bytes", least: 0,
  });
  const note = h("p.note", { hidden: isKnown }, "The engine v8 knows nothing of a chip's heap: what the node reports is a constant of "
    + "the simulator. ", h("code", {}, "--engine espruino"), " measures it on the real interpreter.");
  const element = card("Heap", ...(isKnown ? [bar] : []), text, chart.element, note);
  return {
    element,
    show({ live, series }) {
      const used = live.heapUsed;
      const free = live.diagnostics?.["freeHeap"];
      if (used !== undefined) bar.value = used;
      setText(text, used !== undefined ? `${bytes(used)} of ${bytes(board.heapBytes)} in use, measured in the engine`
        : typeof free === "number" ? `${bytes(free)} of ${bytes(board.heapBytes)} free, says the node` : "not known yet");
      const points = series.get(isKnown ? HEAP_USED : HEAP_FREE) ?? [];
      chart.draw([{ name: isKnown ? "used" : "free", kind: "published", points }], points[0]?.[0] ?? 0, live.nowMs);
    },
  };
}

/** What the node's diagnostics are in words; others are shown by their names. */
const NAMES: Record<string, string> = {
  uptime: "up for", rssi: "signal", freeHeap: "free heap", reconnects: "connections lost", lastReason: "because",
  dropped: "readings dropped", faults: "defects", resetReason: "reset reason", storeFailures: "store failures",
};
/** Of lib/mqtt/reason.ts; 1 to 5 are CONNACK's. */
const REASONS: Record<number, string> = {
  0: "none was lost", 6: "the link was closed", 7: "the link could not be opened", 8: "no CONNACK in time",
  9: "no PINGRESP in time", 10: "a malformed packet", 11: "a packet too large",
};
const UNITS: Record<string, (value: number) => string> = {
  lastReason: (value) => REASONS[value] ?? RETURN_CODES[value] ?? String(value),
  uptime: (value) => stretch(value * 1000), rssi: (value) => `${value} dBm`, freeHeap: bytes,
};

function createDiagnostics(): { element: HTMLElement; show(store: Store): void } {
  const facts = createFacts();
  const errors = h("ul.errors");
  const note = h("p.note");
  const element = card("Diagnostics", note, facts.element, errors);
  let shown: unknown;
  return {
    element,
    show({ live }) {
      const { diagnostics, diagnosticsMs } = live;
      setText(note, diagnostics === undefined ? "The node has not reported yet." : `reported ${stretch(live.nowMs - diagnosticsMs)} ago`);
      if (diagnostics === undefined || shown === diagnostics) return;
      shown = diagnostics;
      const { errors: failures = {}, ...rest } = diagnostics;
      facts.show(Object.fromEntries(Object.entries(rest).map(([key, value]) =>
        [NAMES[key] ?? key, typeof value === "number" ? UNITS[key]?.(value) ?? count(value) : String(value)])));
      errors.replaceChildren(...Object.entries(failures as Record<string, { count: number; reason: string }>)
        .map(([sensor, { count: times, reason }]) => h("li", {}, `${sensor}: ${plural(times, "failed read")}, the last one: ${reason}`)));
    },
  };
}

function createLog(): { element: HTMLElement; show(store: Store): void } {
  const list = h("ol.log", { tabindex: 0, "aria-label": "What happened, the newest first" });
  let newest = 0;
  const item = ({ ms, kind, text, isBad }: Line): HTMLElement =>
    h(isBad ? "li.bad" : kind === "you" ? "li.you" : "li", {}, h("time", {}, clock(ms)), h("span", {}, text));
  return {
    element: card("What happened", list),
    show({ lines }) {
      const last = lines.at(-1)?.n ?? 0;
      if (last < newest) list.replaceChildren();
      const fresh = lines.filter(({ n }) => n > (last < newest ? 0 : newest)).slice(-MOST_SHOWN);
      newest = last;
      list.prepend(...fresh.reverse().map(item));
      while (list.children.length > MOST_SHOWN) list.lastChild!.remove();
    },
  };
}

export function createOverview(board: BoardInfo): Pane {
  const tiles = board.sensors.flatMap((sensor) => sensor.fields.map((field) => createTile(sensor, field)));
  const facts = createFacts();
  const connection = createFacts();
  const path = createPath();
  const parts = [path, createHeap(board), createDiagnostics(), createLog()] as const;
  const [, heap, diagnostics, log] = parts;
  const empty = h("p.note", {}, "The board is empty: it waits at its prompt to be flashed.");
  const element = h("div", {},
    h("div.tiles", {}, ...tiles.map((tile) => tile.element)),
    h("div.cards", {},
      card("Connection", path.element, connection.element), card("Board", empty, facts.element),
      heap.element, diagnostics.element), log.element);
  return {
    id: "overview", title: "Overview", element,
    show(store) {
      const { live } = store;
      setHidden(empty, board.firmware !== undefined || live.connection.sessions > 0);
      for (const each of [...tiles, ...parts]) each.show(store);
      facts.show({
        chip: board.chip, target: board.target,
        firmware: board.firmware && `${count(board.firmware.bytes)} bytes, ${board.firmware.sha256.slice(0, 12)}`,
        engine: `${board.engine}, Motelet ${board.motelet}`,
        clock: `${board.speed === 1 ? "real time" : `${board.speed} times real time`}, seed ${board.seed}`,
        "up for": live.power === "on" && live.boots > 0 ? stretch(live.nowMs - live.bootMs) : "it has no power",
        starts: `${count(live.boots)}, the last one by ${live.bootReason}`,
      });
      const { connection: session, wifi, counts } = live;
      connection.show({
        "Wi-Fi": wifi.state === "off" ? "not joined" : `${wifi.state}: ${wifi.detail}`,
        MQTT: `${session.state} for ${stretch(live.nowMs - session.sinceMs)}${session.resumed && session.state === "connected" ? ", the session goes on" : ""}`,
        "why not": session.state === "connected" ? undefined : session.reason,
        availability: live.availability || "not said yet",
        broker: board.broker.shown,
        client: `${board.clientId}, keep-alive ${board.keepAliveSeconds} s, ${board.cleanSession ? "clean session" : "the session is kept"}`,
        sessions: count(session.sessions),
        sent: `${plural(counts.packetsOut, "packet")}, ${bytes(counts.bytesOut)}${counts.resends > 0 ? `, ${count(counts.resends)} sent again` : ""}`,
        received: `${plural(counts.packetsIn, "packet")}, ${bytes(counts.bytesIn)}`,
        readings: withUnit(count(counts.readings), "at the broker"),
      });
    },
  };
}
