/** Puts ranges together to boards: as many sensors on one as addresses and pins allow, which saves builds and time. */
import type { DriverMeta } from "../../../lib/drivers/types.ts";
import { loadDrivers } from "../../../tools/board/drivers.ts";
import { durationMs } from "../../../tools/board/duration.ts";
import { loadRows, type Range, type Row } from "./row.ts";
import type { LeftOutKey } from "../../engines.ts";

/** A range as a sensor of a board. */
export interface Placed {
  id: string;
  driver: string;
  meta: DriverMeta;
  row: Row;
  range: Range;
  intervalMs: number;
  /** How long it takes until it publishes anything; see `Range.warmUp`. */
  warmUpMs: number;
  /** See `Range.within`. */
  withinMs?: number;
  /** Its I2C bus. */
  bus?: string;
}

export interface Plan {
  /** See `Range.leftOut`. */
  leftOut: LeftOutKey | undefined;
  /** See `Range.pace`. */
  pace: number;
  sensors: Placed[];
  /** The board file. */
  board: Record<string, unknown> & { name: string };
}

const HARDWARE = {
  hardware: "esp32-devkit",
  wifi: { ssid: "${WIFI_SSID}", password: "${WIFI_PASSWORD}" },
  mqtt: { url: "mqtt://127.0.0.1:1883", will: null, birth: null },
};
const I2C: Record<string, object> = { i2c1: { sda: "D21", scl: "D22" }, i2c2: { sda: "D25", scl: "D26" } };
/** More than a node has in life; larger ones are slow on the real interpreter. */
const MOST_SENSORS = 10;
const INTERVAL = "5s";

class Draft {
  isTimed = false;
  leftOut: LeftOutKey | undefined;
  pace = 1;
  readonly sensors: Placed[] = [];
  readonly json: object[] = [];
  readonly buses: Record<string, object> = {};
  private isAlone = false;
  private readonly taken = new Set<string>();

  /** Adds a range if its place is free; pins are found by their form. */
  add(placed: Placed): boolean {
    const { range, meta, driver, id } = placed;
    if (this.sensors.length >= MOST_SENSORS || this.isAlone) return false;
    if (range.alone === true) {
      if (this.sensors.length > 0) return false;
      this.isAlone = true;
    }
    const own = [...JSON.stringify([range.sensor ?? {}, range.buses ?? {}]).matchAll(/"(D\d+|A\d+)"/g)].map((m) => m[1]!);
    const wanted = [...own, ...Object.keys(range.buses ?? {})];
    if (wanted.some((place) => this.taken.has(place))) return false;
    const json: Record<string, unknown> = { driver, id, interval: range.interval ?? INTERVAL, ...range.sensor };
    if (meta.bus === "i2c") {
      const address = range.sensor?.["address"] as string | undefined ?? meta.addresses![0];
      const bus = Object.keys(I2C).find((name) => !this.taken.has(`${name} ${Number(address)}`));
      if (bus === undefined) return false;
      wanted.push(`${bus} ${Number(address)}`);
      this.buses[bus] = I2C[bus]!;
      json["bus"] = placed.bus = bus;
    }
    for (const place of wanted) this.taken.add(place);
    Object.assign(this.buses, range.buses);
    this.sensors.push(placed);
    this.json.push(json);
    return true;
  }
}

/** Buses on which the part waits for the chip. What times the chip itself gets boards of its own: few parts on each. */
const PATIENT_BUSES = ["i2c", "onewire", "adc"];

/** The boards for these ranges of the rows: "all", or the one "patient" of each row. */
export const plan = async (which: "all" | "patient"): Promise<Plan[]> => {
  const drivers = await loadDrivers();
  const drafts: Draft[] = [];
  for (const [driver, row] of await loadRows()) {
    const meta = drivers.get(driver);
    if (!meta) throw new Error(`test/node/ranges/${driver}.ts: there is no driver "${driver}"`);
    for (const [i, range] of (which === "all" ? row.ranges : [row.patient ?? row.ranges[0]!]).entries()) {
      const intervalMs = durationMs(range.interval ?? INTERVAL)!;
      const warmUpMs = durationMs(range.warmUp ?? "0s")!;
      const placed = {
        id: `${driver}-${i}`, driver, meta, row, range, intervalMs, warmUpMs,
        ...(range.within === undefined ? {} : { withinMs: durationMs(range.within)! }),
      };
      const isTimed = !PATIENT_BUSES.includes(meta.bus);
      const { leftOut, pace = 1 } = range;
      const isAlike = (draft: Draft): boolean =>
        draft.isTimed === isTimed && draft.leftOut === leftOut && draft.pace === pace;
      if (!drafts.some((draft) => isAlike(draft) && draft.add(placed))) {
        const draft = new Draft();
        Object.assign(draft, { isTimed, leftOut, pace });
        if (!draft.add(placed)) throw new Error(`test/node/ranges/${driver}.ts: it fits no board`);
        drafts.push(draft);
      }
    }
  }
  return drafts.map(({ sensors, json, buses, leftOut, pace }, i) => (
    { sensors, leftOut, pace, board: { name: `range${i}`, ...HARDWARE, buses, sensors: json } }));
};
