/** What the dashboard says of a board that does not change while it runs. */
import type { SimulatedMachine } from "../../simulator/machine.ts";
import { BUS_FAULTS } from "../../simulator/part-faults.ts";
import { loadHardware } from "../board/hardware.ts";
import type { Manifest } from "../board/types.ts";
import type { BoardInfo, FaultInfo, SensorInfo } from "./protocol.ts";

export interface InfoOptions {
  manifest: Manifest;
  engine: string;
  speed: number;
  seed: number;
  /** Without it: an empty board. */
  hasFirmware: boolean;
  /** As people write it; of the embedded one, undefined until it listens. */
  broker: string | undefined;
}

type Sensor = Manifest["sensors"][number];

/** A fault of a sensor of several parts may be of each alone: "absent:inlet". */
function faultsOf(sensor: Sensor, possible: Record<string, string>): FaultInfo[] {
  const probes = Object.keys((sensor.options["probes"] ?? {}));
  const isOwn = (name: string): boolean => name !== "drift";
  return Object.entries(possible).flatMap(([name, text]) => [
    { name, text },
    ...(isOwn(name) && probes.length > 1 ? probes.map((probe) => ({ name: `${name}:${probe}`, text: `${probe} alone: ${text}` })) : []),
  ]);
}

function sensorInfo(sensor: Sensor, topics: string[], machine: SimulatedMachine): SensorInfo {
  const { definition, place, possibleFaults } = machine.parts.get(sensor.id)!;
  return {
    id: sensor.id, driver: sensor.driver, title: definition.title, place, intervalMs: sensor.intervalMs,
    fields: sensor.fields.map(({ name, unit, decimals }, at) => ({
      name, unit, decimals, topic: (sensor.publish.as === "json" ? topics[0] : topics[at]) ?? "",
    })),
    signals: machine.world.specs().filter(({ name }) => name.startsWith(`${sensor.id}.`))
      .map(({ name, unit, min, max }) => ({ name, unit, min, max })),
    faults: faultsOf(sensor, possibleFaults),
  };
}

export function boardInfo(options: InfoOptions, machine: SimulatedMachine, brokerShown: string): BoardInfo {
  const { manifest, engine, speed, seed, hasFirmware } = options;
  const hardware = loadHardware().get(manifest.hardware);
  const { mqtt } = manifest;
  return {
    name: manifest.name, hardware: hardware?.title ?? manifest.hardware, chip: hardware?.chip ?? "",
    target: manifest.target === "nodemcu" ? `NodeMCU, Lua ${manifest.lua?.version ?? ""}` : "Espruino",
    engine, speed, seed, motelet: manifest.motelet,
    firmware: hasFirmware ? { bytes: manifest.bytes, sha256: manifest.sha256 } : undefined,
    broker: { shown: brokerShown, embedded: options.broker === undefined },
    clientId: mqtt.clientId, keepAliveSeconds: mqtt.keepAliveSeconds, cleanSession: mqtt.cleanSession,
    hasStore: manifest.features.includes("store"),
    heapBytes: manifest.heap.variables * manifest.heap.bytesPerVariable,
    sensors: manifest.sensors.map((sensor) => sensorInfo(sensor, manifest.topics.sensors[sensor.id] ?? [], machine)),
    buses: Object.entries(manifest.buses).filter(([, { type }]) => type === "i2c").map(([name]) => ({
      name: name.toLowerCase(), faults: Object.entries(BUS_FAULTS["i2c"]!).map(([fault, text]) => ({ name: fault, text })),
    })),
  };
}
