#!/usr/bin/env node
/**
 * Stands in for the luac.cross of a simulated NodeMCU: its images are of the kind that the simulation reads
 * (engines/lua/files.ts), and no chip. Of luac.cross it has what `motelet flash` asks for: `-f -o image file.lua`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import luaparse from "luaparse";

const [flag, out, image, file, ...more] = process.argv.slice(2);
if (flag !== "-f" || out !== "-o" || file === undefined || more.length > 0) {
  console.error("usage: luac.js -f -o image file.lua");
  process.exit(2);
}
const source = readFileSync(file, "latin1");
try {
  luaparse.parse(source, { luaVersion: "5.3", encodingMode: "x-user-defined" });
} catch (error) {
  console.error(`${file}: ${error.message}`);
  process.exit(1);
}
// As luac.cross does, it says when it was made, in 32 bits: so a chip knows one image from another.
writeFileSync(image, `LFS ${Date.now() % 2 ** 31} ${basename(file, ".lua")}\n${source}`, "latin1");
