/** `npm run interop -- --url mqtt://...`: one suite against any broker, our client on one side, MQTT.js on the other. */
import kleur from "kleur";
import sade from "sade";
import { BROKERS } from "../interop/brokers.ts";
import { runSuite, type Outcome, type Row, type SuiteOptions } from "../interop/suite.ts";
import { targetOf, urlOf } from "../interop/target.ts";

const COLOUR: Record<Outcome, (text: string) => string> = {
  ok: kleur.green, FAILED: kleur.red, "not supported": kleur.yellow,
};

const printRow = (row: Row): void => {
  console.log(`  ${COLOUR[row.outcome](row.outcome.padEnd(13))} ${row.name}${kleur.grey(` (${row.ms} ms)`)}`);
  if (row.detail !== undefined) console.log(`                ${row.detail}`);
};

interface Options {
  url?: string | string[];
  ca?: string;
  denied?: string;
  only?: string;
  timeout: number;
  json: boolean;
}

const runAgainst = async (name: string, suite: SuiteOptions, json: boolean): Promise<boolean> => {
  if (!json) console.log(`\n${kleur.bold(name)} at ${urlOf(suite.target)}`);
  const rows = await runSuite({ ...suite, onRow: json ? () => {} : printRow });
  const count = (outcome: Outcome): number => rows.filter((row) => row.outcome === outcome).length;
  if (json) console.log(JSON.stringify({ broker: name, rows }));
  else console.log(`  ${count("ok")} ok, ${count("FAILED")} failed, ${count("not supported")} not supported by this broker`);
  return count("FAILED") === 0;
};

const main = async (options: Options): Promise<boolean> => {
  const common = { timeoutMs: options.timeout * 1000, only: options.only };
  if (options.url !== undefined) {
    const [target, ...others] = [options.url].flat().map((url) => targetOf(url, options.ca));
    const links = Object.fromEntries(others.map((other) => [other.link, other]));
    return runAgainst("broker", { target: target!, links, denied: options.denied, ...common }, options.json);
  }
  let good = true;
  for (const { name, debian, isInstalled, start } of BROKERS) {
    if (!isInstalled()) {
      if (!options.json) console.log(`\n${name} is not installed (apt-get install ${debian}): skipped`);
      continue;
    }
    const broker = await start();
    const { links, certified, denied } = broker;
    try {
      good = await runAgainst(name, { target: broker, links, certified, denied, ...common }, options.json) && good;
    } finally {
      await broker.stop();
    }
  }
  return good;
};

// `npm run interop | head` closes the pipe: that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

sade("interop", true)
  .option("--url", "A broker, such as mqtt://user:password@host:1883; again for its other links (mqtts, ws, wss). Without it those "
    + "that are installed here are started")
  .option("--ca", "File of the authority that vouches for it (PEM); the system's where absent")
  .option("--denied", "A filter that the broker refuses to this user")
  .option("--only", "Run the cases whose name holds this")
  .option("--timeout", "Seconds that a case waits for something to happen", 5)
  .option("--json", "Print one JSON object a broker", false)
  .action((options: Options) => {
    main(options).then((good) => {
      process.exitCode = good ? 0 : 1;
    }, (error: unknown) => {
      console.error(`${kleur.red("error")}: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    });
  })
  .parse(process.argv);
