/** Faults that parts share. A part on a bus is wrapped by `onBus`, which needs no code in the part. */
import type { I2cPart, PartContext } from "../../types.ts";

/** Share of messages that the fault `nack` leaves unacknowledged. */
const NACK_SHARE = 0.3;

/** The faults of `onBus`. */
export const BUS_FAULTS = {
  absent: "is not there: nothing is acknowledged",
  nack: "leaves about a third of the messages unacknowledged",
};

/** The faults that `Sensed` and the parts give these names to. */
export const DRIFT = "reads more and more beside the truth: 1 % of its range an hour";

/** A part whose messages the faults of the bus can keep from it. */
export function onBus(context: PartContext, part: I2cPart): I2cPart {
  const silent = (): boolean => {
    const { faults, rng } = context;
    return faults.has("absent") || (faults.has("nack") && rng.next() < NACK_SHARE);
  };
  return {
    write: (bytes) => (silent() ? -1 : part.write(bytes)),
    read: (count) => (silent() ? undefined : part.read(count)),
  };
}
