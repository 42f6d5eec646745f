/** What comes in by itself: edges of watched pins, and bytes of serial ports, as events for the prelude. */
import type { Machine } from "../../types.ts";

/** Levels that are set from outside have no edge that the machine knows by itself. */
const POLL_MS = 20;

export interface InputHost {
  machine: Machine;
  /** Name of a pin by its number. */
  pin: (index: number) => string;
  /** Microseconds on the firmware's clock at a time of the simulation. */
  microseconds: (ms: number) => number;
  push: (kind: string, id: number, text: string) => void;
  after: (ms: number, fn: () => void) => void;
}

export interface Inputs {
  /** One of the operations of pins that are watched and of serial ports; undefined when it is none. */
  answer(op: string, fields: string[], last: string): string | undefined;
  /** Tells what has come in; true when something has. */
  poll(): boolean;
}

export function createInputs({ machine, pin, microseconds, push, after }: InputHost): Inputs {
  /** Numbers of watched pins by name, and how many watch each. */
  const watched = new Map<string, { index: number; users: number }>();
  const ports = new Map<string, number>();
  let isPolling = false;

  const look = (): void => {
    isPolling = watched.size > 0 || ports.size > 0;
    if (isPolling) after(POLL_MS, look);
  };
  const begin = (): void => {
    if (!isPolling) look();
  };
  const watch = (index: number, isOn: boolean, data: number): void => {
    const name = pin(index);
    const users = (watched.get(name)?.users ?? 0) + (isOn ? 1 : -1);
    if (users > 0) watched.set(name, { index, users });
    else watched.delete(name);
    machine.watch(name, users > 0, data < 0 ? undefined : pin(data));
    begin();
  };
  return {
    answer(op, [first, second, third, fourth], last) {
      switch (op) {
        case "pin.watch":
          watch(Number(first), second === "1", third === undefined ? -1 : Number(third));
          return "";
        case "pin.mode":
          machine.pinMode(pin(Number(first)), second!);
          return "";
        case "uart.setup":
          ports.set(pin(Number(third)), Number(first));
          machine.uartSetup(pin(Number(third)), pin(Number(fourth)), Number(second));
          begin();
          return "";
        case "uart.send": {
          const rx = [...ports].find(([, port]) => port === Number(first))?.[0];
          if (rx !== undefined) machine.uartWrite(rx, last);
          return rx === undefined ? "0" : "1";
        }
        default:
          return undefined;
      }
    },
    poll() {
      let moved = false;
      if (watched.size > 0) {
        for (const { pin: name, level, ms, data } of machine.takeEdges()) {
          const index = watched.get(name)?.index;
          if (index === undefined) continue;
          push("edge", index, `${level}\0${Math.round(microseconds(ms))}\0${data}`);
          moved = true;
        }
      }
      if (ports.size > 0) {
        for (const [rx, bytes] of machine.uartTake()) {
          push("uart", ports.get(rx) ?? -1, bytes);
          moved = true;
        }
      }
      return moved;
    },
  };
}
