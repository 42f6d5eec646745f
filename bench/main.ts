/**
 * `npm run bench`: bytes always; times and variables where ESPRUINO names the real interpreter. `--json` for
 * scripts.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, sizeTable } from "../tools/build/build.ts";
import type { Manifest } from "../tools/board/types.ts";
import { minify } from "../tools/build/minify.ts";
import { root } from "../tools/build/root.ts";
import { measure, type InterpreterResult } from "./espruino.ts";
import { findEspruino } from "./interpreter.ts";
import { bundle, libraryBytes, PROFILES } from "./profiles.ts";

/** Bytes; see design.md. */
const BUDGETS: Record<string, number> = { qos0: 1500, qos01: 2400, qos012: 3000, node: 8000 };

interface Node {
  manifest: Manifest;
  /** The same node by each minifier. */
  minifiers: Record<string, number>;
}

const buildNode = async (): Promise<Node> => {
  const outDir = mkdtempSync(join(tmpdir(), "motelet-bench-"));
  try {
    const { manifest, file, problems } = await build(join(root, "boards/greenhouse.json"), { outDir, secrets: "simulated" });
    if (!manifest || !file) throw new Error(`greenhouse.json does not build: ${problems[0]?.message}`);
    const contents = readFileSync(join(outDir, manifest.name, "main.ts"), "utf8");
    const alone = await minify({ contents, resolveDir: root }, root, "esbuild");
    return { manifest, minifiers: { esbuild: alone.code.length, "esbuild, then terser": manifest.bytes } };
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
};

const row = (name: string, text: string): string => `  ${name.padEnd(34)} ${text}`;
const bytesRow = (name: string, bytes: number | null): string => {
  const budget = BUDGETS[name];
  return row(name, `${bytes === null ? "-" : bytes} bytes${budget ? ` of ${budget}` : ""}`);
};

const printInterpreter = (result: InterpreterResult): void => {
  const { us, vars } = result;
  const times = (n: number): string => `${n.toFixed(1).padStart(7)} us  ${(n / us.floor).toFixed(2)} x a bare write`;
  console.log("\nTimes on the interpreter (2,000 messages of 32 bytes, topic of 25; QoS 0/1 client)");
  console.log(row("bare socket write of a packet", times(us.floor)));
  console.log(row("publish, QoS 0", times(us.publish0)));
  console.log(row("publish, QoS 1, to its PUBACK", times(us.publish1)));
  console.log(row("receive and dispatch, QoS 0", times(us.receive)));
  console.log(`\nHeap on the interpreter, code in flash (variables of ${result.blockBytes} bytes in this build)`);
  console.log(row("client loaded", `${vars.loaded} variables`));
  console.log(row("client connected", `${vars.connected} variables`));
  console.log(row("growth over 100,000 messages", `${vars.growth100k} variables`));
};

const json = process.argv.includes("--json");
const node = await buildNode();
const profiles: Record<string, number | null> = { qos0: null, qos01: null, qos012: null };
for (const profile of Object.keys(PROFILES)) profiles[profile] = await libraryBytes(profile);
const espruino = findEspruino();
const result = espruino ? await measure(espruino) : undefined;

if (json) {
  console.log(JSON.stringify({
    bytes: { espruino: { ...profiles, node: node.manifest.bytes }, lua51: null, lua53: null },
    us: result?.us ?? { floor: null, publish0: null, publish1: null, receive: null },
    vars: result?.vars ?? { loaded: null, connected: null, growth100k: null },
    blockBytes: result?.blockBytes ?? null,
  }));
} else {
  console.log("Bytes of the client by profile (Espruino, minified; link and platform included)");
  for (const [profile, bytes] of Object.entries(profiles)) console.log(bytesRow(profile, bytes));
  console.log(`\nqos01 by module\n${modulesOf((await bundle("qos01")).modules)}`);
  console.log("\nA whole node (boards/greenhouse.json: Wi-Fi, QoS 0/1, will, birth, BME280, JSON, offline queue, diagnostics)");
  console.log(bytesRow("node", node.manifest.bytes));
  console.log(sizeTable(node.manifest).join("\n"));
  console.log("\nThe same node by minifier");
  for (const [name, bytes] of Object.entries(node.minifiers)) console.log(row(name, `${bytes} bytes`));
  if (result) printInterpreter(result);
  else console.log("\nTimes and heap were not measured: set ESPRUINO to a Linux build of Espruino.");
}

function modulesOf(modules: Record<string, number>): string {
  return Object.entries(modules)
    .filter(([name]) => name.startsWith("lib/"))
    .map(([name, bytes]) => row(name, `${bytes} bytes`))
    .join("\n");
}
