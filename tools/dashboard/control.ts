/** Commands of the page: each is checked wholly before anything is done, so that one with a mistake changes nothing. */
import type { Simulation } from "../../simulator/simulator.ts";
import { CONNACK_REASONS } from "../../simulator/broker.ts";
import { parseSignal } from "../../simulator/world.ts";
import { didYouMean, isObject, kind, list, quote } from "../board/words.ts";
import type { Switched } from "./feed.ts";
import type { Answer, BoardInfo, NetworkState } from "./protocol.ts";

/** Runs commands one after the other, in the order of the calls. */
export type Control = (command: unknown) => Promise<Answer>;

/** Tells of what was done. */
export interface Told {
  note(text: string, isBad?: boolean): void;
  powered(on: boolean): void;
  sample(now?: boolean): void;
}

type Fields = Record<string, unknown>;
/** Checks a command, and gives what is to be done: it says what was done. */
type Plan = (fields: Fields, simulation: Simulation) => () => string | Promise<string>;

const NUMBERS: Partial<Record<keyof NetworkState, { name: string; most: number }>> = {
  latencyMs: { name: "latency", most: 60_000 }, jitterMs: { name: "jitter", most: 60_000 },
  fragmentBytes: { name: "largest piece", most: 65_536 },
};
const SWITCHES: Partial<Record<keyof NetworkState, [on: string, off: string]>> = {
  dns: ["names are not found", "names are found"],
  refuse: ["connections are refused", "connections are not refused"],
  unanswered: ["connections are not answered", "connections are answered"],
};
const CUTS = { fin: "closed by the other side", rst: "reset", blackhole: "silent from now on" };

function text(fields: Fields, key: string, one?: readonly string[]): string {
  const value = fields[key];
  if (typeof value !== "string") throw new Error(`"${key}" is to be text, not ${kind(value)}`);
  if (one && !one.includes(value)) throw new Error(`"${key}" cannot be ${quote(value)}: ${didYouMean(value, one)}`);
  return value;
}

function flag(fields: Fields, key: string): boolean {
  const value = fields[key];
  if (typeof value !== "boolean") throw new Error(`"${key}" is to be true or false, not ${kind(value)}`);
  return value;
}

function whole(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw new Error(`"${name}" is to be a whole number from ${least} to ${most}, not ${quote(value)}`);
  }
  return value;
}

const set: Plan = (fields, { machine: { world }, clock }) => {
  const signal = text(fields, "signal", world.names());
  const { min, max, unit } = world.specs().find(({ name }) => name === signal)!;
  const { to } = fields;
  const given = typeof to === "number" ? to : parseSignal(signal, text(fields, "to"), clock.now());
  const unitText = unit === "" ? "" : ` ${unit}`;
  if (typeof given === "number" && !(given >= min && given <= max)) {
    throw new Error(`${signal} goes from ${min} to ${max}${unitText}, not to ${given}`);
  }
  return () => {
    if (given === undefined) world.reset(signal);
    else world.set(signal, given);
    return given === undefined ? `${signal} follows its daily curve`
      : `${signal} is ${typeof given === "number" ? `${given}${unitText}` : String(to)}`;
  };
};

const network: Plan = (fields, simulation) => {
  const { faults } = fields;
  if (!isObject(faults)) throw new Error(`"faults" is to be an object, not ${kind(faults)}`);
  const known = [...Object.keys(NUMBERS), ...Object.keys(SWITCHES)];
  const said: string[] = [];
  const changes: Partial<Record<keyof NetworkState, number | boolean>> = {};
  for (const key of Object.keys(faults)) {
    if (!known.includes(key)) throw new Error(`the network has no fault ${quote(key)}: ${didYouMean(key, known)}`);
    const name = key as keyof NetworkState;
    const number = NUMBERS[name];
    if (number) {
      const value = changes[name] = whole(faults[key], key, 0, number.most);
      said.push(`${number.name} ${value} ${key.endsWith("Ms") ? "ms" : "bytes"}`);
    } else said.push(SWITCHES[name]![(changes[name] = flag(faults, key)) ? 0 : 1]);
  }
  if (said.length === 0) throw new Error(`"faults" is empty: give some of ${list(known)}`);
  return () => {
    Object.assign(simulation.network.faults, changes);
    return said.join(", ");
  };
};

const wifi: Plan = (fields, simulation) => {
  const up = flag(fields, "up");
  const reset = fields["reset"] === undefined ? false : flag(fields, "reset");
  return () => {
    simulation.network.setWifi(up, reset);
    return up ? "the access point is on" : "the access point is off";
  };
};

const cut: Plan = (fields, simulation) => {
  const how = text(fields, "how", Object.keys(CUTS)) as keyof typeof CUTS;
  const { afterBytes } = fields;
  const after = afterBytes === undefined ? 0 : whole(afterBytes, "afterBytes", 0, 1_000_000);
  return () => {
    if (simulation.network.links.size === 0) return "the node has no connection that could be cut";
    simulation.network.cut(how, after);
    return after === 0 ? `the connection is ${CUTS[how]}` : `when ${after} more bytes are sent, the connection is ${CUTS[how]}`;
  };
};

const failFlash: Plan = (fields, simulation) => {
  const bytes = whole(fields["afterBytes"], "afterBytes", 0, 1_000_000);
  return () => {
    simulation.flash.failAfter(bytes);
    return `the power fails when ${bytes} more bytes are in the flash`;
  };
};

/** The commands, by their names. */
function plansOf(board: BoardInfo, switched: Switched, told: Told): Record<string, Plan> {
  const power: Plan = (fields, simulation) => {
    const to = text(fields, "to", ["off", "on", "cycle"]);
    const how = fields["how"] === undefined ? "reset" : text(fields, "how", ["reset", "silent"]) as "reset" | "silent";
    return async () => {
      if (to !== "on") {
        await simulation.kill(how);
        told.powered(false);
      }
      // What is in its flash is what it runs: it may have been flashed meanwhile.
      if (to !== "off") await simulation.engine.start();
      return to === "off" ? "the plug is pulled" : to === "on" ? "the plug is in" : "the plug was pulled and put in again";
    };
  };
  const fault: Plan = (fields, { machine }) => {
    const owners = [...board.sensors.map(({ id, faults }) => ({ id, faults })),
      ...board.buses.map(({ name, faults }) => ({ id: name, faults }))];
    const of = text(fields, "of", owners.map(({ id }) => id));
    const name = text(fields, "fault", owners.find(({ id }) => id === of)!.faults.map((fault) => fault.name));
    const on = flag(fields, "on");
    return () => {
      machine.setFault(of, name, on);
      if (!machine.parts.has(of)) switched.busFaults[of] = on ? [name] : [];
      return `${of}: ${name} is ${on ? "on" : "off"}`;
    };
  };
  const broker: Plan = (fields, simulation) => {
    const answers = flag(fields, "answers");
    return () => {
      switched.brokerAnswers = answers;
      simulation.network.faults.refuse = !answers;
      if (!answers) simulation.network.cut("rst");
      return answers ? "the broker is back" : "the broker is down";
    };
  };
  const refuse: Plan = (fields, simulation) => {
    const code = whole(fields["code"], "code", 0, 5);
    if (simulation.broker === undefined) throw new Error("the broker is not the simulator's own: it cannot be told to refuse");
    return () => {
      simulation.broker!.refuse(switched.refusal = code);
      return code === 0 ? "the broker takes the node" : `the broker refuses every CONNECT: ${CONNACK_REASONS[code]}`;
    };
  };
  const heal: Plan = (_fields, simulation) => () => {
    const { machine } = simulation;
    Object.assign(simulation.network.faults, {
      latencyMs: 0, jitterMs: 0, fragmentBytes: 0, dns: false, refuse: false, unanswered: false,
    });
    simulation.network.setWifi(true);
    simulation.broker?.refuse(0);
    for (const [id, { faults }] of machine.parts) for (const name of [...faults]) machine.setFault(id, name, false);
    for (const [bus, names] of Object.entries(switched.busFaults)) {
      for (const name of names) machine.setFault(bus, name, false);
    }
    Object.assign(switched, nothingSwitched());
    return "all faults are off";
  };
  return { set, fault, network, wifi, broker, refuse, cut, power, "fail flash": failFlash, heal };
}

export const nothingSwitched = (): Switched => ({ brokerAnswers: true, refusal: 0, busFaults: {} });

export function createControl(simulation: Simulation, board: BoardInfo, switched: Switched, told: Told): Control {
  const plans = plansOf(board, switched, told);
  let last: Promise<unknown> = Promise.resolve();
  const runNow = async (command: unknown): Promise<Answer> => {
    try {
      if (!isObject(command)) throw new Error(`a command is an object, not ${kind(command)}`);
      const plan = plans[text(command, "do", Object.keys(plans))]!;
      const done = await plan(command, simulation)();
      told.note(done);
      told.sample(true);
      return { done };
    } catch (error) {
      return { error: (error as Error).message };
    }
  };
  return (command) => {
    const answer = last.then(() => runNow(command));
    last = answer;
    return answer;
  };
}
