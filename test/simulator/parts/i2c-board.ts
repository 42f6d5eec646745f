/** One I2C part on a bus that is set up, and messages in numbers. */
import { bench, bytes, values, type Bench } from "./bench.ts";

export interface Board extends Bench {
  /** One write message; whether it was acknowledged. */
  write: (...message: number[]) => boolean;
  /** One read message, undefined without acknowledgement. */
  read: (count: number) => number[] | undefined;
  /** A write message, then a read message: registers from one on. */
  ask: (message: number | number[], count: number) => number[] | undefined;
  /** Sets signals of the part: a step, which the part sees as one. */
  set: (signals: Record<string, number>) => void;
  fault: (name: string, on?: boolean) => void;
}

/** The part of a driver, with the id "it". */
export async function i2cBoard(driver: string, address: number, seed = 1, options: object = {}): Promise<Board> {
  const made = await bench([{ driver, id: "it", bus: "i2c1", address, options }], seed);
  const { machine } = made;
  machine.i2cSetup("I2C1", { sda: "D21", scl: "D22", bitrate: 100_000 });
  const write = (...message: number[]): boolean => machine.i2cWrite("I2C1", address, bytes(...message));
  const read = (count: number): number[] | undefined => {
    const text = machine.i2cRead("I2C1", address, count);
    return text === undefined ? undefined : values(text);
  };
  return {
    ...made, write, read,
    ask: (message, count) => (write(...[message].flat()) ? read(count) : undefined),
    set(signals) {
      machine.i2cRead("I2C1", address, 0);
      for (const [name, value] of Object.entries(signals)) machine.world.set(`it.${name}`, value);
      machine.i2cRead("I2C1", address, 0);
    },
    fault: (name, on = true) => machine.setFault("it", name, on),
  };
}
