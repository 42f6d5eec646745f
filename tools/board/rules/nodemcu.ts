/** Rules of the target nodemcu: what a board asks of a NodeMCU firmware that it has not. */
import type { Draft } from "../draft.ts";
import type { Report } from "../report.ts";
import { list } from "../words.ts";

/** Reports settings of NodeMCU that do not fit the target, the hardware or each other. */
export function checkNodemcu(draft: Draft, report: Report): void {
  const { hardware, nodemcu, target } = draft;
  if (draft.nodemcuGiven && target !== "nodemcu") {
    report.error(["nodemcu"], `this is for the target nodemcu, and the target is ${target}`,
      "set \"target\": \"nodemcu\", or remove it");
    return;
  }
  if (nodemcu === undefined || hardware?.nodemcu === undefined) return;
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
  for (const [name, users] of needed) {
    if (modules.includes(name)) continue;
    report.error(["nodemcu", "modules"], `this NodeMCU has no module "${name}", which ${list([...users], 3)} needs`,
      "build NodeMCU with it (motelet build writes the configuration) and add it here, or do without what needs it");
  }
}
