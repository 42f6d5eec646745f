/** Sensors that tell by themselves when there is something new; their interval is for those who have missed it. */
import type { Driver, EventDriver } from "../lib/drivers/types.ts";
import type { Input } from "../lib/platform/types.ts";
import type { Report } from "./reading.ts";
import { sensor, whenStarted } from "./sensor.ts";

/** Adds a sensor whose driver tells. */
export const eventSensor = (id: string, driver: EventDriver, intervalMs: number, report: Report): void => {
  const sample = sensor(id, driver, intervalMs, report);
  whenStarted(() => driver.watch(sample));
};

/** Adds a sensor whose part has a line that tells: by its level `active`. */
export const interruptSensor = (
  id: string,
  driver: Driver,
  intervalMs: number,
  report: Report,
  line: Input,
  active: boolean,
): void => {
  const sample = sensor(id, driver, intervalMs, report);
  whenStarted(() =>
    line.watch(0, (high) => {
      if (high === active) {
        sample();
      }
    }));
};
