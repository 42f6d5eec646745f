/** Where the motelet package is. */
import { fileURLToPath } from "node:url";

/** Folder of the motelet package. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");
