/** Rules of sensors and times: ids, intervals, what a driver says of its options, what is not supported yet. */
import { SENSOR_CLASSES } from "../../../lib/drivers/classes.ts";
import type { ChipFacts, Field } from "../../../lib/drivers/types.ts";
import type { Draft, DraftSensor } from "../draft.ts";
import { durationText, LONGEST_MS } from "../duration.ts";
import { allowsUnit, publishedFields } from "../filters.ts";
import type { Report } from "../report.ts";
import type { Hardware } from "../types.ts";
import { list, pointerSegments, type Segment } from "../words.ts";

/** Topics of the node itself, which an id would take: `<name>/availability`. */
const RESERVED = ["availability", "diagnostics"];

/** What drivers are told of the hardware. */
export function factsOf({ chip, adc, temperature }: Hardware, target: string): ChipFacts {
  const scale = temperature?.[target as keyof typeof temperature];
  return { chip, target, referenceVolts: adc.referenceVolts, ...(scale ? { temperature: scale } : {}) };
}

/** Reports what is wrong with sensors on their own. */
export function checkSensors(draft: Draft, report: Report): void {
  const seen = new Map<string, number>();
  for (const [i, sensor] of draft.sensors.entries()) {
    const { id } = sensor;
    if (id !== undefined) {
      const first = seen.get(id);
      if (first !== undefined) {
        report.error(["sensors", i, "id"], `sensors[${first}] has the id "${id.slice(0, 64)}", too`,
          "give each its own id");
      } else {
        seen.set(id, i);
      }
      if (RESERVED.includes(id)) {
        report.error(["sensors", i, "id"], `"${id}" is a topic of the node itself`, "choose another id");
      }
    }
    checkOptions(sensor, i, draft, report);
    checkInterval(sensor, i, report);
    checkUnits(sensor, i, report);
  }
}

/** Home Assistant shows nothing of a quantity whose unit its class does not have. */
function checkUnits(sensor: DraftSensor, i: number, report: Report): void {
  if (!computable(sensor, report, i)) return;
  for (const field of sensor.meta!.fields(sensor.options)) {
    const { name, unit, deviceClass } = field;
    if (allowsUnit(field) || deviceClass === undefined) continue;
    const units = (SENSOR_CLASSES as Record<string, readonly string[]>)[deviceClass]!;
    report.error(["sensors", i, sensor.options["unit"] === undefined ? "deviceClass" : "unit"],
      `${name} is of the class ${deviceClass}, which has no unit "${unit}"`,
      units.every((each) => each === "") ? "leave the unit out" : `use ${list(units)}, or leave the class out`);
  }
}

/** For boards whose hardware is unknown, which is a mistake of its own. */
const ANY_CHIP = { chip: "", target: "", referenceVolts: 3.3 };

function checkOptions(sensor: DraftSensor, i: number, draft: Draft, report: Report): void {
  if (!sensor.optionsValid || sensor.meta?.problems === undefined) return;
  const facts = draft.hardware ? factsOf(draft.hardware, draft.target) : ANY_CHIP;
  for (const [pointer, message] of sensor.meta.problems(sensor.options, facts)) {
    report.error(["sensors", i, ...pointerSegments(pointer, sensor.options)], message);
  }
}

function checkInterval(sensor: DraftSensor, i: number, report: Report): void {
  const { intervalMs, meta } = sensor;
  if (intervalMs === undefined) return;
  const path = ["sensors", i, "interval"];
  if (checkLongest(path, intervalMs, report)) return;
  if (intervalMs === 0) {
    report.error(path, "the interval is 0", "for example \"30s\"");
    return;
  }
  if (!computable(sensor, report, i)) return;
  const least = Math.ceil(meta!.conversionMs(sensor.options));
  if (intervalMs < least) {
    report.error(path,
      `the interval is shorter than a measurement of ${sensor.driver}, which takes up to ${least} ms`,
      `use at least "${durationText(least)}"`);
  }
}

/** True when `fields`, `conversionMs` and so on can be asked: the options have no mistake. */
export function computable(sensor: DraftSensor, report: Report, i: number): boolean {
  return sensor.meta !== undefined && sensor.optionsValid
    && !(sensor.meta.required ?? []).some((key) => report.hasErrorIn(["sensors", i, key]))
    && !Object.keys(sensor.meta.options).some((key) => report.hasErrorIn(["sensors", i, key]));
}

/** The quantities of a sensor whose options and filters have no mistake, as they are published. */
export function fieldsOf(sensor: DraftSensor): Field[] {
  return publishedFields(sensor.meta!, sensor);
}

/** The words of a quantity that is one. */
export function wordsOf(field: Field): string[] | undefined {
  return field.binary ? ["OFF", "ON"] : field.words;
}

/** Reports times that no timer can wait; true when it did. */
function checkLongest(path: Segment[], ms: number, report: Report): boolean {
  if (ms <= LONGEST_MS) return false;
  report.error(path, "this is longer than a timer can wait", "use at most \"24d\"");
  return true;
}

/** Reports what is wrong with the board as a whole. */
export function checkNode(draft: Draft, report: Report): void {
  const { hardware, target } = draft;
  if (hardware && (target === "espruino" || target === "nodemcu") && !hardware.targets.includes(target)) {
    report.error(["hardware"], `${hardware.name} does not run ${target}`, `it runs ${list(hardware.targets)}`);
  }
  if (hardware && !hardware.wifi) report.error(["hardware"], `${hardware.name} has no Wi-Fi`);
  for (const [key, ms] of [["diagnostics", draft.diagnosticsMs], ["watchdog", draft.watchdogMs]] as const) {
    if (ms !== undefined && !checkLongest([key], ms, report) && ms > 0 && ms < 1000) {
      report.error([key], `the least ${key} time is one second`, "for example \"30s\", or \"off\"");
    }
  }
}
