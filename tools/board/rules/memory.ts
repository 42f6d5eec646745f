/** Rules of size: packets against their buffers, buffers against the heap. All memory of a node is decided here. */
import type { Field } from "../../../lib/drivers/types.ts";
import type { Draft, DraftSensor } from "../draft.ts";
import { filterMetas } from "../filters.ts";
import type { Report } from "../report.ts";
import type { Filters, Hardware } from "../types.ts";
import type { Segment } from "../words.ts";
import { topicProblem } from "./mqtt.ts";
import { computable, fieldsOf, wordsOf } from "./sensors.ts";

/** Characters of the longest 32-bit number with its sign; a decimal point comes on top. */
const NUMBER_CHARACTERS = 11;

interface Sizes {
  topicBytes: number;
  payloadBytes: number;
}

/**
 * Bytes of an in-flight buffer that a message takes: a PUBLISH packet (MQTT 3.1.1, 3.3) with topic, packet id and
 * payload. The client counts 3 bytes for the fixed header of every packet (lib/mqtt/qos1.ts).
 */
export function slotBytes({ topicBytes, payloadBytes }: Sizes): number {
  return 3 + 2 + topicBytes + 2 + payloadBytes;
}

/** Bytes of the offline queue that a message takes: topic with its length, payload (lib/mqtt/queue.ts). */
export function queueBytes({ topicBytes, payloadBytes }: Sizes): number {
  return 2 + topicBytes + payloadBytes;
}

/** The messages of the largest reading that a sensor can give: one of JSON, or one for each quantity. */
export function largestReading(name: string, sensor: DraftSensor): Sizes[] {
  const fields = fieldsOf(sensor);
  const topicBytes = Buffer.byteLength(`${name}/${sensor.id ?? ""}`);
  const quotes = sensor.publish.as === "json" ? 2 : 0;
  const bytesOf = (field: Field): number => {
    const words = wordsOf(field);
    if (words) return quotes + Math.max(...words.map((word) => Buffer.byteLength(word)));
    return NUMBER_CHARACTERS + (field.decimals > 0 ? 1 : 0);
  };
  if (sensor.publish.as === "value") {
    return fields.map((field) => (
      { topicBytes: topicBytes + 1 + Buffer.byteLength(field.name), payloadBytes: bytesOf(field) }
    ));
  }
  // {"name":value,...}: name in quotes, colon and comma of each, and one brace more than commas.
  const payloadBytes = fields.reduce((sum, field) =>
    sum + Buffer.byteLength(JSON.stringify(field.name)) + 2 + bytesOf(field), 1);
  return [{ topicBytes, payloadBytes }];
}

/** Reports messages that do not fit the in-flight buffers or the offline queue. */
export function checkPackets(draft: Draft, report: Report): void {
  const { inflight } = draft.mqtt;
  for (const key of ["will", "birth"] as const) {
    const message = draft.mqtt[key];
    if (message === undefined || message.qos === 0 || topicProblem(message.topic) !== undefined) continue;
    const { topic, payload } = message;
    const bytes = slotBytes({ topicBytes: Buffer.byteLength(topic), payloadBytes: Buffer.byteLength(payload) });
    if (bytes > inflight.bytes) tooLarge(report, ["mqtt", key], "this message", bytes, inflight.bytes);
  }
  if (draft.name === undefined) return;
  for (const [i, sensor] of draft.sensors.entries()) {
    // Readings of QoS 0 are sent or lost: they wait nowhere.
    if (sensor.publish.qos === 0 || !computable(sensor, report, i)) continue;
    checkReading(["sensors", i], largestReading(draft.name, sensor), draft, report);
  }
}

function checkReading(path: Segment[], messages: Sizes[], draft: Draft, report: Report): void {
  const { inflight, offline } = draft.mqtt;
  const bytes = Math.max(0, ...messages.map(slotBytes));
  if (bytes > inflight.bytes) tooLarge(report, path, "its largest reading", bytes, inflight.bytes);
  const waiting = messages.reduce((sum, message) => sum + queueBytes(message), 0);
  if (waiting > offline.bytes) {
    report.error(path, `its largest reading has ${waiting} bytes of topic and payload, the offline queue takes `
      + `${offline.bytes}`, `set mqtt.offline.bytes to at least ${waiting}`);
  }
  if (messages.length > offline.messages) {
    report.error(path, `its reading is ${messages.length} messages, the offline queue takes ${offline.messages}`,
      `set mqtt.offline.messages to at least ${messages.length}, or publish it as "json"`);
  }
}

function tooLarge(report: Report, path: Segment[], what: string, bytes: number, room: number): void {
  report.error(path, `${what} is a packet of ${bytes} bytes, an in-flight buffer takes ${room}`,
    `set mqtt.inflight.bytes to at least ${bytes}, or shorten names and topics`);
}

/**
 * Variables of Espruino's heap that the worst case of all buffers takes. A string is a chain of variables, each of
 * which spends 4 bytes on flags and links (measured: 62 bytes take 8 variables of 12 bytes); an entry of a list takes
 * one more. On NodeMCU a "variable" is a byte of the heap.
 */
export function worstCaseVariables(draft: Draft, hardware: Hardware): number {
  const { inflight, offline } = draft.mqtt;
  if (draft.target === "nodemcu") return worstCaseBytes(draft);
  const room = hardware.heap.bytesPerVariable - 4;
  const text = (bytes: number): number => Math.ceil(bytes / room) + 1;
  const slots = inflight.messages * (text(inflight.bytes) + 1);
  const received = text(inflight.bytes);
  const queued = Math.ceil(offline.bytes / room) + offline.messages * 4;
  // A store keeps a list of what it has stored. The strings of it are those of the buffers, but for those that it has
  // brought back into the queue.
  const listed = draft.mqtt.store ? inflight.messages + queued : 0;
  const filters = draft.sensors.reduce((sum, sensor) => sum + filterVariables(sensor.filters), 0);
  return slots + received + queued + listed + filters;
}

/**
 * Variables that the filters of a sensor take: functions, and the values that they keep (measured: two of 12 bytes a
 * value that is no small number).
 */
export function filterVariables(filters: Filters): number {
  const chains = Object.values(filters).map((chain) => chain.flatMap((entry) => Object.entries(entry)));
  const ofChain = (chain: [string, unknown][]): number => chain.reduce((sum, [name, parameter]) => {
    const meta = filterMetas.get(name);
    const places = meta?.places?.(parameter) ?? 0;
    return sum + (places > 0 || meta?.kind === "window" ? 12 + 2 * places : 0);
  }, 15);
  return chains.length === 0 ? 0 : 20 + chains.map(ofChain).reduce((sum, variables) => sum + variables, 0);
}

/** A string of Lua: its header (TString of lobject.h), a 0 at the end, what the allocator adds. */
const STRING_BYTES = 28;
/** A place in a table; there may be twice as many as are in use. */
const PLACE_BYTES = 2 * 16;
/** A packet id. */
const ID_BYTES = 2;

/** Bytes of Lua's heap that the worst case of all buffers takes. */
function worstCaseBytes({ mqtt: { inflight, offline, store }, sensors }: Draft): number {
  const text = (bytes: number): number => STRING_BYTES + bytes;
  const slots = inflight.messages * (text(inflight.bytes) + text(ID_BYTES) + 2 * PLACE_BYTES);
  // What came, and what it is joined with.
  const received = 2 * text(inflight.bytes);
  const queued = offline.bytes + offline.messages * (text(1) + PLACE_BYTES);
  // The store shares the strings, but for those that it has brought back.
  const listed = store ? (inflight.messages + offline.messages) * PLACE_BYTES + offline.bytes : 0;
  // Counted as Espruino's variables are, each taken for a place of a table: not measured in Lua.
  const filters = sensors.reduce((sum, sensor) => sum + filterVariables(sensor.filters) * PLACE_BYTES / 2, 0);
  return slots + received + queued + listed + filters;
}

/** Reports buffers that take more than half of the heap: the other half is the program's. */
export function checkMemory(draft: Draft, report: Report): void {
  const { hardware } = draft;
  // Of a target that the hardware does not run there is nothing to count: that is an error of its own.
  if (!hardware || !(hardware.targets as (string | undefined)[]).includes(draft.target ?? "espruino")) return;
  const half = Math.floor(hardware.heap.variables / 2);
  const needed = worstCaseVariables(draft, hardware);
  if (needed <= half) return;
  const size = hardware.heap.bytesPerVariable;
  const amount = size === 1 ? `${needed} bytes` : `${needed} variables (${needed * size} bytes)`;
  const filters = draft.sensors.some((sensor) => Object.keys(sensor.filters).length > 0);
  report.error(["mqtt"],
    `the buffers ${filters ? "and filters " : ""}can take ${amount} of the heap, more than half of what ${
      hardware.name} has (${half} of ${hardware.heap.variables})`,
    "lower mqtt.inflight.messages, mqtt.inflight.bytes, mqtt.offline.messages or mqtt.offline.bytes"
    + (filters ? ", or use ema in place of filters that keep many readings" : ""));
}
