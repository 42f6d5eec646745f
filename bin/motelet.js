#!/usr/bin/env node
// The sources are TypeScript and the build tool compiles them anyway, so they are shipped and run as they are.
import "./typescript.js";

await import("../tools/main.ts");
