import type { Answer, Command } from "../../protocol.ts";
import type { Store } from "../store.ts";

export interface Pane {
  id: string;
  title: string;
  element: HTMLElement;
  /** Called with each news while it is in sight. */
  show(store: Store): void;
}

/** Sends a command, and tells the person what came of it. */
export type Ask = (command: Command) => Promise<Answer>;
