/** How a case is written down. */
import type { Case, Stage } from "./suite.ts";

/** A case: `run` fails with what was expected and what was seen. */
export const defineCase = (name: string, run: (stage: Stage) => Promise<void>): Case => ({ name, run });
