/** Rules of size: packets against their buffers, buffers against the heap. All memory of a node is decided here. */
import type { Draft, DraftSensor } from "../draft.ts";
import type { Report } from "../report.ts";
import type { Hardware } from "../types.ts";
import type { Segment } from "../words.ts";
import { topicProblem } from "./mqtt.ts";
import { computable, fieldsOf } from "./sensors.ts";

/** Characters of the longest 32-bit number with its sign; a decimal point comes on top. */
const NUMBER_CHARACTERS = 11;

/** Bytes of a PUBLISH packet (MQTT 3.1.1, 3.3): header, remaining length, topic, packet id above QoS 0, payload. */
export function publishBytes(topicBytes: number, payloadBytes: number, qos: number): number {
  const rest = 2 + topicBytes + (qos > 0 ? 2 : 0) + payloadBytes;
  return 1 + (rest < 128 ? 1 : rest < 16_384 ? 2 : rest < 2_097_152 ? 3 : 4) + rest;
}

/** Topic and payload bytes of the largest message that a sensor can publish. */
export function largestReading(name: string, sensor: DraftSensor): { topicBytes: number; payloadBytes: number } {
  const fields = fieldsOf(sensor);
  const topicBytes = Buffer.byteLength(`${name}/${sensor.id ?? ""}`);
  const digits = (decimals: number): number => NUMBER_CHARACTERS + (decimals > 0 ? 1 : 0);
  if (sensor.publish.as === "value") {
    return {
      topicBytes: topicBytes + 1 + Math.max(0, ...fields.map((field) => Buffer.byteLength(field.name))),
      payloadBytes: Math.max(0, ...fields.map((field) => digits(field.decimals))),
    };
  }
  // {"name":value,...}: quotes, colon and comma of each, and one brace more than commas.
  const payloadBytes = fields.reduce((sum, field) =>
    sum + Buffer.byteLength(JSON.stringify(field.name)) + 2 + digits(field.decimals), 1);
  return { topicBytes, payloadBytes };
}

/** Reports messages that do not fit the in-flight buffers or the offline queue. */
export function checkPackets(draft: Draft, report: Report): void {
  const { inflight, offline } = draft.mqtt;
  for (const key of ["will", "birth"] as const) {
    const message = draft.mqtt[key];
    if (message === undefined || message.qos === 0 || topicProblem(message.topic) !== undefined) continue;
    const bytes = publishBytes(Buffer.byteLength(message.topic), Buffer.byteLength(message.payload), message.qos);
    if (bytes > inflight.bytes) tooLarge(report, ["mqtt", key], "this message", bytes, inflight.bytes);
  }
  if (draft.name === undefined) return;
  for (const [i, sensor] of draft.sensors.entries()) {
    if (!computable(sensor, report, i)) continue;
    const { topicBytes, payloadBytes } = largestReading(draft.name, sensor);
    const bytes = publishBytes(topicBytes, payloadBytes, sensor.publish.qos);
    if (sensor.publish.qos > 0 && bytes > inflight.bytes) {
      tooLarge(report, ["sensors", i], "its largest reading", bytes, inflight.bytes);
    }
    if (offline.messages > 0 && topicBytes + payloadBytes > offline.bytes) {
      report.error(["sensors", i],
        `its largest reading has ${topicBytes + payloadBytes} bytes of topic and payload, the `
        + `offline queue takes ${offline.bytes}`,
        `set mqtt.offline.bytes to at least ${topicBytes + payloadBytes}, or mqtt.offline.messages to 0`);
    }
  }
}

function tooLarge(report: Report, path: Segment[], what: string, bytes: number, room: number): void {
  report.error(path, `${what} is a packet of ${bytes} bytes, an in-flight buffer takes ${room}`,
    `set mqtt.inflight.bytes to at least ${bytes}, or shorten names and topics`);
}

/**
 * Variables of Espruino's heap that the worst case of all buffers takes. A string is a chain of variables, each of
 * which spends 4 bytes on flags and links (measured: 62 bytes take 8 variables of 12 bytes); an entry of a list takes
 * one more.
 */
export function worstCaseVariables(draft: Draft, hardware: Hardware): number {
  const { inflight, offline } = draft.mqtt;
  const room = hardware.heap.bytesPerVariable - 4;
  const text = (bytes: number): number => Math.ceil(bytes / room) + 1;
  const slots = inflight.messages * (text(inflight.bytes) + 1);
  const received = text(inflight.bytes);
  const queued = offline.messages === 0 ? 0 : Math.ceil(offline.bytes / room) + offline.messages * 4;
  return slots + received + queued;
}

/** Reports buffers that take more than half of the heap: the other half is the program's. */
export function checkMemory(draft: Draft, report: Report): void {
  const { hardware } = draft;
  if (!hardware) return;
  const half = Math.floor(hardware.heap.variables / 2);
  const needed = worstCaseVariables(draft, hardware);
  if (needed <= half) return;
  const size = hardware.heap.bytesPerVariable;
  report.error(["mqtt"],
    `the buffers can take ${needed} variables (${needed * size} bytes) of the heap, more than half of `
    + `what ${hardware.name} has (${half} of ${hardware.heap.variables})`,
    "lower mqtt.inflight.messages, mqtt.inflight.bytes, mqtt.offline.messages or mqtt.offline.bytes");
}
