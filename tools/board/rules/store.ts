/** Rules of the store: where in flash it is, whether it fits there, and how long the flash lasts (docs/store.md). */
import type { Draft } from "../draft.ts";
import type { Report } from "../report.ts";
import type { StorePlan } from "../types.ts";
import { largestReading, queueBytes, slotBytes } from "./memory.ts";
import { storePages } from "./totals.ts";
import { FILE_WRITE_BYTES, FREE_SHARE } from "./wear.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** The most that lib/mqtt/store.ts takes for an area, and messages among which it finds changes quickly. */
const LARGEST_AREA_BYTES = 65532;
const MOST_MESSAGES = 255;
/** Bytes before a record, and before each change in it. */
const RECORD_BYTES = 6;
const CHANGE_BYTES = 4;
/** The key that lib/mqtt keeps beside a packet that is in flight, and what beside a message that waits. */
const KEY_BYTES = 4;
const MODE_BYTES = 1;
/** The head of an area, and what stands behind each of the three lists: a record of one byte. */
const HEAD_BYTES = 12 + 3 * 12;
/** PUBREL with its id (MQTT 3.1.1, 3.6). */
const PUBREL_BYTES = 4;

const aligned = (bytes: number): number => Math.ceil(bytes / 4) * 4;
const record = (...changes: number[]): number =>
  aligned(RECORD_BYTES + changes.reduce((sum, bytes) => sum + CHANGE_BYTES + bytes, 0));

/** Bytes of an area when every buffer is full. */
export function mostAlive(draft: Draft): number {
  const { inflight, offline } = draft.mqtt;
  const queued = offline.messages * record(MODE_BYTES + 3) + offline.bytes;
  return HEAD_BYTES + inflight.messages * (record(KEY_BYTES) + record(inflight.bytes)) + queued;
}

interface Writes {
  bytes: number;
  records: number;
}

/**
 * What a day's readings write, each by way of the queue: what is sent at once writes less. Bytes of records, and how
 * many records; of a day, and of the message that writes most.
 */
function writesADay(draft: Draft): Writes & { most: Writes } {
  let sum = 0;
  let records = 0;
  const most = { bytes: 0, records: 0 };
  for (const sensor of draft.sensors) {
    if (sensor.publish.qos === 0 || sensor.intervalMs === undefined || sensor.intervalMs <= 0) continue;
    for (const message of largestReading(draft.name ?? "", sensor)) {
      const queued = record(MODE_BYTES + queueBytes(message));
      const moved = record(0, KEY_BYTES, slotBytes(message));
      const released = sensor.publish.qos === 2 ? record(KEY_BYTES, PUBREL_BYTES, 0, 0) : 0;
      const each = { bytes: queued + moved + released + record(0, 0), records: sensor.publish.qos === 2 ? 4 : 3 };
      sum += DAY_MS / sensor.intervalMs * each.bytes;
      records += DAY_MS / sensor.intervalMs * each.records;
      most.bytes = Math.max(most.bytes, each.bytes);
      most.records = Math.max(most.records, each.records);
    }
  }
  return { bytes: Math.ceil(sum), records: Math.ceil(records), most };
}

/** Where the store of a board is, or what is wrong with it; undefined without one. */
export function storePlan(draft: Draft): StorePlan | { problem: string; suggestion: string } | undefined {
  const { hardware, mqtt } = draft;
  if (!mqtt.store || hardware === undefined) return undefined;
  const free = hardware.flash.store;
  if (!free) {
    return {
      problem: `Motelet knows no flash of ${hardware.name} that is free on ${draft.target}`,
      suggestion: "remove \"store\"",
    };
  }
  if (Math.max(mqtt.inflight.messages, mqtt.offline.messages) > MOST_MESSAGES) {
    return {
      problem: `a store takes ${MOST_MESSAGES} messages at most`,
      suggestion: "lower mqtt.offline.messages, or remove \"store\"",
    };
  }
  // With room for twice what is alive at least half of what an area is erased for is new.
  const alive = mostAlive(draft);
  const pages = Math.ceil(2 * alive / free.pageBytes);
  const areaBytes = Math.min(pages * free.pageBytes, LARGEST_AREA_BYTES - LARGEST_AREA_BYTES % free.pageBytes);
  const freePages = storePages(draft, free);
  const areas = Math.floor(freePages * free.pageBytes / areaBytes);
  if (areaBytes < 2 * alive || areas < 2) {
    return {
      problem: `the buffers take ${alive} bytes of flash when they are full; the store needs four times that, and `
        + `${hardware.name} has ${freePages * free.pageBytes} bytes in pages of ${free.pageBytes}`,
      suggestion: "lower mqtt.offline.bytes, mqtt.inflight.messages or mqtt.inflight.bytes",
    };
  }
  const daily = writesADay(draft);
  const days = free.fileSystemBytes === undefined
    ? free.erases * areas * (areaBytes - alive) / Math.max(1, daily.bytes)
    : free.erases * free.fileSystemBytes * FREE_SHARE / Math.max(1, daily.records * FILE_WRITE_BYTES);
  return {
    address: Number(free.address), areaBytes, areas, years: days / 365, inFiles: free.fileSystemBytes !== undefined,
    bytesADay: free.fileSystemBytes === undefined ? daily.bytes : daily.records * FILE_WRITE_BYTES,
    writesAMessage: daily.most.records,
    bytesAMessage: free.fileSystemBytes === undefined ? daily.most.bytes : daily.most.records * FILE_WRITE_BYTES,
  };
}

/** Years below which a warning is due: a node is expected to work for longer. */
const FEW_YEARS = 5;

/** Reports a store that cannot be, that has nothing to do, or that wears out its flash. */
export function checkStore(draft: Draft, report: Report): void {
  const { mqtt } = draft;
  if (!mqtt.store || report.hasErrorIn(["mqtt"]) || report.hasErrorIn(["sensors"])) return;
  const path = ["mqtt", "store"];
  const plan = storePlan(draft);
  if (plan === undefined) return;
  if ("problem" in plan) {
    report.error(path, plan.problem, plan.suggestion);
  } else if (draft.sensors.every(({ publish }) => publish.qos === 0)) {
    report.warning(path, "there is nothing to store: all readings are sent at QoS 0",
      "set \"publish\": { \"qos\": 1 } of a sensor, or remove \"store\"");
  } else {
    if (mqtt.cleanSession) {
      report.warning(path, "with a clean session, what is in flight when the power fails is given up",
        "set \"cleanSession\": false");
    }
    if (plan.years < FEW_YEARS) {
      report.warning(path, `the flash may be worn after ${wornAfter(plan)}`, "send readings less often, or with QoS 0");
    }
  }
}

/** How long the flash lasts, for people. */
export function wornAfter({ years }: StorePlan): string {
  return years >= 100 ? "more than 100 years" : years >= 2 ? `${Math.floor(years)} years` : `${Math.floor(years * 12)} months`;
}
