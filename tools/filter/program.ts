/**
 * The filters of a board as a program of their own: what `build` writes for a sensor's readings, compiled and shrunk as
 * for the board, with readings that are given in place of the driver and the clock, and messages that are told in place
 * of the client.
 */
import type { DriverMeta } from "../../lib/drivers/types.ts";
import type { Sensor } from "../board/types.ts";
import { Imports } from "../build/entry.ts";
import { checkGrammar } from "../build/grammar.ts";
import { minify } from "../build/minify.ts";
import { reportCode } from "../build/report.ts";
import { root } from "../build/root.ts";

/** What a program is given: the values of a read, in the units of the driver, at a time. */
export interface Read {
  /** Index of the sensor. */
  sensor: number;
  ms: number;
  values: (number | undefined)[];
}

/** What it told: payloads are binary strings. */
export interface Told {
  /** Index of the read. */
  read: number;
  topic: string;
  payload: string;
}

/** The source text of the program: `global.feed(sensor, values)` gives it a read; it calls `told(topic, payload)`. */
export function programText(name: string, sensors: Sensor[], metas: Record<string, DriverMeta>): string {
  const imports = new Imports();
  const setup: string[] = [];
  const reports = sensors.map((sensor, i) => {
    const code = reportCode(imports, name, sensor, metas[sensor.driver]!, i, "deliver");
    setup.push(...code.setup);
    return `  ${code.report},\n`;
  });
  return `${imports.toString()}
import type { Deliver, Report } from "motelet/firmware/reading.ts";

declare const told: (this: void, topic: string, payload: string) => void;
declare const global: { feed: (this: void, sensor: number, values: (number | undefined)[]) => void };

const deliver: Deliver = (topic, payload) => {
  told(topic.substring(2), payload);
  return true;
};
${setup.join("\n")}
const reports: Report[] = [
${reports.join("")}];
global.feed = (sensor, values) => reports[sensor]!(values);
`;
}

/** A program as Espruino gets it. */
export async function compileEspruino(program: string): Promise<string> {
  const { code } = await minify({ contents: program, resolveDir: root }, root);
  const [problem] = checkGrammar(code);
  if (problem) throw new Error(`the filters have ${problem.message} at ${problem.line}:${problem.column}`);
  return code;
}
