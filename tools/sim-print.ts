/** The simulator's events as lines for people. */
import kleur from "kleur";
import type { SimEvent } from "../simulator/events.ts";
import type { Manifest } from "./board/types.ts";

/** Simulated time, right-aligned, as the margin of each line. */
const margin = (ms: number): string => kleur.gray(`${(ms / 1000).toFixed(1).padStart(8)} s  `);

/** Text of a payload (a binary string); what is not UTF-8 text is shown as hex. */
export function payloadText(payload: string): string {
  const bytes = Buffer.from(payload, "latin1");
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) && !/[\x00-\x08\x0e-\x1f]/.test(text) ? text : `0x${bytes.toString("hex")}`;
}

type Field = { name: string; unit: string; decimals: number };

/** The fields of the sensor whose topic it is; a topic of one value has one. */
function fieldsOf(manifest: Manifest, topic: string): Field[] {
  for (const sensor of manifest.sensors) {
    const topics = manifest.topics.sensors[sensor.id] ?? [];
    const at = topics.indexOf(topic);
    if (at >= 0) return sensor.publish.as === "json" ? sensor.fields : [sensor.fields[at]!];
  }
  return [];
}

/** True for a topic on which readings arrive. */
export const isReading = (manifest: Manifest, topic: string): boolean =>
  Object.values(manifest.topics.sensors).some((topics) => topics.includes(topic));

/** "temperature 21.43 °C  humidity 48.10 %": a payload with the names and units of its sensor. */
export function readable(manifest: Manifest, topic: string, payload: string): string {
  const text = payloadText(payload);
  const fields = fieldsOf(manifest, topic);
  const unit = (field: Field | undefined): string => (field?.unit ? ` ${field.unit}` : "");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  if (typeof value === "number") {
    return `${fields[0] ? `${fields[0].name} ` : ""}${text}${unit(fields[0])}`;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return text;
  return Object.entries(value).map(([name, item]) => {
    const field = fields.find((f) => f.name === name);
    const shown = typeof item === "number" && field ? item.toFixed(field.decimals) : JSON.stringify(item);
    return `${kleur.gray(name)} ${shown}${unit(field)}`;
  }).join("  ");
}

/** A line for an event; undefined for what people need not see. */
export function eventLine(manifest: Manifest, event: SimEvent): string | undefined {
  const text = describe(manifest, event);
  return text === undefined ? undefined : margin(event.t) + text;
}

/** The same without time and colours. */
export function eventText(manifest: Manifest, event: SimEvent): string | undefined {
  return describe(manifest, event)?.replaceAll(/\x1b\[\d+m/g, "");
}

function describe(manifest: Manifest, event: SimEvent): string | undefined {
  switch (event.type) {
    case "boot":
      return `node boots (${event.reason})`;
    case "off":
      return kleur.yellow(`node is off: ${event.reason}`);
    case "console":
      // What a flash tool asks, it asks with control characters.
      return event.line.trim() === "" || /[\x1e\x1f]/.test(event.line) ? undefined : `${kleur.gray("console")}  ${event.line}`;
    case "wifi":
      return event.state === "joined" ? `Wi-Fi joined, address ${event.ip}` : kleur.yellow(`Wi-Fi lost: ${event.reason}`);
    case "link":
      if (event.state === "open") return undefined;
      if (event.state === "failed") return kleur.yellow(`no connection to the broker: ${event.error}; the node tries again`);
      return event.by === "peer" ? kleur.yellow(`the broker closed the connection${event.error ? ` (${event.error})` : ""}`)
        : event.error ? kleur.yellow(`connection gone: ${event.error}`) : undefined;
    case "packet":
      return describePacket(event);
    case "broker":
      return describeBroker(event);
    case "message":
      return `${kleur.bold(event.topic)}  ${readable(manifest, event.topic, event.payload)}  `
        + kleur.gray(`QoS ${event.qos}${event.retain ? ", retained" : ""}`);
    case "warning":
      return kleur.yellow(`warning: ${event.message}`);
    case "end":
      return undefined;
  }
}

function describePacket(event: SimEvent & { type: "packet" }): string | undefined {
  if (event.packet === "malformed") {
    const who = event.direction === "out" ? "the node" : "the broker";
    return kleur.red(`${who} sent a malformed packet: ${event.problem}`);
  }
  if (event.packet !== "CONNACK") return undefined;
  if (event.code !== 0) return kleur.red(`the broker refused the node: CONNACK code ${event.code}`);
  return kleur.green(`MQTT connected${event.sessionPresent ? ", the session goes on" : ""}`);
}

function describeBroker(event: SimEvent & { type: "broker" }): string | undefined {
  switch (event.state) {
    case "refused":
      return kleur.red(`broker: ${event.clientId} refused, ${event.reason}`);
    case "unreachable":
      return kleur.yellow(`broker: ${event.reason}`);
    case "disconnected":
      return event.clean ? `broker: ${event.clientId} left` : kleur.yellow(`broker: ${event.clientId} vanished`);
    default:
      return undefined;
  }
}
