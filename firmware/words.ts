/** Quantities that are words: on and off, the reason of a reset. A node without one does without this, too. */
import { decimal } from "./payload.ts";
import { formatWith } from "./reading.ts";

formatWith((value, form) => typeof form === "number" ? decimal(value, form) : form[value]!);
