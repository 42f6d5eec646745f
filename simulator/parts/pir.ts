/**
 * A PIR motion sensor by the HC-SR501's data sheet: OUT is driven high while there is motion and for the time that the
 * potentiometer sets, low otherwise. The signal is what OUT shows: 1 for motion. With the option `on` "low" its output
 * goes by an inverting transistor.
 */
import type { PartDefinition, PinPart } from "../types.ts";

export const part: PartDefinition = {
  title: "PIR motion sensor",
  bus: "pins",
  signals: () => [{ name: "motion", unit: "", mean: 0, swing: 0, min: 0, max: 1 }],
  faults: {},
  create: (context): PinPart => ({
    attach(wires) {
      const out = wires["pin"]!;
      const show = (): void => out.drive(context.signal("motion") >= 0.5 === (context.options.on !== "low") ? 1 : 0);
      context.onSignal("motion", show);
      show();
    },
  }),
};
