/** The watchdog of a chip whose interpreter is a process. */
import type { ChipControl } from "../port.ts";
import type { EngineOptions } from "../types.ts";

/** `alive`: the interpreter asked for something; `life` holds what is due, so that its end can cancel it. */
export function watchdogOf(
  life: { watchdog: number | undefined }, clock: EngineOptions["clock"], bite: () => void,
): ChipControl["watchdog"] & { alive(): void } {
  let seconds = 0;
  let auto = true;
  let due = 0;
  const look = (): void => {
    const left = due - clock.now();
    if (left <= 0) bite();
    else life.watchdog = clock.after(left, look);
  };
  const kick = (): void => {
    due = clock.now() + seconds * 1000;
  };
  return {
    enable(newSeconds, isAuto) {
      seconds = newSeconds;
      auto = isAuto;
      kick();
      if (life.watchdog !== undefined) clock.cancel(life.watchdog);
      life.watchdog = clock.after(seconds * 1000, look);
    },
    kick,
    // The interpreter's idle loop kicks the automatic one; it asks for events from there.
    alive() {
      if (auto) kick();
    },
  };
}
