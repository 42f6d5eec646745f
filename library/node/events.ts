/** Events, and calls of what a user gave. */
import { EventEmitter } from "node:events";
import type { Events } from "../mqtt.d.ts";
import { MqttError } from "./error.ts";

export class Reporter extends EventEmitter<Events> {
  /** How many messages were told to be too large. */
  private skipped = 0;

  protected tell<E extends keyof Events>(event: E, ...args: Events[E]): void {
    this.call(() => (this as EventEmitter).emit(event, ...args));
  }

  protected tellSkipped(skipped: number): void {
    if (skipped > this.skipped) {
      this.skipped = skipped;
      this.tell("skipped", skipped);
    }
  }

  /** Calls what a user gave: an exception in it must not reach the client, which has packets to acknowledge. */
  protected call(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      this.report(new MqttError("handler", `a handler threw: ${said}`, error));
    }
  }

  /** An error that nobody listens for becomes a warning of the process. */
  protected report(error: MqttError): void {
    if (this.listenerCount("error") === 0) {
      process.emitWarning(error);
      return;
    }
    try {
      this.emit("error", error);
    } catch (second) {
      process.emitWarning(second instanceof Error ? second : String(second));
    }
  }
}
