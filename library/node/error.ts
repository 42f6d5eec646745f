/** The error that this library reports. */
import type { ErrorCode, Fault } from "../mqtt.d.ts";

const FAULTS: Record<ErrorCode, Fault> = {
  offline: "link", crowded: "link", full: "resource", large: "resource", replaced: "resource", expired: "link", lost: "link",
  ended: "program", refused: "config", untrusted: "peer", handler: "program",
};

export class MqttError extends Error {
  readonly code: ErrorCode;
  readonly fault: Fault;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "MqttError";
    this.code = code;
    this.fault = FAULTS[code];
  }
}
