/** `motelet flash`: boards one after the other, each built, brought onto its board, confirmed. */
import kleur from "kleur";
import { relative } from "node:path";
import { printProblems } from "../board/report.ts";
import type { Problem } from "../board/types.ts";
import { stopSignal } from "../stop-signal.ts";
import { bringImages, readImages } from "./chip.ts";
import { ConfigError, settingsOf, type FlashSettings } from "./config.ts";
import { espruinoJob, nodemcuJob } from "./jobs.ts";
import { withLfsImage } from "./lfs.ts";
import { openPort } from "./open.ts";
import { choosePort, listPorts } from "./ports.ts";
import { programOf, type Program } from "./program.ts";
import { humanReport, jsonReport, type Report } from "./progress.ts";
import { hex8 } from "./protocol/bytes.ts";
import { flashEspruino } from "./protocol/espruino.ts";
import { Failure } from "./protocol/failure.ts";
import { flashNodemcu } from "./protocol/nodemcu.ts";
import type { Transport } from "./protocol/transport.ts";

/** As the command line gives them. */
export interface FlashCommandOptions {
  port?: string | string[];
  baud?: string | number;
  config?: string;
  out?: string;
  image?: boolean;
  lfs?: string;
  luac?: string;
  images?: string;
  erase?: boolean;
  "dry-run"?: boolean;
  json?: boolean;
  watch?: boolean;
  web?: boolean;
  "web-port"?: string | number;
}

interface Plan {
  file: string;
  port: string | undefined;
  options: FlashCommandOptions;
  taken: Set<string>;
  signal: AbortSignal;
}

/** The exit codes are those of failures-table.ts: that of the first board that failed, 0 when all have succeeded. */
export async function flash(files: string[], options: FlashCommandOptions): Promise<number> {
  const ports = [options.port ?? []].flat().map(String);
  if (ports.length > 1 && ports.length !== files.length) {
    throw new Error(`there are ${files.length} boards and ${ports.length} ports: give --port once for each board, in their order`);
  }
  if (options.baud !== undefined && !(Number(options.baud) >= 1200)) {
    throw new Error(`--baud takes bits a second such as 115200, not "${options.baud}"`);
  }
  const interrupt = stopSignal();
  try {
    if (options.web) return await (await import("./web/server.ts")).serveFlash(files, options, interrupt.signal);
    const taken = new Set<string>();
    let exit = 0;
    for (const [at, file] of files.entries()) {
      const code = await flashOne({ file, port: ports[at] ?? ports[0], options, taken, signal: interrupt.signal });
      exit ||= code;
      if (interrupt.signal.aborted) break;
    }
    if (!options.watch || exit === 130) return exit;
    const { watchBoards } = await import("./watch.ts");
    await watchBoards(files, options.out ?? "dist", interrupt.signal, (file) => flashOne({
      file, port: ports[files.indexOf(file)] ?? ports[0], options: { ...options, image: false, erase: false },
      taken: new Set(), signal: interrupt.signal,
    }));
    return 0;
  } finally {
    interrupt.release();
  }
}

/** One board; its exit code. */
async function flashOne(plan: Plan): Promise<number> {
  const { file, options } = plan;
  const report = options.json ? jsonReport(relative(".", file) || file) : humanReport();
  try {
    const { program, problems } = await programOf(file, options.out ?? "dist");
    tellProblems(problems, options.json === true, report);
    if (program === undefined) {
      if (options.json) console.log(JSON.stringify({ board: file, type: "failed", exit: 1, code: "board-file", problems }));
      return 1;
    }
    await flashProgram(program, plan, report);
    return 0;
  } catch (error) {
    if (error instanceof ConfigError) {
      const { problems } = error;
      tellProblems(problems, options.json === true, report);
      if (options.json) console.log(JSON.stringify({ board: file, type: "failed", exit: 1, code: "config-file", problems }));
      return 1;
    }
    if (!(error instanceof Failure)) throw error;
    report.failed(error);
    return error.exit;
  }
}

function tellProblems(problems: Problem[], json: boolean, report: Report): void {
  if (json) return;
  if (problems.length > 0) report.line("");
  printProblems(problems);
}

async function flashProgram(built: Program, plan: Plan, report: Report): Promise<void> {
  const { options } = plan;
  const { board, manifest } = built;
  const { baud, config, luac } = options;
  const settings = await settingsOf(board, { port: plan.port, baud, config, luac });
  // Before any port is opened.
  const program = await withLfsImage(built, settings, options.lfs);
  const images = options.image ? await imagesOf(settings, options) : undefined;
  const port = settings.port === "auto" ? choosePort(await listPorts(), settings.match, plan.taken) : settings.port;
  plan.taken.add(port);
  const bytes = program.files.reduce((sum, file) => sum + file.bytes.length, 0);
  report.line(`${kleur.bold(manifest.name)}  ${bytes.toLocaleString("en-US")} bytes for ${board.hardware.title} on ${port}`);
  const transport = await openPort(port, settings.baud);
  try {
    if (images !== undefined) await bringInterpreter(transport, settings, images, { ...plan, port }, report);
    await bringProgram(transport, program, settings, { ...plan, port }, report);
  } finally {
    await transport.close();
  }
}

async function imagesOf(settings: FlashSettings, options: FlashCommandOptions): ReturnType<typeof readImages> {
  const { image, folder } = settings;
  if (image === undefined) {
    throw new Failure("no-image", {});
  }
  return readImages(image, options.images ?? folder);
}

async function bringInterpreter(
  transport: Transport, settings: FlashSettings, images: Awaited<ReturnType<typeof readImages>>, plan: Plan,
  report: Report,
): Promise<void> {
  if (plan.options["dry-run"]) {
    report.line(`  would write ${images.map(({ file, offset }) => `${file} at 0x${offset.toString(16)}`).join(", ")}`);
    return;
  }
  const chip = await bringImages({
    transport, config: settings.image!, images, signal: plan.signal,
    onProgress: (progress) => report.progress(progress),
    usb: (await listPorts().catch(() => [])).find(({ path }) => path === plan.port) ?? {},
  });
  report.line(`  ${chip}: ${images.length} images written, and their MD5 confirmed by the chip`);
}

async function bringProgram(
  transport: Transport, program: Program, settings: FlashSettings, plan: Plan, report: Report,
): Promise<void> {
  const { options, port, signal } = plan;
  const surroundings = {
    port: port!, limits: settings.limits, signal, onProgress: report.progress.bind(report),
  };
  const dryRun = options["dry-run"] === true;
  const how = { banner: `motelet ${program.manifest.name}`, dryRun, erase: options.erase === true };
  const isLua = settings.nodemcu !== undefined;
  const result = isLua ? await flashNodemcu(transport, { ...how, ...nodemcuJob(program, settings) }, surroundings)
    : await flashEspruino(transport, { ...how, ...espruinoJob(program, settings) }, surroundings);
  const { board: chip, ...details } = result;
  const seconds = (details.ms / 1000).toFixed(1);
  const sum = "crc32" in details ? `its checksum ${hex8(details.crc32)}` : "the checksums of its files";
  report.done(dryRun ? `would write ${isLua ? "slot " : ""}${details.file}; nothing was changed`
    : `done in ${seconds} s: the node runs, and the chip has confirmed ${sum}`
      + (details.previous ? "; its previous firmware is kept" : ""),
  { dryRun, port, chip, ...details });
}
