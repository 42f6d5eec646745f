/** Runs schedules one after the other, and makes a failure small. */
import type { Factory } from "./compile.ts";
import { INVARIANTS, type Violation } from "./invariants.ts";
import { draw, NO_FAULTS, simpler, type Schedule } from "./schedule.ts";
import { run } from "./world.ts";

/** The clients that schedules are run on. */
export interface Factories {
  normal: Factory;
  fewIds: Factory;
}

export interface Failure {
  schedule: Schedule;
  violation: Violation;
}

/** Runs a schedule; the failure, if there is one. */
export const attempt = (schedule: Schedule, factories: Factories): Failure | undefined => {
  const { violation } = run(schedule, schedule.fewIds ? factories.fewIds : factories.normal);
  return violation && { schedule, violation };
};

/** Takes away what the failure does not need, until nothing can go. */
export const shrink = (failure: Failure, factories: Factories): Failure => {
  for (const schedule of simpler(failure.schedule)) {
    const smaller = attempt(schedule, factories);
    if (smaller?.violation.name === failure.violation.name) return shrink(smaller, factories);
  }
  return failure;
};

/** Runs the schedules of `runs` seeds from `seed` on, as long as `goesOn`; the first failure, if there is one. */
export const explore = (
  factories: Factories, seed: number, runs: number, goesOn: () => boolean = () => true,
): { failure: Failure | undefined; runs: number } => {
  let done = 0;
  for (; done < runs && goesOn(); done++) {
    const failure = attempt(draw(seed + done), factories);
    if (failure) return { failure, runs: done + 1 };
  }
  return { failure: undefined, runs: done };
};

/** A failure for people: what was broken, how to see it again, and the smallest schedule that shows it. */
export const describe = (failure: Failure, factories: Factories): string => {
  const { schedule: { seed }, violation } = failure;
  const small = shrink(failure, factories);
  const { actions, faults, ...rest } = small.schedule;
  const faulty = Object.entries(faults).filter(([key, value]) =>
    JSON.stringify(value) !== JSON.stringify(NO_FAULTS[key as keyof typeof NO_FAULTS]));
  return [
    `${violation.name}: ${violation.what}`,
    `  must hold: ${INVARIANTS[violation.name]}`,
    `  to see it again: npm run fuzz -- --seed ${seed} --runs 1`,
    `  in short (${small.violation.what.split("\n")[0]}): ${JSON.stringify(rest)}`,
    ...actions.map((action) => `    ${JSON.stringify(action)}`),
    ...faulty.map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`),
  ].join("\n");
};
