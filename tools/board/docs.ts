/** Writes `docs/board-file.md` from the schema. */
import type { DriverMeta } from "../../lib/drivers/types.ts";
import type { Schema } from "./schema-base.ts";
import { SECRET_PATHS } from "./secrets.ts";
import type { Hardware } from "./types.ts";
import { isObject } from "./words.ts";

const HEAD = `# The board file

One JSON file describes one sensor node: its hardware, its network, its broker, its sensors. \`motelet check\`
reports every mistake in it at once. Editors that know JSON Schema complete and explain the keys when the file
begins with \`"$schema": "./board.schema.json"\`. Comments (\`//\` and \`/* */\`) are allowed.

This page is generated from the schema by \`npm run schema\`.
`;

const SECRETS = `## Secrets

\`\${NAME}\` stands for the value of \`NAME\` in the environment or, failing that, in \`secrets.json\` beside the
board file, which git ignores:

\`\`\`json
{ "WIFI_SSID": "greenhouse", "WIFI_PASSWORD": "..." }
\`\`\`

Secrets may be used in ${SECRET_PATHS.map(codeSpan).join(", ")}.
They are never printed. The simulator supplies its own where none are set.

## Durations

A whole number and a unit, \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`, such as \`"500ms"\`, \`"30s"\`, \`"5m"\`, \`"1h"\`.

## Sharing

\`"extends": "./shared/lab.json"\` lays this file over another one: objects are merged key by key, lists and all
else are replaced. The other file may extend a third.
`;

/** The text of \`docs/board-file.md\`. */
export function boardDocs(schema: Schema, drivers: Map<string, DriverMeta>, hardware: Map<string, Hardware>): string {
  const description = "All but the required keys may be left out.";
  const parts = [HEAD, section("Keys of the board", { ...schema, description })];
  const properties = schema["properties"] as Record<string, Schema>;
  const buses = properties["buses"]!["patternProperties"] as Record<string, Schema>;
  const sensor = properties["sensors"]!["items"] as Schema;
  const common = sensor["properties"] as Record<string, Schema>;
  parts.push(section("`wifi`", properties["wifi"]!), section("`mqtt`", properties["mqtt"]!));
  for (const key of ["tls", "will", "birth", "inflight", "offline"]) {
    parts.push(section(`\`mqtt.${key}\``, (properties["mqtt"]!["properties"] as Record<string, Schema>)[key]!));
  }
  parts.push(`## \`buses\`\n\n${text(properties["buses"]!)}\n`);
  for (const [pattern, bus] of Object.entries(buses)) {
    parts.push(section(`\`buses.${/^\^([a-z0-9]*?)\[/.exec(pattern)![1]!}...\``, bus));
  }
  parts.push(section("`sensors[]`", sensor), section("`sensors[].publish`", common["publish"]!));
  parts.push(filterSection(common["filters"]!));
  const shared = new Set(Object.keys(common));
  for (const entry of sensor["allOf"] as { if: Schema; then?: Schema }[]) {
    if (entry.then === undefined) continue;
    const name = ((entry.if["properties"] as Record<string, Schema>)["driver"]!)["const"] as string;
    const own = Object.fromEntries(Object.entries(entry.then["properties"] as Record<string, Schema>)
      .filter(([key]) => !shared.has(key)));
    parts.push(section(`Driver \`${name}\``,
      { ...entry.then, description: `${drivers.get(name)!.title}.`, properties: own }));
  }
  parts.push(SECRETS, hardwareTable(hardware));
  return parts.join("\n");
}

/**
 * A heading, the description and a table of the keys of an object. Keys of objects inside are listed under their path.
 */
function section(title: string, schema: Schema): string {
  return `## ${title}\n\n${text(schema)}\n\n`
    + table(["key", "type", "default", "meaning", "example"], rowsOf(schema, ""));
}

/** The filters: a table of them, then the keys of those that are objects. */
function filterSection(schema: Schema): string {
  const chain = schema["additionalProperties"] as Schema;
  const filters = (chain["items"] as Schema)["properties"] as Record<string, Schema>;
  const rows = Object.entries(filters).map(([name, filter]) => [
    codeSpan(name), String(filter["title"]), typeText(filter), cell(text(filter)),
    (filter["examples"] as unknown[]).map((example) => code({ [name]: example })).join(", "),
  ]);
  const keys = Object.entries(filters).filter(([, filter]) => isObject(filter["properties"])).map(([name, filter]) =>
    `### \`${name}\`\n\n${table(["key", "type", "default", "meaning", "example"], rowsOf(filter, ""))}`);
  return `## \`sensors[].filters\`\n\n${text(schema)} ${text(chain)} How they work together, and what is published of a reading `
    + "that one of them holds back: [filters](filters.md).\n\n"
    + [table(["filter", "what it does", "parameter", "meaning", "example"], rows), ...keys].join("\n");
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** Objects that have a section of their own. */
const OWN_SECTION = ["wifi", "mqtt", "tls", "will", "birth", "inflight", "offline", "publish", "filters"];

function rowsOf(schema: Schema, prefix: string): string[][] {
  const required = (schema["required"] ?? []) as string[];
  return Object.entries((schema["properties"] ?? {}) as Record<string, Schema>).flatMap(([key, value]) => {
    const absent = required.includes(key) ? "**required**" : "";
    const examples = ((value["examples"] ?? []) as unknown[]).slice(0, 2);
    const row = [
      codeSpan(prefix + key), typeText(value), value["default"] === undefined ? absent : code(value["default"]),
      cell(text(value)), examples.map(code).join(", "),
    ];
    const nested = isObject(value["properties"]) && !OWN_SECTION.includes(key);
    return [row, ...nested ? rowsOf(value, `${prefix}${key}.`) : []];
  });
}

function typeText(schema: Schema): string {
  const { enum: values, type, pattern, minimum, maximum } = schema;
  if (Array.isArray(values)) return values.map(code).join(", ");
  const isDuration = typeof pattern === "string" && pattern.includes("(ms|s|m|h|d)");
  const names = (Array.isArray(type) ? type : [type ?? "any"]).join(" or ");
  const range = typeof minimum === "number" && typeof maximum === "number" ? `, ${minimum} to ${maximum}` : "";
  return (isDuration ? "duration" : names) + range;
}

function text(schema: Schema): string {
  return typeof schema["description"] === "string" ? schema["description"] : "";
}

/** Code in Markdown. */
function codeSpan(value: string): string {
  return `\`${value}\``;
}

function code(value: unknown): string {
  return `\`${cell(JSON.stringify(value))}\``;
}

function cell(value: string): string {
  return value.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function hardwareTable(hardware: Map<string, Hardware>): string {
  const rows = [...hardware.values()].map(({ name, title, pins, buses, heap }) => {
    const can = (capability: string): string =>
      Object.keys(pins).filter((pin) => pins[pin]!.includes(capability)).join(" ") || "none";
    return [
      codeSpan(name), title, can("opendrain"), can("adc"), can("boot"), Object.keys(buses).join(" "),
      `${heap.variables} x ${heap.bytesPerVariable} bytes`,
    ];
  });
  const head = ["name", "board", "I2C and 1-Wire pins", "analog pins", "boot pins (with care)", "I2C buses", "heap"];
  return `## Hardware\n\n${table(head, rows)}`;
}
