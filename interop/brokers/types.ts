/** What the suite is told of a broker that was started for it. */
import type { Link, Target } from "../target.ts";

export interface RunningBroker extends Target {
  name: string;
  /** A filter that the broker refuses to this user. */
  denied: string;
  /** Its other listeners. */
  links: Partial<Record<Exclude<Link, "mqtt">, Target>>;
  /** A listener that wants a certificate of the client; the target has one. */
  certified?: Target;
  stop(): Promise<void>;
}

/** The one user. */
export const USER = "interop";
export const PASSWORD = "a password for loopback";
export const DENIED = "denied/#";
