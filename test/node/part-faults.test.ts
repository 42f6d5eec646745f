/**
 * Each fault of each part: what the node publishes, counts and reports meanwhile, and that it recovers. What is wanted
 * is in the rows of `test/node/ranges/`; that of common faults in `test/node/range/row.ts`.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadPart } from "../../simulator/machine.ts";
import { BUS_FAULTS, COMMON_FAULTS } from "../../simulator/part-faults.ts";
import { runsOn } from "../engines.ts";
import { engines, type EngineChoice } from "./range/engines.ts";
import { outcomeOf, tryFaults, type Findings } from "./range/fault.ts";
import { plan, type Placed } from "./range/pack.ts";

const plans = await plan("patient");

/** The faults that a sensor can have, its bus's included. */
const faultsOf = async ({ driver, bus }: Placed): Promise<string[]> => {
  const part = await loadPart(driver);
  return Object.keys({ ...COMMON_FAULTS[part.bus], ...part.faults, ...(bus === undefined ? {} : BUS_FAULTS["i2c"]) });
};

const all = new Map<string, string[]>();
for (const placed of plans.flatMap(({ sensors }) => sensors)) all.set(placed.id, await faultsOf(placed));

for (const placed of plans.flatMap(({ sensors }) => sensors)) {
  test(`the row of ${placed.driver} says what becomes of each fault that the part can have, and of no other`, () => {
    const possible = all.get(placed.id)!;
    assert.equal(possible.filter((fault) => outcomeOf(placed, fault) === undefined), []);
    assert.equal(Object.keys(placed.row.faults).filter((fault) => !possible.includes(fault)), []);
  });
}

const describe = ({ reasons, publishes }: NonNullable<ReturnType<typeof outcomeOf>>): string =>
  `${reasons.length > 0 ? `reports ${reasons.join(" or ")}` : "notices nothing"}, publishes ${
    publishes === "true" ? "what is true" : publishes === "drifting" ? "the drift" : publishes === "old" ? "what is old"
      : publishes}`;

/**
 * The faults of a plan that an engine tries. The two versions of Lua share them, each node runs on both: a fault takes
 * as long there as ten of them on V8. ALL_FAULTS has both try all.
 */
const shareOf = ({ lua }: EngineChoice, faults: string[], turn: number): string[] =>
  faults.filter((_, at) => lua === undefined || process.env["ALL_FAULTS"] !== undefined
    || (at + turn) % 2 === (lua === "5.1" ? 0 : 1));

// On the real interpreter where REAL_FAULTS is set: it takes some 10 minutes, on a machine that has nothing else to do,
// as the parts wait for nobody.
for (const engine of engines(process.env["REAL_FAULTS"] === undefined ? "node/part-faults" : undefined)) {
  for (const [turn, each] of plans.filter(({ leftOut }) => runsOn(engine.name, leftOut)).entries()) {
    const faults = shareOf(engine, [...new Set(each.sensors.flatMap(({ id }) => all.get(id)!))], turn);
    let tried: Promise<Findings> | undefined;
    for (const placed of each.sensors) {
      for (const fault of all.get(placed.id)!.filter((possible) => faults.includes(possible))) {
        const outcome = outcomeOf(placed, fault);
        if (!outcome) continue;
        test(`${engine.name}: ${placed.driver}, ${fault}: ${describe(outcome)}, and recovers`, async () => {
          const findings = await (tried ??= tryFaults(engine, each, faults));
          assert.equal(findings.get(fault)!.get(placed.id) ?? [], []);
        });
      }
    }
  }
}

test.run();
