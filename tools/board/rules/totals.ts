/** Rules of totals: where in flash they are, and how long that lasts (lib/totals/totals.ts). */
import type { Draft } from "../draft.ts";
import type { Report } from "../report.ts";
import type { Hardware, TotalsPlan } from "../types.ts";
import { FILE_WRITE_BYTES, FREE_SHARE } from "./wear.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Pages that are written in turn. */
export const TOTALS_PAGES = 2;
/** Years below which a warning is due, as for the store. */
const FEW_YEARS = 5;

/** Places in `sensors` of those that keep a total. */
const keepers = (draft: Draft): number[] =>
  draft.sensors.flatMap(({ meta }, i) => meta?.total ? [i] : []);

/** Bytes of a record: see lib/totals/totals.ts. */
const recordBytes = (count: number): number => Math.ceil((8 + 6 * count) / 4) * 4;

/** The pages of flash that the store of messages may have: totals are behind them. */
export function storePages(draft: Draft, free: NonNullable<Hardware["flash"]["store"]>): number {
  return free.pages - (keepers(draft).length > 0 ? TOTALS_PAGES : 0);
}

/** Where the totals of a board are; undefined where it has none, or no flash for them. */
export function totalsPlan(draft: Draft): TotalsPlan | undefined {
  const free = draft.hardware?.flash.store;
  const kept = keepers(draft);
  if (kept.length === 0 || !free || free.pages < TOTALS_PAGES) return undefined;
  const saveMs = draft.saveTotalsMs ?? 0;
  const records = Math.floor(free.pageBytes / recordBytes(kept.length));
  return {
    address: Number(free.address) + (free.pages - TOTALS_PAGES) * free.pageBytes,
    pageBytes: free.pageBytes,
    saveMs,
    sensors: kept.map((i) => draft.sensors[i]!.id ?? ""),
    years: (free.fileSystemBytes === undefined ? TOTALS_PAGES * records * free.erases
      : free.erases * free.fileSystemBytes * FREE_SHARE / FILE_WRITE_BYTES) * saveMs / DAY_MS / 365,
  };
}

/** Reports totals that cannot be kept, or that wear out the flash. */
export function checkTotals(draft: Draft, report: Report): void {
  const [first] = keepers(draft);
  const { hardware, saveTotalsMs } = draft;
  if (saveTotalsMs !== undefined && saveTotalsMs < 1000) {
    report.error(["saveTotals"], "the least time between two saves is one second", "for example \"10m\"");
    return;
  }
  if (first === undefined || hardware === undefined) return;
  const plan = totalsPlan(draft);
  if (plan === undefined) {
    report.error(["sensors", first], `Motelet knows no flash of ${hardware.name} that is free on ${draft.target}, which `
      + "the total would outlive a restart in", "use other hardware");
  } else if (plan.years < FEW_YEARS) {
    report.warning(["saveTotals"], `the flash may be worn after ${Math.floor(plan.years * 12)} months`, "save less often");
  }
}
