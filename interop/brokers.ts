/** Brokers to run the suite against, on free loopback ports, each with one user and one filter that it denies. */
import { startAedes } from "./brokers/aedes.ts";
import { findEjabberd, startEjabberd } from "./brokers/ejabberd.ts";
import { findMosquitto, startMosquitto } from "./brokers/mosquitto.ts";
import { findRabbitmq, startRabbitmq } from "./brokers/rabbitmq.ts";
import type { RunningBroker } from "./brokers/types.ts";

export { startAedes, type RunningBroker };

export interface Broker {
  name: string;
  /** Its package in Debian. */
  debian: string;
  isInstalled: () => boolean;
  /** To be called where it is installed. */
  start: () => Promise<RunningBroker>;
}

export const BROKERS: Broker[] = [
  { name: "Aedes", debian: "", isInstalled: () => true, start: startAedes },
  { name: "Mosquitto", debian: "mosquitto", isInstalled: () => findMosquitto() !== undefined, start: startMosquitto },
  { name: "ejabberd", debian: "ejabberd", isInstalled: () => findEjabberd() !== undefined, start: startEjabberd },
  { name: "RabbitMQ", debian: "rabbitmq-server", isInstalled: () => findRabbitmq() !== undefined, start: startRabbitmq },
];
