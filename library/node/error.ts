/** The error that this library reports. */
import type { ErrorCode } from "../mqtt.d.ts";

export class MqttError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "MqttError";
    this.code = code;
  }
}
