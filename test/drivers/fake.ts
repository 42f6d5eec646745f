/** A part on I2C for tests of drivers: it answers what a test says and keeps a log. */
import * as assert from "uvu/assert";
import type { Driver, Values } from "../../lib/drivers/types.ts";
import type { I2cTransfer } from "../../lib/platform/types.ts";
import { bytes, run } from "./clock.ts";

export interface Fake {
  /** Every transfer, in order: "d0 1" is a read of one byte after a write of d0, "e0b6" a write. */
  log: string[];
  transfer: I2cTransfer;
}

/**
 * @param answer what the part gives for the bytes written (hex digits) and the count of bytes to read: hex digits or
 *   numbers, "" for a write, undefined for no acknowledgement
 * @param nackAt transfer, counted from 1, that is not acknowledged
 */
export const fake = (
  address: number,
  answer: (written: string, count: number) => string | number[] | undefined,
  nackAt = 0,
): Fake => {
  const log: string[] = [];
  return {
    log,
    transfer: (to, written, count) => {
      assert.is(to, address);
      const hex = [...written].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
      log.push(count > 0 ? `${hex} ${count}` : hex);
      if (log.length === nackAt) return undefined;
      const data = answer(hex, count);
      if (data === undefined) return undefined;
      const text = bytes(data);
      assert.is(text.length, count, `the answer to ${hex} ${count}`);
      return text;
    },
  };
};

export interface Outcome { opened: string[]; sampled: [string, Values][] }

/** Opens, then samples so many times; what is reported. */
export const use = (driver: Driver, samples = 1): Outcome => {
  const outcome: Outcome = { opened: [], sampled: [] };
  const sample = (left: number): void => {
    if (left > 0) {
      driver.sample((error, values) => {
        outcome.sampled.push([error, values]);
        sample(left - 1);
      });
    }
  };
  run(() => driver.open((error) => {
    outcome.opened.push(error);
    if (error === "") sample(samples);
  }));
  return outcome;
};

/** 16 bits as four hex digits, two's complement. */
export const hexWord = (value: number): string => (value & 0xffff).toString(16).padStart(4, "0");

/** Asserts that a driver reports "nack" and passes no value, whichever transfer is not acknowledged. */
export const assertEveryNackIsReported = (
  create: (nackAt: number) => { driver: Driver; log: string[] }, samples = 1,
): void => {
  const whole = create(0);
  use(whole.driver, samples);
  const count = whole.log.length;
  assert.ok(count > 1);
  for (let at = 1; at <= count; at++) {
    const { opened, sampled } = use(create(at).driver, samples);
    const last = sampled.at(-1);
    assert.is(last === undefined ? opened[0] : sampled.find(([error]) => error !== "")?.[0], "nack", `transfer ${at} of ${count}`);
    for (const [error, values] of sampled) if (error === "nack") assert.equal(values, []);
  }
};
