/**
 * The key `flash` of a board file: what of `boards/flash.schema.json` may differ from one board to the next of the same
 * hardware, with its words and its limits.
 */
import { readFileSync } from "node:fs";
import { DURATION_SCHEMA } from "./duration.ts";
import type { Schema } from "./schema-base.ts";
import { isObject } from "./words.ts";

const { $defs } = JSON.parse(readFileSync(new URL("../../boards/flash.schema.json", import.meta.url), "utf8")) as {
  $defs: Record<string, Schema>;
};

/** With what it refers to in its place: a board file has no definitions. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (!isObject(value)) return value;
  const { $ref, ...own } = value;
  const kept = Object.fromEntries(Object.entries(own).map(([key, item]) => [key, resolved(item)]));
  if ($ref === "#/$defs/duration") return { ...DURATION_SCHEMA, ...kept };
  return typeof $ref === "string" ? { ...resolved($defs[$ref.split("/").at(-1)!]) as Schema, ...kept } : kept;
}

/** Keys of an object of that schema; for those that a board file leaves out flash.config.json speaks. */
function keysOf(schema: unknown, names: string[], prefix = ""): Record<string, Schema> {
  const properties = (schema as Schema)["properties"] as Record<string, Schema>;
  return Object.fromEntries(names.map((name) => {
    const { default: _, ...key } = resolved(properties[name]) as Schema;
    const text = key["description"] as string;
    return [name, { ...key, description: prefix === "" ? text : prefix + text[0]!.toLowerCase() + text.slice(1) }];
  }));
}

const { properties } = $defs["hardware"] as { properties: Record<string, Schema> };
const uploadOf = (target: string): unknown => ($defs[target]!["properties"] as Record<string, unknown>)["upload"];
const image = $defs["image"]!;

export const flashSchema: Schema = {
  type: "object",
  description: "How this board is flashed, where that is not as flash.config.json says (docs/flashing.md).",
  properties: {
    ...keysOf($defs["hardware"], ["port", "match", "baud"]),
    ...keysOf(uploadOf("espruino"), ["mode", "restart", "chunkBytes"], "Espruino: "),
    ...keysOf(uploadOf("nodemcu"), ["compile", "luac"], "NodeMCU: "),
    image: {
      type: "object",
      description: "How the interpreter is written, where that is not as flash.config.json says.",
      properties: keysOf(image, ["baud", "reset", "flashMode", "flashFrequency", "flashSize", "images"]),
      additionalProperties: false,
      examples: [{ flashSize: "16MB" }],
    },
    limits: resolved(properties["limits"]) as Schema,
  },
  additionalProperties: false,
  examples: [{ port: "/dev/ttyUSB0", baud: 9600 }],
};
