/**
 * HC-SR04, by the user guide of ElecFreaks: "Module working principle" (a high level of at least 10 us on Trig; eight
 * pulses of 40 kHz; Echo high from their end until the sound comes back), "Electric parameter" (2 cm to 4 m), "Timing
 * diagram"; where nothing comes back Echo falls after 38 ms. The sound is as fast as the sensor's option
 * `airTemperature` says: the air that the simulated sound goes through has that temperature.
 */
import type { Level, PartContext, PartDefinition, PinPart, Wire } from "../types.ts";

const TRIGGER_MS = 0.01;
const BURST_MS = 8 / 40;
const NOTHING_MS = 38;
/** Its controller looks every so often. */
const STEP_MS = 0.001;
const ZERO_C_KELVIN = 273.15;

/** Speed of sound in dry air, cm/ms. */
function speed(celsius: number): number {
  return 33.13 * Math.sqrt((celsius + ZERO_C_KELVIN) / ZERO_C_KELVIN);
}

function create(context: PartContext): PinPart {
  let echo: Wire;
  let highSinceMs = Infinity;
  let busyUntilMs = -Infinity;
  return {
    attach(wires) {
      echo = wires["echo"]!;
      echo.drive(0);
    },
    driven(pin: string, level: Level | undefined, ms: number) {
      if (pin !== "trigger") return;
      if (level === 1) {
        highSinceMs = ms;
        return;
      }
      const highMs = ms - highSinceMs;
      highSinceMs = Infinity;
      if (!(highMs > 0) || context.faults.has("reset")) return;
      if (highMs < TRIGGER_MS - 1e-6) {
        context.warn(`a trigger of ${(highMs * 1000).toFixed(1)} us: it takes 10 us`);
        return;
      }
      if (ms < busyUntilMs) return;
      const there = 2 * context.signal("distance") / speed((context.options.airTemperature as number | undefined) ?? 20);
      const length = context.faults.has("nothing") ? NOTHING_MS : context.faults.has("deaf") ? 0.05 : there;
      const start = ms + BURST_MS;
      busyUntilMs = start + Math.round(length / STEP_MS) * STEP_MS;
      echo.drive(1, start);
      echo.drive(0, busyUntilMs);
    },
  };
}

export const part: PartDefinition = {
  title: "HC-SR04",
  bus: "pins",
  signals: () => [{ name: "distance", unit: "cm", mean: 120, swing: 60, min: 2, max: 400 }],
  faults: {
    nothing: "nothing reflects the sound",
    deaf: "it hears its own sound at once",
    reset: "loses its power while it waits for the sound: Echo stays low",
  },
  create,
};
