/** Of the DS18B20 what the host alone needs: its options and what can be wrong with them. */
import { crc8 } from "../common/onewire.ts";
import type { DriverMeta, DriverOptions, Field } from "../types.ts";

export const ds18b20Options: DriverMeta["options"] = {
  probes: {
    type: "object",
    description: "The probes on the bus: what each one's value is to be called, and its ROM code, 16 hex digits that "
      + "start with 28. Without it there is one probe on the bus, and its value is called temperature.",
    examples: [{ inlet: "28ff641e8d3c0cda", outlet: "28ff4a60911503fe" }],
    minProperties: 1,
    propertyNames: { pattern: "^[A-Za-z][A-Za-z0-9_-]*$" },
    additionalProperties: {
      type: "string",
      pattern: "^[0-9A-Fa-f]{16}$",
      description: "ROM code of the probe: family code 28 first, CRC last.",
    },
  },
  power: {
    enum: ["vdd", "parasite"],
    default: "vdd",
    description: "How the probes are fed: by a wire of their own, or by the bus, their VDD on ground.",
    examples: ["parasite"],
  },
  resolution: {
    enum: [9, 10, 11, 12],
    default: 12,
    description: "Bits of a reading: 9 for steps of 0.5 °C in 94 ms, 10 for 0.25 °C in 188 ms, 11 for 0.125 °C in "
      + "375 ms, 12 for 0.0625 °C in 750 ms.",
  },
};

export const probeFields = (options: DriverOptions): Field[] =>
  Object.keys(options["probes"] as object | undefined ?? { temperature: "" }).map((name) => (
    { name, unit: "°C", decimals: 4, deviceClass: "temperature", stateClass: "measurement" }
  ));

export const conversionMs = (options: DriverOptions): number =>
  Math.ceil(750 / 2 ** (12 - (options["resolution"] as number | undefined ?? 12)));

export const probeConstants = (options: DriverOptions): ReturnType<DriverMeta["constants"]> => {
  const roms = Object.values(options["probes"] as Record<string, string> | undefined ?? { temperature: "" });
  const missing = 12 - (options["resolution"] as number | undefined ?? 12);
  return [roms.map((rom) => rom.toLowerCase()), (3 - missing) * 32 + 31, 2 ** missing, conversionMs(options),
    options["power"] === "parasite"];
};

/** Mistakes of ROM codes: a family that is another part's, a wrong check byte, one probe twice. */
export const romProblems = (options: DriverOptions): [string, string][] => {
  const found: [string, string][] = [];
  const names = new Map<string, string>();
  const probes = options["probes"] as Record<string, string> | undefined ?? {};
  // No destructuring and no rest here: esbuild refuses them before it drops `meta`.
  for (const name of Object.keys(probes)) {
    const rom = probes[name]!.toLowerCase();
    const other = names.get(rom);
    names.set(rom, name);
    let bytes = "";
    for (let i = 0; i < 14; i += 2) bytes += String.fromCharCode(parseInt(rom.slice(i, i + 2), 16));
    const right = crc8(bytes).toString(16).padStart(2, "0");
    const wrong = (message: string): void => {
      found.push([`/probes/${name}`, `ROM code ${probes[name]!} ${message}`]);
    };
    if (!rom.startsWith("28")) {
      wrong(`is of family ${rom.slice(0, 2)}: that of a DS18B20 starts with 28`);
    } else if (!rom.endsWith(right)) {
      wrong(`has a wrong check byte, a typing error? After ${rom.slice(0, 14)} comes ${right}`);
    } else if (other !== undefined) {
      wrong(`is that of the probe ${other}, too`);
    }
  }
  return found;
};
