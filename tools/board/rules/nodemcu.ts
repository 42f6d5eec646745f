/** Rules of the target nodemcu: what a board asks of a NodeMCU firmware that it has not. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Draft } from "../draft.ts";
import { PORTS } from "../ports.ts";
import type { Report } from "../report.ts";
import { list } from "../words.ts";

const PLATFORM = join(import.meta.dirname, "../../../lib/platform/nodemcu");

/** I2C_MASTER_OLD_VERSION of user_config.h, the default of the branch release (docs/modules/i2c.md, "i2c.setup()"). */
const OLD_DRIVER_BITRATE = 100_000;

/** Reports sensors that are connected in a way that Motelet does not have on NodeMCU. */
export function checkPorts(draft: Draft, report: Report): void {
  if (draft.target !== "nodemcu" || draft.hardware === undefined) return;
  const chip = draft.hardware.chip === "ESP8266" ? "esp8266" : "esp32";
  for (const [i, { driver, meta }] of draft.sensors.entries()) {
    const port = meta && PORTS[meta.bus];
    const module = port?.module ?? port?.bus;
    const files = [`${module}.ts`, `${chip}/${module}.ts`];
    if (module === undefined || files.some((file) => existsSync(join(PLATFORM, file)))) continue;
    report.error(["sensors", i, "driver"], `the driver ${driver} does not run on NodeMCU yet`, "use target \"espruino\"");
  }
}

/** Reports settings of NodeMCU that do not fit the target, the hardware or each other. */
export function checkNodemcu(draft: Draft, report: Report): void {
  const { hardware, nodemcu, target } = draft;
  if (draft.nodemcuGiven && target !== "nodemcu") {
    report.error(["nodemcu"], `this is for the target nodemcu, and the target is ${target}`,
      "set \"target\": \"nodemcu\", or remove it");
    return;
  }
  if (nodemcu === undefined || hardware?.nodemcu === undefined) return;
  for (const [name, bus] of Object.entries(hardware.chip === "ESP8266" ? draft.buses : {})) {
    if (bus.type !== "i2c" || bus.bitrate === OLD_DRIVER_BITRATE) continue;
    report.warning(["buses", name, "bitrate"], "the I2C driver of NodeMCU on the ESP8266 runs at 100 kHz, whatever it is told",
      "leave it out, or build NodeMCU without I2C_MASTER_OLD_VERSION in user_config.h: its other driver obeys");
  }
  if (!nodemcu.lfs && hardware.nodemcu.lfs) {
    report.warning(["nodemcu", "lfs"], `the code takes the heap of ${hardware.name}, of which there is little`,
      "set it to true: the code goes into flash then");
  }
}

/**
 * Reports modules of the firmware that a board needs, and by its own account has not.
 * @param needed modules by name, and who needs each
 */
export function checkModules(modules: string[], needed: Map<string, Iterable<string>>, report: Report): void {
  for (const [name, all] of needed) {
    if (modules.includes(name)) continue;
    // The one that declares them all needs none.
    const users = [...all].filter((user) => !user.endsWith("/api.ts"));
    report.error(["nodemcu", "modules"],
      `this NodeMCU has no module "${name}", which ${list(users, 3)} need${users.length > 1 ? "" : "s"}`,
      "build NodeMCU with it (motelet build writes the configuration) and add it here, or do without what needs it");
  }
}
