/** Says in people's words what a JSON Schema validator found, one sentence a mistake. */
import type { ErrorObject } from "ajv/dist/2020.js";
import type { Report } from "./report.ts";
import { PLANNED, type Schema } from "./schema-base.ts";
import { SECRET_PATHS } from "./secrets.ts";
import { didYouMean, isObject, kind, list, nearest, pathText, pointerSegments, quote, type Segment } from "./words.ts";

interface Finding {
  keyword: string;
  path: Segment[];
  value: unknown;
  params: Record<string, unknown>;
  schema: Schema;
}

/** What to say: message and suggestion. */
type Sentence = [message: string, suggestion?: string | undefined];

/** Reports what a validator found in `board`, which is the board before secrets are put in. */
export function explain(errors: readonly ErrorObject[], board: unknown, report: Report): void {
  const findings = errors.map((error): Finding => ({
    keyword: error.keyword,
    path: pathOf(error, board),
    value: error.data,
    params: error.params as Record<string, unknown>,
    schema: isObject(error.parentSchema) ? error.parentSchema : {},
  }));
  const typos = new Map<string, string[]>();
  for (const finding of findings) {
    if (finding.keyword !== "additionalProperties" && finding.keyword !== "unevaluatedProperties") continue;
    const near = nearest(String(finding.path[finding.path.length - 1]), knownKeys(finding));
    const parent = pathText(finding.path.slice(0, -1));
    if (near !== undefined) typos.set(parent, [...typos.get(parent) ?? [], near]);
  }
  for (const finding of findings) {
    if (!superfluous(finding, findings, typos)) report.error(finding.path, ...sentence(finding));
  }
}

/** The path that a finding is about: of the key that is unknown or missing, else of the value. */
function pathOf(error: ErrorObject, board: unknown): Segment[] {
  const path = pointerSegments(error.instancePath, board);
  const params = error.params as Record<string, unknown>;
  const key = params["additionalProperty"] ?? params["unevaluatedProperty"]
    ?? (error.keyword === "required" ? params["missingProperty"] : undefined);
  // A key that is not of the form that keys have here.
  if (error.propertyName !== undefined) return [...path, error.propertyName];
  return typeof key === "string" ? [...path, key] : path;
}

/** True for what only repeats another finding. */
function superfluous(finding: Finding, all: Finding[], typos: Map<string, string[]>): boolean {
  const { keyword, path } = finding;
  if (keyword === "if" || keyword === "propertyNames") return true;
  // A missing key that was mistyped: the typo is reported.
  const last = String(path[path.length - 1]);
  if (keyword === "required" && typos.get(pathText(path.slice(0, -1)))?.includes(last)) return true;
  // A secret where none may be is reported as that.
  if (typeof finding.value === "string" && finding.value.includes("${")
    && !SECRET_PATHS.includes(pathText(path))) return true;
  // The URL is judged by a rule that can say more.
  if (pathText(path) === "mqtt.url" && keyword === "pattern") return true;
  // That none of several shapes fits is worth telling only when nothing below is.
  if (keyword === "oneOf" || keyword === "anyOf") {
    return all.some((other) => other !== finding && path.every((segment, i) => other.path[i] === segment)
      && other.keyword !== "oneOf" && other.keyword !== "anyOf");
  }
  // Of a value of the wrong type no more is told than that.
  return keyword !== "type" && all.some((other) => other.keyword === "type" && pathText(other.path) === pathText(path));
}

function knownKeys(finding: Finding): string[] {
  const properties = finding.schema["properties"];
  if (isObject(properties)) return Object.keys(properties).filter((key) => key !== "$schema");
  return pathText(finding.path.slice(0, -1)) === "buses" ? ["i2c1", "onewire1"] : [];
}

function sentence(finding: Finding): Sentence {
  switch (finding.keyword) {
    case "additionalProperties":
    case "unevaluatedProperties": return unknownKey(finding);
    case "required": return missingKey(finding);
    case "enum": return notInList(finding);
    case "type": return wrongType(finding);
    case "pattern": return [quoted(finding, "is not valid"), hint(finding)];
    default: return limit(finding);
  }
}

function unknownKey(finding: Finding): Sentence {
  const key = String(finding.path[finding.path.length - 1]);
  const parent = finding.path.slice(0, -1);
  const place = parent[0] === "sensors" && parent.length === 2 ? "sensors" : pathText(parent);
  const planned = PLANNED[place]?.find((name) => name.toLowerCase() === key.toLowerCase());
  if (planned !== undefined) return [`"${planned}" is not supported yet`, "remove it"];
  const known = knownKeys(finding);
  if (place === "buses") {
    return [`${quote(key)} does not say what kind of bus it is`, "name it i2c1, i2c2, ... or onewire1, onewire2, ..."];
  }
  if (place === "sensors" && key === "bus" && known.includes("pin")) {
    return ["an analog sensor is on a pin, not on a bus", "write \"pin\""];
  }
  if (place === "sensors" && key === "pin" && known.includes("bus")) {
    return ["this sensor is on a bus", "declare the pins in \"buses\" and name the bus here: \"bus\""];
  }
  if (isFilter(parent)) return [`there is no filter ${quote(key)}`, didYouMean(key, known, "there are")];
  return [`there is no key ${quote(key)} here`, didYouMean(key, known, "there are")];
}

/** True for the path of one filter: sensors[0].filters.temperature[0]. */
function isFilter(path: Segment[]): boolean {
  return path.length === 5 && path[0] === "sensors" && path[2] === "filters";
}

function missingKey(finding: Finding): Sentence {
  const key = String(finding.path[finding.path.length - 1]);
  const properties = finding.schema["properties"];
  const schema = isObject(properties) ? properties[key] : undefined;
  const examples = isObject(schema) && Array.isArray(schema["examples"]) ? schema["examples"] : [];
  return [`"${key}" is missing`, examples.length > 0 ? `for example "${key}": ${quote(examples[0])}` : undefined];
}

/** Nouns for lists of names, by the key that they are the value of. */
const NOUNS: Record<string, string> = { driver: "driver", hardware: "hardware", target: "target" };

function notInList(finding: Finding): Sentence {
  const allowed = (finding.params["allowedValues"] as unknown[] ?? []).filter((value) => value !== null);
  const key = String(finding.path[finding.path.length - 1]);
  const { value } = finding;
  const words = allowed.map((item) => typeof item === "string" ? item : JSON.stringify(item));
  const suggestion = didYouMean(String(value), words) ?? undefined;
  if (key === "address") {
    return [`the part cannot have the address ${quote(value)}: it can have ${list(words)}`,
      nearAddress(String(value), words)];
  }
  const noun = NOUNS[key];
  if (noun !== undefined) return [`there is no ${noun} ${quote(value)}`, suggestion];
  if (typeof value === "number") {
    // The nearest by its value, not by its digits.
    const off = (item: unknown): number => Math.abs(Number(item) - value);
    const near = allowed.filter((item) => typeof item === "number").toSorted((a, b) => off(a) - off(b))[0];
    return [`${value} is not one of ${list(words)}`, near === undefined ? undefined : `did you mean ${near}?`];
  }
  return [`${quote(value)} is not one of ${list(words)}`, nearest(String(value), words) ? suggestion : undefined];
}

function nearAddress(value: string, addresses: string[]): string | undefined {
  const near = addresses.find((address) => Number(address) === Number(value)) ?? nearest(value, addresses);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

const TYPES: Record<string, string> = {
  string: "text in double quotes", number: "a number", integer: "a whole number", boolean: "true or false",
  object: "an object { }", array: "a list [ ]", null: "null",
};

function wrongType(finding: Finding): Sentence {
  const type = finding.params["type"];
  const wanted = (Array.isArray(type) ? type : [type]).map((name) => TYPES[String(name)] ?? String(name)).join(" or ");
  const { value } = finding;
  const number = typeof value === "number" && wanted === TYPES["integer"] ? `${value}` : kind(value);
  return [`this has to be ${wanted}, not ${number}`, hint(finding)];
}

/** What the schema says of values that do not fit. */
function hint(finding: Finding): string | undefined {
  const { schema } = finding;
  if (typeof schema["patternErrorMessage"] === "string") return schema["patternErrorMessage"];
  const examples = schema["examples"];
  if (Array.isArray(examples) && examples.length > 0) return `for example ${quote(examples[0])}`;
  return typeof schema["pattern"] === "string" ? `it has to match ${schema["pattern"]}` : undefined;
}

/** Quotes the value unless it may be a secret. */
function quoted(finding: Finding, end: string): string {
  return SECRET_PATHS.includes(pathText(finding.path)) ? `this ${end}` : `${quote(finding.value)} ${end}`;
}

/** The keys of an object as objects of their own. */
function apart(value: unknown): string {
  const text = Object.entries(value as object).map(([key, item]) => `{ ${JSON.stringify(key)}: ${quote(item)} }`).join(", ");
  return `each in an object of its own, in order: ${text.length > 200 ? `${text.slice(0, 197)}...` : text}`;
}

function limit(finding: Finding): Sentence {
  const { params, schema } = finding;
  const count = Number(params["limit"]);
  switch (finding.keyword) {
    case "minimum": return [quoted(finding, `is too small: the least is ${count}`)];
    case "maximum": return [quoted(finding, `is too large: the most is ${count}`)];
    case "exclusiveMinimum": return [quoted(finding, `has to be more than ${count}`)];
    case "exclusiveMaximum": return [quoted(finding, `has to be less than ${count}`)];
    case "multipleOf": return [quoted(finding, `has to be a multiple of ${String(params["multipleOf"])}`)];
    case "minLength":
      return [count === 1 ? "this must not be empty" : quoted(finding, `is too short: the least is ${count}`),
        hint(finding)];
    case "maxLength": return [quoted(finding, `is too long: the most is ${count}`)];
    case "minItems": return [count === 1 ? "the list is empty" : `the list needs at least ${count} entries`,
      hint(finding)];
    case "maxItems": return [`the list takes at most ${count} entries`];
    case "uniqueItems": return ["the list has an entry twice"];
    case "minProperties": return ["something is missing in this object", hint(finding)];
    case "maxProperties":
      if (isFilter(finding.path)) return ["this is more than one filter", `write ${apart(finding.value)}`];
      return [`this object takes at most ${count} keys`];
    case "const": return [quoted(finding, `has to be ${quote(params["allowedValue"])}`)];
    case "dependentRequired":
    case "dependencies":
      return [`"${String(params["property"])}" needs "${String(params["missingProperty"])}" beside it`];
    default: return [quoted(finding, "does not fit here"), hint(finding)
      ?? (typeof schema["description"] === "string" ? schema["description"] : undefined)];
  }
}
