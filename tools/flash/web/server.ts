/** `motelet flash --web`: a page on this computer, from which a browser flashes. */
import kleur from "kleur";
import { createServer, type Server } from "node:http";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { printProblems } from "../../board/report.ts";
import type { Problem } from "../../board/types.ts";
import { closeNow, isForUs, listenOn, partsOf, secretName, webPortOf } from "../../local-server.ts";
import { ConfigError, settingsOf } from "../config.ts";
import { espruinoJob, nodemcuJob } from "../jobs.ts";
import { withLfsImage } from "../lfs.ts";
import { programOf, type Program } from "../program.ts";
import { Failure } from "../protocol/failure.ts";
import { pageProgram } from "./bundle.ts";

export interface WebOptions {
  out?: string;
  config?: string;
  lfs?: string;
  luac?: string;
  baud?: string | number;
  "web-port"?: string | number;
  /** For tests: told where the page is. */
  onUrl?: (url: string) => void;
}

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** What the page needs of one board. */
async function jobOf(built: Program, options: WebOptions): Promise<object> {
  const { manifest, board } = built;
  const { baud, config, luac } = options;
  const settings = await settingsOf(board, { baud, config, luac });
  const program = await withLfsImage(built, settings, options.lfs);
  const { files } = program;
  return {
    name: manifest.name, title: board.hardware.title, target: manifest.target,
    firmware: manifest.target === "nodemcu" ? "NodeMCU" : "Espruino",
    baud: settings.baud, limits: settings.limits, image: settings.image,
    bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
    filters: settings.match.map((id) => {
      const [vendor, product] = id.split(":") as [string, string];
      return { usbVendorId: parseInt(vendor, 16), ...(product === "*" ? {} : { usbProductId: parseInt(product, 16) }) };
    }),
    job: {
      banner: `motelet ${manifest.name}`,
      ...(settings.nodemcu === undefined ? espruinoJob(program, settings) : nodemcuJob(program, settings)),
    },
  };
}

/** Only who knows the name in the address gets an answer: what is served holds the secrets of the boards. */
function serve(pages: Pages, token: string): Server {
  return createServer((request, response) => {
    const [secret, name = ""] = partsOf(request);
    const page = pages[name === "" ? "index.html" : name];
    if (!isForUs(request) || secret !== token || page === undefined || request.method !== "GET") {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      "content-type": `${page.type}; charset=utf-8`, "cache-control": "no-store", "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'self'; style-src 'unsafe-inline'; img-src data:", "referrer-policy": "no-referrer",
    });
    response.end(page.text);
  });
}

export type Pages = Record<string, { type: string; text: string }>;

/** Why there is nothing to flash: mistakes in a file, which are among the problems, or what a Failure says. */
export interface Trouble { exit: number; message: string; advice: string; isListed: boolean }

/** What the page is told of each board. */
export async function flashJobs(
  files: string[], options: WebOptions,
): Promise<{ jobs: object[]; problems: Problem[]; trouble?: Trouble }> {
  const jobs: object[] = [];
  const problems: Problem[] = [];
  const mistakes = (found: Problem[]): Trouble => {
    const { file, message, suggestion = "" } = found.find(({ severity }) => severity === "error") ?? found[0]!;
    return { exit: 1, message: `${file}: ${message}`, advice: suggestion, isListed: true };
  };
  for (const file of files) {
    try {
      const { program, problems: found } = await programOf(file, options.out ?? "dist");
      problems.push(...found);
      if (program === undefined) return { jobs, problems, trouble: mistakes(found) };
      jobs.push(await jobOf(program, options));
    } catch (error) {
      if (error instanceof ConfigError) {
        problems.push(...error.problems);
        return { jobs, problems, trouble: mistakes(error.problems) };
      }
      if (!(error instanceof Failure)) throw error;
      const { exit, message, advice } = error;
      return { jobs, problems, trouble: { exit, message, advice, isListed: false } };
    }
  }
  return { jobs, problems };
}

/**
 * What is served: the page, its program with the element `<motelet-flash>`, and what that fetches. Whoever serves them
 * elsewhere has to keep them from others: they hold secrets. A number is the exit code of a failure, which is told.
 */
export async function flashPages(files: string[], options: WebOptions): Promise<Pages | number> {
  const { jobs, problems, trouble } = await flashJobs(files, options);
  printProblems(problems);
  if (trouble !== undefined) {
    if (!trouble.isListed) console.log(`${kleur.red("error")}: ${trouble.message}\n  ${trouble.advice}`);
    return trouble.exit;
  }
  return {
    "index.html": { type: "text/html", text: readFileSync(pathOf("page.html"), "utf8") },
    "app.js": { type: "text/javascript", text: await pageProgram() },
    "jobs.json": { type: "application/json", text: JSON.stringify(jobs) },
  };
}

/** Serves until the signal is aborted; the exit code. */
export async function serveFlash(files: string[], options: WebOptions, signal: AbortSignal): Promise<number> {
  const webPort = webPortOf(options["web-port"] ?? 0);
  const pages = await flashPages(files, options);
  if (typeof pages === "number") return pages;
  const token = secretName();
  const server = serve(pages, token);
  const url = `http://127.0.0.1:${await listenOn(server, webPort)}/${token}/`;
  console.log(`open ${kleur.cyan(url)} in Chrome, Edge or Opera; Ctrl-C ends`);
  options.onUrl?.(url);
  await new Promise<void>((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
  await closeNow(server);
  return 0;
}
