/** A serial port for tests of drivers. */
import type { UartPort } from "../../lib/platform/types.ts";
import * as assert from "uvu/assert";
import type { Driver, Values } from "../../lib/drivers/types.ts";
import { now, run } from "./clock.ts";

export interface Serial extends UartPort {
  /** What the driver has sent. */
  written: string[];
  /** Gives the driver bytes. */
  give(bytes: string): void;
}

/** @param answer what comes back for what is sent at a time: at once, in one piece or in several; "" for nothing */
export const serial = (answer: (bytes: string, ms: number) => string | string[]): Serial => {
  let take: ((bytes: string) => void) | undefined;
  const written: string[] = [];
  return {
    written,
    give: (bytes) => take!(bytes),
    write: (bytes) => {
      written.push(bytes);
      const pieces = [answer(bytes, now())].flat().filter((piece) => piece !== "");
      // Not from inside of the driver's own call.
      if (pieces.length > 0) setTimeout(() => pieces.forEach((piece) => take!(piece)), 0);
    },
    onData: (fn) => {
      take = fn;
    },
  };
};

/** Bytes as they come in: so many at a time. */
export const inPieces = (all: string, size: number): string[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

/** Makes a driver, opens it and takes a sample; what the sample was. */
export const sampleOf = (port: Serial, make: () => Driver): [string, Values][] => {
  const sampled: [string, Values][] = [];
  run(() => {
    const driver = make();
    assert.equal(port.written, [], "creating writes nothing");
    driver.open((error) => assert.is(error, ""));
    driver.sample((...sample) => sampled.push(sample));
  });
  return sampled;
};
