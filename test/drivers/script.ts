/** A part that plays a script: what is written and read, in order, and nothing else. */
import * as assert from "uvu/assert";
import type { Driver, DriverMeta, Values } from "../../lib/drivers/types.ts";
import type { I2cTransfer } from "../../lib/platform/types.ts";
import { bytes, now, run } from "./clock.ts";

/**
 * A transfer: bytes written (hex), the answer (hex; undefined: not acknowledged), and the ms since the one before that
 * have to have passed.
 */
export type Line = [written: string, answer: string | undefined, waitMs?: number];

export interface Outcome { opened: string[]; sampled: [string, Values][] }

const hexOf = (text: string): string =>
  [...text].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");

/**
 * Opens a driver and takes samples until one fails, against a script that has to be played to its end.
 * @param create gets the transfer
 */
export const play = (
  create: (transfer: I2cTransfer) => Driver, script: Line[], samples = 1, address?: number,
): Outcome => {
  const outcome: Outcome = { opened: [], sampled: [] };
  const left = [...script];
  let lastMs = 0;
  const transfer: I2cTransfer = (at, written, count) => {
    const line = left.shift();
    const asked = `"${hexOf(written)}", read ${count}, ${now() - lastMs} ms later`;
    assert.ok(line, `after the end of the script: ${asked}`);
    const [wanted, answer, waitMs = 0] = line;
    if (address !== undefined) assert.is(at, address);
    assert.is(hexOf(written), wanted.replaceAll(" ", ""), asked);
    const answered = bytes(answer ?? "");
    if (answer !== undefined) assert.is(count, answered.length, asked);
    assert.is(now() - lastMs, waitMs, asked);
    lastMs = now();
    return answer === undefined ? undefined : answered;
  };
  const driver = create(transfer);
  assert.is(left.length, script.length, "creating touches nothing");
  const sample = (more: number): void => {
    if (more > 0) {
      driver.sample((error, values) => {
        outcome.sampled.push([error, values]);
        if (error === "") sample(more - 1);
      });
    }
  };
  run(() => {
    lastMs = 0;
    driver.open((error) => {
      outcome.opened.push(error);
      if (error === "") sample(samples);
    });
  });
  assert.equal(left, [], "the rest of the script was not played");
  return outcome;
};

/** A driver by its options, as the board's entry makes it. */
export const byOptions = (
  module: { create: (transfer: I2cTransfer, address: number, ...constants: never[]) => Driver; meta: DriverMeta },
  options: Record<string, unknown> = {},
) => (transfer: I2cTransfer): Driver =>
  module.create(transfer, module.meta.addresses![0]!, ...module.meta.constants(options) as never[]);

/** The same script with one line not acknowledged, and nothing after it. */
export const nackedAt = (script: Line[], at: number): Line[] =>
  [...script.slice(0, at), [script[at]![0], undefined, script[at]![2] ?? 0]];
