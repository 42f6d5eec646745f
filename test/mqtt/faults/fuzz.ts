/**
 * `npm run fuzz`: random schedules of faults on the MQTT client (test/mqtt/faults) for as long as it is told. One
 * seed is one schedule; a failure is printed with the command that shows it again.
 */
import sade from "sade";
import { clientText, factories } from "./compile.ts";
import { describe, explore } from "./explore.ts";

const UNITS_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };
/** How often it tells how far it has come. */
const REPORT_MS = 10_000;

const stop = (message: string): never => {
  console.error(`ERROR ${message}`);
  console.error("  Run: npm run fuzz -- --for 10m --seed 1");
  process.exit(1);
};

/** "90s", "10m", "1.5h" as milliseconds. */
const duration = (value: unknown): number => {
  const text = String(value);
  const match = /^(\d+(?:\.\d+)?)([smh])$/.exec(text);
  return match ? Number(match[1]) * UNITS_MS[match[2]!]! : stop(`--for is a number and s, m or h, not "${text}"`);
};

const wholeNumber = (name: string, value: unknown): number => {
  const number = Number(value);
  return Number.isSafeInteger(number) && number >= 0 && typeof value !== "boolean"
    ? number : stop(`--${name} is a whole number, not "${String(value)}"`);
};

const fuzz = async (options: Record<string, unknown>): Promise<void> => {
  const seed = options["seed"] === undefined ? Date.now() % 1_000_000_000 : wholeNumber("seed", options["seed"]);
  const runs = options["runs"] === undefined ? Infinity : wholeNumber("runs", options["runs"]);
  const limitMs = options["for"] === undefined
    ? (runs === Infinity ? UNITS_MS["m"]! : Infinity) : duration(options["for"]);
  const clients = factories(await clientText(["store", "completion"]));
  const began = Date.now();
  let done = 0;
  while (done < runs && Date.now() - began < limitMs) {
    const endMs = Math.min(Date.now() + REPORT_MS, began + limitMs);
    const result = explore(clients, seed + done, runs - done, () => Date.now() < endMs);
    done += result.runs;
    if (result.failure) {
      console.error(describe(result.failure, clients));
      process.exit(1);
    }
    console.log(`${done} schedules in ${Math.round((Date.now() - began) / 1000)} s, seeds from ${seed}: no invariant is broken`);
  }
};

sade("fuzz", true)
  .describe("Runs the MQTT client under random faults and checks that no invariant breaks.")
  .option("--for", "How long: 90s, 10m, 1.5h; one minute where neither this nor --runs is given")
  .option("--runs", "How many schedules")
  .option("--seed", "The seed of the first schedule; the next has the next number")
  .example("--for 10m")
  .example("--seed 4711 --runs 1")
  .action((options: Record<string, unknown>) => fuzz(options))
  .parse(process.argv, { unknown: (flag) => `Unknown option ${flag}` });
