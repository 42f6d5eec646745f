/** What a driver adds to a board: its own bytes, those of what it shares, its line of the program; and nothing else. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { recorded } from "../../bench/sizes.ts";
import { buildBoard } from "../node/board.ts";

/**
 * Names are given out by how often they are used: where another module is added some of the names of the others become
 * longer by a letter, or shorter. So much of a module's bytes, and in all.
 */
const NAMES_SHARE = 0.04;
const NAMES_BYTES = 16;
const ALL_NAMES_SHARE = 0.02;
const AIR = { driver: "bme280", id: "air", bus: "i2c1", interval: "30s" };

const TARGETS = [
  ["Espruino", { target: "espruino" }], ["Lua", { target: "nodemcu", nodemcu: { lua: "5.3" } }],
] as const;

const modulesWith = async (target: object, ...more: object[]): Promise<Record<string, number>> => {
  const { manifest } = await buildBoard({
    name: "b", hardware: "esp32-devkit", wifi: { ssid: "${WIFI_SSID}", password: "${WIFI_PASSWORD}" },
    mqtt: { url: "mqtt://127.0.0.1:1883", will: null, birth: null }, buses: { i2c1: { sda: "D21", scl: "D22" } },
    sensors: [AIR, ...more], ...target,
  });
  return manifest.modules;
};

/** Driver, and the files of lib/drivers/common that come with it, beside those of the BME280. */
const ADDED: [string, string[]][] = [
  ["sht3x", ["bytes", "command", "crc8"]], ["bmp280", []], ["tsl2561", []],
];

for (const [name, target] of TARGETS) {
  test(`${name}: adding a driver to a board costs that, and no other module grows`, async () => {
    const before = await modulesWith(target);
    const { espruino, lua } = recorded().sizes;
    const record = (name === "Lua" ? lua : espruino).drivers;
    // Lua takes its time to be compiled: one is enough there.
    for (const [driver, shared] of name === "Lua" ? ADDED.slice(0, 1) : ADDED) {
      const after = await modulesWith(target, { driver, id: "other", bus: "i2c1", interval: "30s",
        ...(driver === "bmp280" ? { address: "0x77" } : {}) });
      const isNew = Object.keys(after).filter((module) => before[module] === undefined);
      assert.equal(isNew.sort(),
        [...shared.map((file) => `lib/drivers/common/${file}.ts`), `lib/drivers/${driver}.ts`].sort(), driver);
      const others = Object.entries(before).filter(([module]) => module !== "main.ts" && module !== "(library)");
      const sum = others.reduce((all, [, bytes]) => all + bytes, 0);
      const grown = others.reduce((all, [module, bytes]) => all + after[module]! - bytes, 0);
      assert.ok(grown <= sum * ALL_NAMES_SHARE, `${driver}: the others have ${grown} bytes more than ${sum}`);
      for (const [module, bytes] of others) {
        const most = Math.max(NAMES_BYTES, bytes * NAMES_SHARE);
        assert.ok(after[module]! - bytes <= most, `${driver}: ${module} has ${after[module]}, not ${bytes} bytes`);
      }
      const cost = after[`lib/drivers/${driver}.ts`]!;
      assert.ok(Math.abs(cost - record[driver]!) <= Math.max(NAMES_BYTES, cost * NAMES_SHARE), `${driver} has ${cost} bytes, ${record[driver]} in the record`);
    }
  });
}

test.run();
