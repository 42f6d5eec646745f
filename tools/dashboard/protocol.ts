/**
 * What the dashboard's server and its page say to each other. The server sends `News` as Server-Sent Events, first
 * everything that there is, then what is new; the page posts one `Command` at a time and gets an `Answer`. Both read
 * this file, so that it imports types alone.
 */
import type { SignalSource } from "../../simulator/types.ts";

/** How much of the past is kept, here and there: points of a series, packets, lines. */
export const MOST_POINTS = 400;
export const MOST_PACKETS = 400;
export const MOST_LINES = 300;

/** A point of a series: simulated ms, and the value. */
export type Point = [ms: number, value: number];

/** Names of series: of a quantity as it was published, of a signal of the world, of the node's own figures. */
export const published = (sensor: string, field: string): string => `published/${sensor}.${field}`;
export const inWorld = (signal: string): string => `world/${signal}`;
export const HEAP_FREE = "node/heap free";
export const HEAP_USED = "node/heap used";
export const RSSI = "node/rssi";

export interface SignalInfo { name: string; unit: string; min: number; max: number }
export interface FieldInfo { name: string; unit: string; decimals: number; topic: string }
export interface FaultInfo { name: string; text: string }

export interface SensorInfo {
  id: string;
  driver: string;
  /** "Bosch BME280" */
  title: string;
  /** "i2c1 0x76" */
  place: string;
  intervalMs: number;
  fields: FieldInfo[];
  /** Names with the sensor's id: "air.temperature". */
  signals: SignalInfo[];
  faults: FaultInfo[];
}

/** What does not change while the simulation runs. */
export interface BoardInfo {
  name: string;
  hardware: string;
  chip: string;
  target: string;
  engine: string;
  /** Undefined for an empty board, which is to be flashed. */
  firmware: { bytes: number; sha256: string } | undefined;
  motelet: string;
  /** How much faster than real time the clock runs. */
  speed: number;
  seed: number;
  broker: { shown: string; embedded: boolean };
  clientId: string;
  keepAliveSeconds: number;
  cleanSession: boolean;
  /** Messages survive a loss of power. */
  hasStore: boolean;
  /** Of the heap; `usedBytes` of live news is measured, or absent where the engine cannot tell. */
  heapBytes: number;
  sensors: SensorInfo[];
  buses: { name: string; faults: FaultInfo[] }[];
}

export interface NetworkState {
  latencyMs: number;
  jitterMs: number;
  fragmentBytes: number;
  dns: boolean;
  refuse: boolean;
  unanswered: boolean;
}

/** A message or subscription that the node has sent and that is not acknowledged. */
export interface InFlight {
  id: number;
  packet: string;
  topic: string;
  qos: number;
  bytes: number;
  sinceMs: number;
  sent: number;
  awaits: string;
}

export interface Connection {
  state: "off" | "no wifi" | "no broker" | "opening" | "connecting" | "connected" | "refused";
  sinceMs: number;
  /** Why it ended, or was refused, last. */
  reason: string;
  sessions: number;
  resumed: boolean;
}

export interface Counts {
  packetsOut: number;
  packetsIn: number;
  bytesOut: number;
  bytesIn: number;
  /** Messages with readings that arrived at the broker. */
  readings: number;
  resends: number;
}

export interface Signal { value: number; source: SignalSource }

/** What changes; each news has those members that did. */
export interface Live {
  nowMs: number;
  power: "on" | "off";
  bootMs: number;
  bootReason: string;
  boots: number;
  wifi: { state: "off" | "joined" | "lost"; detail: string };
  connection: Connection;
  availability: string;
  /** The last report of the node, as it was published. */
  diagnostics: Record<string, unknown> | undefined;
  diagnosticsMs: number;
  /** By name, what was last published: text as it was sent, and when. */
  readings: Record<string, { text: string; ms: number; count: number }>;
  world: Record<string, Signal>;
  network: NetworkState;
  accessPoint: boolean;
  brokerAnswers: boolean;
  /** CONNACK return code that every CONNECT is answered with; 0: none. */
  refusal: number;
  /** Faults that are on, by sensor or bus. */
  faults: Record<string, string[]>;
  inflight: InFlight[];
  heapUsed: number | undefined;
  counts: Counts;
}

export interface PacketLine {
  /** Counts from 1 over the whole run. */
  n: number;
  ms: number;
  direction: "out" | "in";
  packet: string;
  bytes: number;
  topic?: string;
  qos?: number;
  retain?: boolean;
  dup?: boolean;
  id?: number;
  code?: number;
  sessionPresent?: boolean;
  problem?: string;
  /** The bytes, or the first of them, as hex; a password in them is starred out. */
  hex: string;
  /** There is a password in it. */
  redacted?: boolean;
}

export interface Line {
  n: number;
  ms: number;
  kind: "boot" | "console" | "wifi" | "link" | "mqtt" | "broker" | "warning" | "message" | "you";
  text: string;
  isBad: boolean;
}

export interface News {
  /** With everything: the page forgets what it knew. */
  board?: BoardInfo;
  live: Partial<Live>;
  series: Record<string, Point[]>;
  packets: PacketLine[];
  lines: Line[];
}

/** How a connection is cut. */
export type Cut = "fin" | "rst" | "blackhole";

export type Command =
  /** A number, or a course: "sine(20,5,1h)", "default". */
  | { do: "set"; signal: string; to: number | string }
  | { do: "fault"; of: string; fault: string; on: boolean }
  | { do: "network"; faults: Partial<NetworkState> }
  | { do: "wifi"; up: boolean; reset?: boolean }
  | { do: "broker"; answers: boolean }
  | { do: "refuse"; code: number }
  | { do: "cut"; how: Cut; afterBytes?: number }
  | { do: "power"; to: "off" | "on" | "cycle"; how?: "reset" | "silent" }
  | { do: "fail flash"; afterBytes: number }
  | { do: "heal" };

export type Answer = { done: string } | { error: string };
