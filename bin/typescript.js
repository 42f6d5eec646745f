// `node --import ./bin/typescript.js x.ts` runs TypeScript: this has Node load the package's sources by
// typescript-hooks.js. Stacks name the lines of the sources.
import { register } from "node:module";

register("./typescript-hooks.js", import.meta.url);
process.setSourceMapsEnabled(true);
