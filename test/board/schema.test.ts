/** The generated files are those that are committed, and the facts of boards and flashing have their shape. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { loadDrivers } from "../../tools/board/drivers.ts";
import { loadHardware } from "../../tools/board/hardware.ts";
import { boardSchema, generate } from "../../tools/board/schema.ts";
import { isObject } from "../../tools/board/words.ts";
import { ROOT } from "./helper.ts";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

test("board.schema.json and docs/board-file.md are what `npm run schema` writes", async () => {
  for (const [path, text] of Object.entries(await generate())) {
    assert.is(read(path), text, `${path} is out of date: run \`npm run schema\` and commit it`);
  }
});

test("every driver is in the schema", async () => {
  const drivers = readdirSync(join(ROOT, "lib/drivers")).filter((file) => file.endsWith(".ts"))
    .filter((file) => /^export const meta\b/m.test(read(`lib/drivers/${file}`)))
    .map((file) => file.replace(/\.ts$/, ""));
  assert.ok(drivers.includes("bme280"));
  assert.equal([...(await loadDrivers()).keys()], drivers.sort());
});

test("every key has a description, and an example or a list of values", async () => {
  const missing: string[] = [];
  const walk = (schema: unknown, path: string): void => {
    if (!isObject(schema)) return;
    for (const group of ["properties", "patternProperties"]) {
      for (const [key, value] of Object.entries(isObject(schema[group]) ? schema[group] : {})) {
        if (value === true || (isObject(value) && "const" in value)) continue;
        const at = `${path}.${key}`;
        if (!isObject(value) || typeof value["description"] !== "string") missing.push(`${at}: description`);
        const inner = isObject(value) && (value["properties"] ?? value["patternProperties"]);
        if (isObject(value) && !inner && !Array.isArray(value["examples"])) missing.push(`${at}: examples`);
        walk(value, at);
      }
    }
    walk(schema["items"], `${path}[]`);
    for (const entry of (schema["allOf"] ?? []) as Record<string, unknown>[]) walk(entry["then"], path);
  };
  walk(boardSchema(await loadDrivers(), loadHardware()), "");
  assert.equal(missing, []);
});

test("the schema refuses unknown keys in every object of its own", async () => {
  const open: string[] = [];
  const walk = (schema: unknown, path: string): void => {
    if (!isObject(schema)) return;
    const object = schema["type"] === "object" || (Array.isArray(schema["type"]) && schema["type"].includes("object"));
    const closed = "additionalProperties" in schema || "unevaluatedProperties" in schema || "allOf" in schema;
    if (object && !closed) open.push(path);
    for (const [key, value] of Object.entries(schema)) if (key !== "if") walk(value, `${path}/${key}`);
    if (Array.isArray(schema["allOf"])) schema["allOf"].forEach((value, i) => walk(value, `${path}/allOf/${i}`));
  };
  walk(boardSchema(await loadDrivers(), loadHardware()), "");
  assert.equal(open, []);
});

const CAPABILITIES =
  ["input", "output", "opendrain", "pullup", "watch", "adc", "dac", "boot", "console", "usb", "flash",
    "wifi", "led", "button"];

test("each hardware file has the shape of Hardware, and its facts agree with each other", () => {
  const hardware = loadHardware();
  assert.equal([...hardware.keys()], ["esp32-c3", "esp32-devkit", "esp8266-nodemcu", "espruino-wifi"]);
  for (const [name, board] of hardware) {
    assert.equal(Object.keys(board).filter((key) => key !== "temperature"),
      ["name", "title", "sources", "chip", "targets", "pins", "buses", "heap", "flash", "wifi",
        "crypto", "adc", ...(board.targets.includes("nodemcu") ? ["nodemcu"] : [])], name);
    assert.is(board.name, name);
    assert.ok(board.sources.length > 1);
    for (const [pin, can] of Object.entries(board.pins)) {
      assert.ok(can.length > 0 && can.every((item) => CAPABILITIES.includes(item)), `${name} ${pin}: ${can.join(" ")}`);
    }
    for (const [bus, { type, espruino, sda, scl, rx, tx }] of Object.entries(board.buses)) {
      assert.match(bus, new RegExp(`^${type}\\d$`));
      assert.match(espruino!, type === "i2c" ? new RegExp(`^${bus.toUpperCase()}$`) : /^Serial\d$/);
      const needed = [["opendrain", sda], ["opendrain", scl], ["input", rx], ["output", tx]] as const;
      for (const [ability, pins] of needed) {
        for (const pin of pins ?? []) assert.ok(board.pins[pin]!.includes(ability), `${name} ${pin}`);
      }
    }
    for (const count of [board.heap.variables, board.heap.bytesPerVariable, board.flash.codeBytes, board.adc.bits]) {
      assert.ok(Number.isInteger(count) && count > 0);
    }
  }
  for (const [name, { pins, buses, nodemcu }] of hardware) {
    if (!nodemcu) continue;
    const named = [...Object.keys(nodemcu.numbers), ...Object.keys(nodemcu.analogChannels)];
    assert.equal(named.filter((pin) => !(pin in pins)), [], name);
    assert.equal(Object.keys(nodemcu.analogChannels), Object.keys(pins).filter((pin) => pins[pin]!.includes("adc")), name);
    assert.equal([...Object.keys(nodemcu.i2c), ...Object.keys(nodemcu.uart)], Object.keys(buses), name);
    for (const numbers of [nodemcu.numbers, nodemcu.analogChannels, nodemcu.i2c, nodemcu.uart]) {
      assert.is(new Set(Object.values(numbers)).size, Object.keys(numbers).length, `${name}: a number is there twice`);
    }
  }
  // One analog input, in parts of 1/1024.
  const nodemcu = hardware.get("esp8266-nodemcu")!;
  assert.equal(Object.keys(nodemcu.pins).filter((pin) => nodemcu.pins[pin]!.includes("adc")), ["A0"]);
  assert.is(nodemcu.adc.bits, 10);
});

test("flash.config.json fits its schema and knows every hardware with each of its targets", () => {
  const schema = JSON.parse(read("boards/flash.schema.json")) as object;
  const validate = new Ajv2020({ strictTypes: false }).addVocabulary(["patternErrorMessage"]).compile(schema);
  const config = JSON.parse(read("flash.config.json")) as Record<string, Record<string, unknown>>;
  assert.ok(validate(config), JSON.stringify(validate.errors));
  const hardware = loadHardware();
  assert.equal(Object.keys(config).filter((key) => key !== "$schema").sort(), [...hardware.keys()]);
  for (const [name, { targets }] of hardware) {
    const known = ["espruino", "nodemcu"].filter((target) => target in config[name]!);
    assert.equal(known, targets, name);
  }
  assert.not.ok(validate({ ...config, "esp32-devkit": { port: "auto" } }));
});

test.run();
