/** The schedule: samples each sensor at its interval, tries a failed read again, counts failures. */
import { faults, log } from "#platform/system";
import { after } from "#platform/timer";
import type { Driver, Values } from "../lib/drivers/types.ts";
import type { Report } from "./reading.ts";

/** A failed read is tried again after this time, at most so often. */
const RETRY_MS = 1000;
const RETRIES = 2;

/** By sensor: its id, how many reads failed, why the last one did, "" since one succeeded. */
export const sensorIds: string[] = [];
export const failures: number[] = [];
export const reasons: string[] = [];

const steps: ((this: void) => void)[] = [];
let changeHandler: ((this: void) => void) | undefined;

/** Has `fn` called when a sensor begins to fail, fails for another reason, or works again. */
export const onSensorChange = (fn: (this: void) => void): void => {
  changeHandler = fn;
};

/** Has `fn` called once, when sampling begins. */
export const whenStarted = (fn: (this: void) => void): void => {
  steps.push(fn);
};

/** Begins to sample all sensors, once; each in a turn of its own, so that a defect of one stops no other. */
export const startSensors = (): void => {
  while (steps.length > 0) {
    after(steps.shift()!, 0);
  }
};

/**
 * Adds a sensor, which is read every `intervalMs`. A read goes to `report` once: when it has succeeded, or with the
 * fields that it has, perhaps none, when its last retry has failed. So a filter that counts readings counts right.
 * Returns what reads it out of turn, unless it is being read.
 */
export const sensor = (id: string, driver: Driver, intervalMs: number, report: Report): (this: void) => void => {
  const index = sensorIds.length;
  let opened = false;
  let busy = false;
  let tries = 0;
  let faultsBefore = 0;
  sensorIds.push(id);
  failures.push(0);
  reasons.push("");

  const settle = (error: string, values: Values): void => {
    busy = false;
    if (reasons[index] !== error) {
      reasons[index] = error;
      log(id + ": " + (error === "" ? "ok" : error));
      if (changeHandler !== undefined) {
        changeHandler();
      }
    }
    if (error !== "") {
      failures[index] = failures[index]! + 1;
      // The part may have lost its power and its settings with it.
      opened = false;
    }
    if (error !== "" && tries < RETRIES) {
      tries++;
      after(attempt, RETRY_MS);
    } else {
      tries = 0;
      report(values);
    }
  };
  const sample = (): void => driver.sample(settle);
  const attempt = (): void => {
    if (!busy) {
      busy = true;
      faultsBefore = faults;
      if (opened) {
        sample();
      } else {
        driver.open((error) => {
          opened = error === "";
          if (opened) {
            sample();
          } else {
            settle(error, []);
          }
        });
      }
    }
  };
  const step = (): void => {
    after(step, intervalMs);
    if (busy && faults !== faultsBefore) {
      // An error was caught since: it was perhaps the read's, which will not end then.
      tries = RETRIES;
      settle("fault", []);
    }
    attempt();
  };
  steps.push(step);
  return attempt;
};
