/**
 * What each driver costs on each target, and docs/sensors.md, which has a table of it: `npm run sizes` writes both.
 * All drivers are compiled together, once a target: one by one it takes ten times as long, and a few bytes less.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DriverMeta, DriverOptions, Field } from "../lib/drivers/types.ts";
import { loadDrivers } from "../tools/board/drivers.ts";
import { compileLua } from "../tools/build/lua/compile.ts";
import { minify } from "../tools/build/minify.ts";
import { root } from "../tools/build/root.ts";

const FOLDER = "lib/drivers/";

/** Bytes by file of lib/drivers/, without its ending: "bme280", "common/bosch". */
export type DriverSizes = Record<string, number>;

const driversIn = (modules: Record<string, number>): DriverSizes => Object.fromEntries(
  Object.entries(modules).filter(([module]) => module.startsWith(FOLDER))
    .map(([module, bytes]): [string, number] => [module.slice(FOLDER.length, -3), bytes])
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);

/** A program that has these drivers, and nothing else of ours but what they need. */
const program = (names: string[]): string =>
  names.map((name, i) => `import { create as c${i} } from "motelet/${FOLDER}${name}.ts";\n`).join("")
    + "declare const it: { create: unknown };\n"
    + names.map((_, i) => `it.create = c${i};\n`).join("");

export const measureDrivers = async (names?: string[]): Promise<{ espruino: DriverSizes; lua: DriverSizes }> => {
  const contents = program(names ?? [...(await loadDrivers()).keys()]);
  return {
    espruino: driversIn((await minify({ contents, resolveDir: root }, root)).modules),
    lua: driversIn(compileLua(contents, "ESP32", "5.3").modules),
  };
};

/** What a file of lib/drivers/ imports of the same folder to run, and what that imports. */
const sharedOf = (name: string): Set<string> => {
  const text = readFileSync(join(root, `${FOLDER}${name}.ts`), "utf8");
  const found = new Set<string>();
  for (const [, path] of text.matchAll(/^import \{[^}]*\} from "(\.\.?\/[^"]*)\.ts";/gm)) {
    const other = join(`${FOLDER}${name}`, "..", path!);
    if (!other.startsWith(FOLDER)) continue;
    const short = other.slice(FOLDER.length);
    for (const each of [short, ...sharedOf(short)]) found.add(each);
  }
  return found;
};

/** Options that a sensor may have: defaults, and examples of what has to be given. */
export const usualOptions = ({ options, required = [] }: DriverMeta): DriverOptions => Object.fromEntries(
  Object.entries(options as Record<string, { default?: unknown; examples?: unknown[]; enum?: unknown[] }>)
    .map(([key, { default: usual, examples, enum: list }]): [string, unknown] =>
      [key, usual ?? (required.includes(key) ? examples?.[0] ?? list?.[0] : undefined)])
    .filter(([, value]) => value !== undefined),
);

const quantity = ({ name, unit, words, binary }: Field): string =>
  `${name}${unit !== "" ? ` (${unit})` : words ? ` (${words.join(", ")})` : binary ? " (ON, OFF)" : ""}`;

/** Many addresses in a row are a range; the default comes first. */
const addressText = (addresses: number[]): string => {
  const hex = addresses.map((address) => `0x${address.toString(16)}`);
  const isRow = addresses.every((address, i) => i === 0 || address === addresses[i - 1]! + 1);
  return isRow && hex.length > 4 ? `${hex[0]!} to ${hex.at(-1)!}` : hex.join(", ");
};

const BUSES: Record<DriverMeta["bus"], string> = {
  i2c: "I2C", onewire: "1-Wire", uart: "UART", adc: "converter", input: "a pin", counter: "a pin", dht: "a pin",
  echo: "two pins", shift: "two pins", quadrature: "two pins", self: "the chip itself",
};

const HEAD = `# Sensors

The drivers that there are. What a sensor's own keys mean is in [the board file](board-file.md), under \`Driver ...\`; how to
add one is in [Adding a sensor](adding-a-sensor.md). A board pays for the drivers that it names, and for nothing else.

Bytes are those of the driver, shrunk as \`motelet build\` does, and after the + those of what it shares with other drivers, which a
board has once. A bus that is faster than a part on it bears is an error of \`motelet check\`. This page is generated from the drivers by \`npm run sizes\`.

| driver | part | bus | quantities | options | Espruino | Lua |
| --- | --- | --- | --- | --- | --- | --- |
`;

/** The text of docs/sensors.md with these sizes. */
export const sensorDocs = async (sizes: { espruino: DriverSizes; lua: DriverSizes }): Promise<string> => {
  const rows = [...await loadDrivers()].map(([name, meta]) => {
    const usual = usualOptions(meta);
    const shared = [...sharedOf(name)];
    const bytes = (of: DriverSizes): string => {
      const more = shared.reduce((sum, file) => sum + (of[file] ?? 0), 0);
      return `${of[name] ?? 0}${more > 0 ? ` + ${more}` : ""}`;
    };
    const addresses = meta.addresses && addressText(meta.addresses)
      + (meta.maxBitrate === undefined ? "" : `, ${meta.maxBitrate / 1000} kHz at most`);
    const options = Object.keys(meta.options).map((key) => `\`${key}\``).join(", ");
    return `| [\`${name}\`](board-file.md#driver-${name}) | ${[
      meta.title.split(": ")[0]!, BUSES[meta.bus] + (addresses === undefined ? "" : ` ${addresses}`),
      meta.fields(usual).map(quantity).join(", "), options, bytes(sizes.espruino), bytes(sizes.lua),
    ].join(" | ")} |\n`;
  });
  return HEAD + rows.join("");
};

export const SENSOR_DOCS = join(root, "docs/sensors.md");
