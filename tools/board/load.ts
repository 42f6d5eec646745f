/** Loads a board file: reads, checks by schema and by rules, puts secrets in, and gives the board or every mistake. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { DriverMeta } from "../../lib/drivers/types.ts";
import { type Draft, draftOf } from "./draft.ts";
import { loadDrivers } from "./drivers.ts";
import { explain } from "./explain.ts";
import { loadHardware } from "./hardware.ts";
import { Report } from "./report.ts";
import { checkFilters } from "./rules/filters.ts";
import { checkMemory, checkPackets } from "./rules/memory.ts";
import { checkLink, parseUrl } from "./rules/link.ts";
import { checkMqtt, checkWifi } from "./rules/mqtt.ts";
import { checkModules, checkNodemcu, checkPorts } from "./rules/nodemcu.ts";
import { checkPins, checkSensorBuses } from "./rules/pins.ts";
import { checkNode, checkSensors } from "./rules/sensors.ts";
import { checkStore, storePlan } from "./rules/store.ts";
import { checkTotals, totalsPlan } from "./rules/totals.ts";
import { boardSchema } from "./schema.ts";
import { givenSecrets, missingProblems, openSecrets, substitute } from "./secrets.ts";
import { locateIn, readLayers } from "./source.ts";
import type { Board, Hardware, Problem, StorePlan } from "./types.ts";
import { pathText } from "./words.ts";

export interface LoadOptions {
  /**
   * "simulated": secrets that are set nowhere are filled with `simulated-<name>`. An object: these are the secrets, and
   * neither environment nor secrets.json is read.
   */
  secrets?: "simulated" | Record<string, string>;
}

export interface LoadResult {
  /** Only when there is no error. */
  board?: Board;
  /** All mistakes at once, in the order of the file. A missing secret is an error, too. */
  problems: Problem[];
  /** Names of secrets that are set nowhere. */
  missingSecrets: string[];
  /** Those of `problems` that are about a missing secret, for callers that can do without. */
  missing: Problem[];
  /** Names of secrets that were filled with `simulated-<name>`. */
  simulatedSecrets: string[];
  /** Of a board with a store that can be. */
  store?: StorePlan;
}

/** Loads a board file. Bad input ends in `problems`; it does not throw. */
export async function loadBoard(file: string, options: LoadOptions = {}): Promise<LoadResult> {
  const [drivers, hardware, source] = [await loadDrivers(), loadHardware(), await readLayers(file)];
  const result: LoadResult = { problems: source.problems, missingSecrets: [], missing: [], simulatedSecrets: [] };
  const path = source.layers[0]!.file;
  const store = typeof options.secrets === "object" ? givenSecrets(options.secrets) : await openSecrets(path);
  if (source.problems.length > 0) {
    result.problems.push(...store.problems);
    return result;
  }
  const report = new Report((at) => locateIn(source.layers, at));
  const validate = validator(drivers, hardware);
  if (!validate(source.value)) explain(validate.errors ?? [], source.value, report);

  const filled = substitute(source.value, store, options.secrets === "simulated", report);
  const unknown = new Set([...filled.missing.values()].flat().map(pathText));
  const draft = draftOf(filled.value, drivers, hardware, report);
  const tls = checkRules(draft, report, (at) => !unknown.has(at) && !filled.standIns.has(at));
  Object.assign(result, storeOf(draft));

  result.missing = missingProblems(filled.missing, store, report);
  result.missingSecrets = [...filled.missing.keys()].sort();
  result.simulatedSecrets = filled.simulated;
  result.problems = [...inOrder(report.problems, source.layers.map(({ shown }) => shown)), ...store.problems];
  if (hasNoError(result)) {
    const board = boardOf(path, draft, tls);
    if (board.nodemcu?.modules) {
      // By what the compiler finds: no list of ours is right for ever.
      const { neededModules } = await import("../build/lua/needs.ts");
      const needs = new Report((at) => locateIn(source.layers, at));
      checkModules(board.nodemcu.modules, neededModules(board, Object.fromEntries(drivers)), needs);
      result.problems.push(...needs.problems);
    }
    if (hasNoError(result)) result.board = board;
  }
  return result;
}

const hasNoError = ({ problems }: LoadResult): boolean => !problems.some(({ severity }) => severity === "error");

function checkRules(draft: Draft, report: Report, known: (path: string) => boolean): Board["mqtt"]["tls"] {
  checkNode(draft, report);
  checkNodemcu(draft, report);
  checkWifi(draft, report, known);
  const tls = checkLink(draft, report, known);
  checkMqtt(draft, report);
  checkPins(draft, report);
  checkSensorBuses(draft, report);
  checkSensors(draft, report);
  checkFilters(draft, report);
  checkPackets(draft, report);
  checkMemory(draft, report);
  checkStore(draft, report);
  checkTotals(draft, report);
  checkPorts(draft, report);
  return tls;
}

let compiled: ValidateFunction | undefined;

function validator(drivers: Map<string, DriverMeta>, hardware: Map<string, Hardware>): ValidateFunction {
  if (compiled === undefined) {
    const ajv = new Ajv2020({ allErrors: true, verbose: true, strictTypes: false, strictRequired: false });
    // Keywords for editors, which say nothing of validity.
    ajv.addVocabulary(["patternErrorMessage", "errorMessage", "markdownDescription", "defaultSnippets"]);
    compiled = ajv.compile(boardSchema(drivers, hardware));
  }
  return compiled;
}

/** By file, then by place in the file. */
function inOrder(problems: Problem[], files: string[]): Problem[] {
  return problems.toSorted((a, b) => files.indexOf(a.file) - files.indexOf(b.file)
    || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

function storeOf(draft: Draft): { store?: StorePlan } {
  const plan = storePlan(draft);
  return plan === undefined || "problem" in plan ? {} : { store: plan };
}

/** The board of a draft in which no mistake was found. */
function boardOf(file: string, draft: Draft, tls: Board["mqtt"]["tls"]): Board {
  const { mqtt } = draft;
  const url = parseUrl(mqtt.url!);
  if ("problem" in url) throw new Error(`unreachable: ${url.problem}`);
  const totals = totalsPlan(draft);
  return {
    file,
    name: draft.name!,
    target: draft.target as Board["target"],
    hardware: draft.hardware!,
    ...(draft.nodemcu === undefined ? {} : { nodemcu: draft.nodemcu }),
    wifi: { ssid: draft.wifi.ssid!, password: draft.wifi.password },
    mqtt: {
      ...url,
      ...(tls === undefined ? {} : { tls }),
      clientId: mqtt.clientId!,
      ...(mqtt.username === undefined ? {} : { username: mqtt.username }),
      ...(mqtt.password === undefined ? {} : { password: mqtt.password }),
      keepAliveSeconds: mqtt.keepAliveMs! / 1000,
      cleanSession: mqtt.cleanSession,
      ...(mqtt.will === undefined ? {} : { will: mqtt.will }),
      ...(mqtt.birth === undefined ? {} : { birth: mqtt.birth }),
      inflight: mqtt.inflight,
      offline: { ...mqtt.offline, maxAgeMs: mqtt.offline.maxAgeMs! },
      ...storeOf(draft),
    },
    buses: draft.buses,
    sensors: draft.sensors.map(({ id, driver, bus, pins, address, intervalMs, publish, options, filters }) => ({
      id: id!,
      driver,
      ...(bus === undefined ? {} : { bus }),
      ...(Object.keys(pins).length === 0 ? {} : { pins }),
      ...(address === undefined ? {} : { address }),
      intervalMs: intervalMs!,
      publish,
      options,
      ...(Object.keys(filters).length === 0 ? {} : { filters }),
    })),
    ...(totals === undefined ? {} : { totals }),
    diagnosticsIntervalMs: draft.diagnosticsMs!,
    watchdogMs: draft.watchdogMs!,
    ...(draft.flash === undefined ? {} : { flash: draft.flash }),
  };
}
