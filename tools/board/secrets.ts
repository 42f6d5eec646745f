/**
 * Secrets: `${NAME}` in a board file stands for the value of NAME in the environment or in `secrets.json` beside the
 * board file. Only the keys of `SECRET_PATHS` may hold one, and no message ever quotes the value of such a key.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Report } from "./report.ts";
import { lineColumn, readSource, shownPath } from "./source.ts";
import type { Problem } from "./types.ts";
import { isObject, nearest, pathText, type Segment } from "./words.ts";

/** Where a secret may be used. */
export const SECRET_PATHS = ["wifi.ssid", "wifi.password", "mqtt.url", "mqtt.username", "mqtt.password", "mqtt.tls.ca",
  "mqtt.tls.cert", "mqtt.tls.key"];

/** Keys whose literal value in a board file is worth a warning. */
const PASSWORDS: Record<string, string> = { "wifi.password": "WIFI_PASSWORD", "mqtt.password": "MQTT_PASSWORD" };

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Where values of secrets are looked up; undefined where there is none. */
export interface SecretStore {
  find(name: string): string | undefined;
  /** Path of secrets.json, whether it is there or not, for messages. */
  file: string;
  /** Names in secrets.json, for "did you mean". */
  names: string[];
  problems: Problem[];
}

/** The environment, then `secrets.json` beside the board file. */
export async function openSecrets(boardFile: string): Promise<SecretStore> {
  const file = join(dirname(boardFile), "secrets.json");
  const store: SecretStore = { find: (name) => process.env[name], file: shownPath(file), names: [], problems: [] };
  if (!existsSync(file)) return store;
  const source = await readSource(file);
  store.problems.push(...source.problems);
  if (source.problems.length > 0) return store;
  if (!isObject(source.value)) {
    store.problems.push({
      file: source.shown, path: "", severity: "error", message: "secrets.json has to be an object of names and values",
      suggestion: "write { \"WIFI_SSID\": \"...\", \"WIFI_PASSWORD\": \"...\" }",
    });
    return store;
  }
  const values = source.value;
  for (const [i, name] of Object.keys(values).entries()) {
    if (typeof values[name] === "string") continue;
    store.problems.push({
      file: source.shown, path: pathText([name]), severity: "error", message: "the value of a secret has to be text",
      suggestion: "put it in double quotes", ...lineColumn(source.text, source.tree!.children![i]!.offset),
    });
  }
  store.names = Object.keys(values);
  store.find = (name) => {
    const own = Object.hasOwn(values, name) ? values[name] : undefined;
    return process.env[name] ?? (typeof own === "string" ? own : undefined);
  };
  return store;
}

/** A store of given values. */
export function givenSecrets(values: Record<string, string>): SecretStore {
  return {
    find: (name) => Object.hasOwn(values, name) ? values[name] : undefined,
    file: "secrets.json", names: Object.keys(values), problems: [],
  };
}

export interface Substituted {
  /** The board with the secrets in place; what is missing stays as `${NAME}`. */
  value: unknown;
  /** Missing names, each with the paths that use it. */
  missing: Map<string, Segment[][]>;
  /** Names that were filled by `simulated-<name>`. */
  simulated: string[];
  /** Paths of what was filled so and cannot be what it stands for: files of TLS. */
  standIns: Set<string>;
}

/** Puts the secrets in their places. `simulate` fills those that are missing with `simulated-<name in lower case>`. */
export function substitute(raw: unknown, store: SecretStore, simulate: boolean, report: Report): Substituted {
  const missing = new Map<string, Segment[][]>();
  const simulated = new Set<string>();
  const standIns = new Set<string>();
  const fill = (text: string, path: Segment[]): string => text.replaceAll(/\$\{([^}]*)\}/g, (whole, name: string) => {
    if (!NAME.test(name)) return whole;
    const value = store.find(name);
    if (value !== undefined) return value;
    if (!simulate) {
      missing.set(name, [...missing.get(name) ?? [], path]);
      return whole;
    }
    simulated.add(name);
    if (pathText(path).startsWith("mqtt.tls.")) standIns.add(pathText(path));
    const stand = `simulated-${name.toLowerCase()}`;
    // Where all of the URL is a secret its stand-in has to be a URL, too.
    return pathText(path) === "mqtt.url" && text === whole ? `mqtt://${stand}` : stand;
  });
  const walk = (value: unknown, path: Segment[]): unknown => {
    if (Array.isArray(value)) return value.map((item, i) => walk(item, [...path, i]));
    if (isObject(value)) {
      return Object.fromEntries(Object.entries(value)
        .map(([key, item]) => [key, walk(item, [...path, key])]));
    }
    if (typeof value !== "string") return value;
    return checkReference(value, path, report) ? fill(value, path) : value;
  };
  return { value: walk(raw, []), missing, simulated: [...simulated].sort(), standIns };
}

/** Reports what is wrong with the use of a secret; true when there is something to fill in. */
function checkReference(text: string, path: Segment[], report: Report): boolean {
  const where = pathText(path);
  const allowed = SECRET_PATHS.includes(where);
  if (!text.includes("${")) {
    const name = PASSWORDS[where];
    if (name !== undefined && text !== "") {
      report.warning(path, "a password is written in the board file, where it ends in version control",
        `write "\${${name}}" and put the value in the environment or in secrets.json`);
    }
    return false;
  }
  if (!allowed) {
    report.error(path, "a secret ${...} cannot be used here", `secrets may be used in ${SECRET_PATHS.join(", ")}`);
    return false;
  }
  if (text.replaceAll(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, "").includes("${")) {
    report.error(path, "this reference to a secret is malformed", "write ${NAME} with letters, digits and _");
  }
  return true;
}

/** Reports each missing secret once: what uses it and where to put it. Returns these problems. */
export function missingProblems(
  missing: Map<string, Segment[][]>, store: SecretStore, report: Report,
): Problem[] {
  return [...missing].map(([name, paths]) => {
    const near = nearest(name, store.names);
    const users = [...new Set(paths.map(pathText))];
    const also = users.length > 1 ? ` (used by ${users.join(", ")})` : "";
    const set = `set ${name} in the environment or in ${store.file}`;
    report.error(paths[0]!, `secret ${name} is not set${also}`,
      near === undefined ? set : `did you mean "${near}"? Else ${set}`);
    return report.problems[report.problems.length - 1]!;
  });
}
