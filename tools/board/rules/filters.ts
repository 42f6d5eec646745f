/** Rules of filters: fields that there are, parameters that make sense, an order that does. */
import { SENSOR_CLASSES, type SensorClass } from "../../../lib/drivers/classes.ts";
import type { Field } from "../../../lib/drivers/types.ts";
import type { Draft, DraftSensor } from "../draft.ts";
import { durationText, LONGEST_MS } from "../duration.ts";
import { allowsUnit, filterMetas, isGate, longestSilenceMs, readingIntervalMs, type Step, stepsOf } from "../filters.ts";
import type { Report } from "../report.ts";
import type { Filters } from "../types.ts";
import { didYouMean, list, pointerSegments, quote, type Segment } from "../words.ts";
import { computable, wordsOf } from "./sensors.ts";

/** Reports what is wrong with the filters of all sensors. */
export function checkFilters(draft: Draft, report: Report): void {
  for (const [i, sensor] of draft.sensors.entries()) {
    if (Object.keys(sensor.filters).length === 0 || !computable(sensor, report, i)) continue;
    const path = ["sensors", i, "filters"];
    const fields = sensor.meta!.fields(sensor.options);
    for (const [name, chain] of Object.entries(sensor.filters)) {
      const field = fields.find((each) => each.name === name);
      if (field === undefined) {
        report.error([...path, name], `${sensor.driver} gives no ${quote(name)}`,
          didYouMean(name, fields.map((each) => each.name), "it gives"));
      } else {
        checkChain([...path, name], chain, field, sensor, report);
      }
    }
    if (!report.hasErrorIn(path)) checkSilence(path, sensor, report);
  }
}

function checkChain(path: Segment[], chain: Filters[string], field: Field, sensor: DraftSensor, report: Report): void {
  let at = field;
  const before: Step[] = [];
  // Without a valid interval, times are not compared with it.
  const intervalMs = sensor.intervalMs === undefined ? 0
    : readingIntervalMs(sensor.meta!, { ...sensor, intervalMs: sensor.intervalMs });
  for (const [j, entry] of chain.entries()) {
    const [step] = stepsOf([entry], at) as [Step];
    const own = [...path, j, step.name];
    // Behind a parameter that is wrong, nothing is known of the field.
    if (checkWords(own, step, report) || checkParameter(own, step, intervalMs, report)) return;
    checkPlace(own, step, before, report);
    checkClass(own, step, report);
    before.push(step);
    at = step.behind;
  }
}

/** True when something is wrong. */
function checkWords(path: Segment[], step: Step, report: Report): boolean {
  const words = wordsOf(step.field);
  if (words === undefined || (isGate(step) && typeof step.parameter === "number")) return false;
  report.error(path, `${step.field.name} is a word (${list(words)}), and ${quote({ [step.name]: step.given })} is for numbers`,
    "for example { \"delta\": 1 }, which lets each other word pass");
  return true;
}

/** True when something is wrong. */
function checkParameter(path: Segment[], step: Step, intervalMs: number, report: Report): boolean {
  const { meta, parameter, field } = step;
  if (meta.isDuration && (parameter as number) > LONGEST_MS) {
    report.error(path, "this is longer than a timer can wait", "use at most \"24d\"");
    return true;
  }
  const found = meta.problems?.(parameter, field, intervalMs) ?? [];
  for (const [pointer, message, suggestion] of found) {
    report.error([...path, ...pointerSegments(pointer, parameter)], message, suggestion);
  }
  return found.length > 0;
}

/** Reports a class that does not exist, or has not the unit that the filter gives. */
function checkClass(path: Segment[], { field, behind }: Step, report: Report): void {
  const { deviceClass, unit } = behind;
  if (deviceClass === undefined || deviceClass === field.deviceClass) return;
  const units = Object.hasOwn(SENSOR_CLASSES, deviceClass) ? SENSOR_CLASSES[deviceClass as SensorClass] : undefined;
  if (units === undefined) {
    report.error([...path, "deviceClass"], `Home Assistant has no device class ${quote(deviceClass)}`,
      didYouMean(deviceClass, Object.keys(SENSOR_CLASSES)));
  } else if (!allowsUnit(behind)) {
    report.error([...path, "unit"], `${quote(unit)} is no unit of the device class ${deviceClass}`,
      `it takes ${list(units)}`);
  }
}

/** Reports a filter that does nothing, or not what was meant, where it is. */
function checkPlace(path: Segment[], step: Step, before: Step[], report: Report): void {
  const gates = before.filter(isGate);
  const [gate] = gates;
  if (step.meta.kind === "window" && gate) {
    report.error(path, `"${step.name}" has to see each reading, and "${gate.name}" before it holds some back`,
      `put it before "${gate.name}"`);
  }
  if (!isGate(step)) return;
  if (gates.some(({ name }) => name === step.name)) {
    report.error(path, `"${step.name}" is there twice`, "keep one");
  } else if (step.meta.opens) {
    checkOpening(path, step, gates, report);
  }
}

function checkOpening(path: Segment[], step: Step, gates: Step[], report: Report): void {
  const changes = [...filterMetas].filter(([, { kind }]) => kind === "change").map(([name]) => `"${name}"`).join(" or ");
  if (gates.length === 0) {
    report.error(path, `no filter before "${step.name}" holds readings back, so it has nothing to let pass`,
      `put ${changes} before it, or remove it`);
    return;
  }
  const slowest = gates.find(({ meta, parameter }) =>
    meta.kind === "time" && (parameter as number) >= (step.parameter as number));
  if (slowest) {
    report.error(path, `"${slowest.name}" before it allows a message every ${durationText(slowest.parameter as number)}, `
      + `and this lets one pass after ${durationText(step.parameter as number)}`,
    `use more than "${durationText(slowest.parameter as number)}"`);
  } else if (!gates.some(({ meta }) => meta.kind === "change")) {
    report.error(path, `"${gates[0]!.name}" holds nothing back for as long as this, so it does nothing`,
      `put ${changes} before it, or remove it`);
  }
}

/** Warns of a sensor that may be silent for ever though it works. */
function checkSilence(path: Segment[], sensor: DraftSensor, report: Report): void {
  const { intervalMs, meta, publish } = sensor;
  if (intervalMs === undefined || publish.retain) return;
  if (longestSilenceMs(meta!, { ...sensor, intervalMs }) !== Infinity) return;
  report.warning(path, "a value that does not change is never published again: who subscribes later does not get it, "
    + "and nobody can tell it from a sensor that is dead",
  "put { \"heartbeat\": \"1h\" } behind \"delta\", or set \"retain\": true under \"publish\"");
}
