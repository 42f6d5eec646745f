/** A board with the sensors that a test asks for, on a clock that stands still. */
import { virtualClock, type VirtualClock } from "../../../simulator/clock.ts";
import { createMachine, type SimulatedMachine, type Transfer, type Wiring } from "../../../simulator/machine.ts";
import { createRng } from "../../../simulator/rng.ts";

export interface Bench {
  machine: SimulatedMachine;
  clock: VirtualClock;
  warnings: string[];
  log: Transfer[];
}

/** I2C on D21/D22, 1-Wire on D4, a converter of 12 bits; sensors with what their drivers' parts need. */
export async function bench(
  sensors: {
    driver: string; id: string; bus?: string; pins?: Record<string, string>; address?: number; options?: object;
  }[],
  seed = 1,
): Promise<Bench> {
  const manifest: Wiring = {
    buses: {
      i2c1: { type: "i2c", sda: "D21", scl: "D22", bitrate: 100_000 },
      onewire1: { type: "onewire", pin: "D4" },
    },
    adc: { bits: 12, referenceVolts: 3.3 },
    sensors: sensors.map((sensor) => ({
      intervalMs: 1000, publish: { qos: 0, retain: false, as: "json" }, fields: [], ...sensor,
      options: { ...sensor.options },
    })),
  };
  const clock = virtualClock();
  const warnings: string[] = [];
  const log: Transfer[] = [];
  const machine = await createMachine({
    manifest, clock, rng: createRng(seed),
    warn: (message) => warnings.push(message),
    log: (transfer) => log.push(transfer),
  });
  return { machine, clock, warnings, log };
}

/** Bytes as a binary string. */
export function bytes(...values: number[]): string {
  return String.fromCharCode(...values);
}

/** The bytes of a binary string. */
export function values(text: string | undefined): number[] {
  return Array.from(text ?? "", (char) => char.charCodeAt(0));
}

/** "28ff" of the bytes. */
export function hexText(text: string | undefined): string {
  return values(text).map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
