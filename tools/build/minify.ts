/** From an entry to the bytes of a firmware: bundle, shrink, wrap; and which module each byte came from. */
import { build as bundle } from "esbuild";
import { minify as shrink } from "terser";
import { TraceMap, decodedMappings } from "@jridgewell/trace-mapping";
import { relative, resolve, sep } from "node:path";
import { espruinoSupported } from "./capabilities.ts";

/** How to shrink, as `npm run bench` compares it. */
export type Minifier = "esbuild" | "esbuild+terser";

export interface Minified {
  code: string;
  /** Bytes of `code` by source module (path relative to `root`, or "(wrapper)" for what belongs to none). */
  modules: Record<string, number>;
}

/** Modules that Espruino has built in. */
const BUILT_IN = ["net", "tls", "Wifi", "Flash", "Storage", "http", "fs"];

const WRAPPER = ["(function(){", "})()"] as const;

const attribute = (code: string, map: string, root: string): Record<string, number> => {
  const trace = new TraceMap(map);
  const modules: Record<string, number> = {};
  const add = (source: number | undefined, bytes: number): void => {
    const path = source === undefined ? undefined : trace.sources[source];
    const name = !path ? "(wrapper)" : relative(root, resolve(root, path)).split(sep).join("/");
    modules[name] = (modules[name] ?? 0) + bytes;
  };
  const lines = code.split("\n");
  decodedMappings(trace).forEach((segments, line) => {
    const length = (lines[line] ?? "").length + (line < lines.length - 1 ? 1 : 0);
    add(undefined, segments[0]?.[0] ?? length);
    segments.forEach((segment, at) => {
      const next = segments[at + 1]?.[0] ?? length;
      add(segment.length > 1 ? segment[1] : undefined, next - segment[0]);
    });
  });
  return Object.fromEntries(Object.entries(modules).filter(([, n]) => n > 0).sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** Unwrapped, short names would collide with the console's globals; esbuild's own "iife" adds 550 bytes of helpers. */
const wrap = (body: string, map: string, root: string): Minified => {
  const modules = attribute(body, map, root);
  modules["(wrapper)"] = (modules["(wrapper)"] ?? 0) + WRAPPER[0].length + WRAPPER[1].length;
  return { code: WRAPPER[0] + body + WRAPPER[1], modules };
};

/**
 * Bundles and shrinks for Espruino. The same input gives the same bytes.
 * @param entry path of the entry, or its source text with the folder that its imports start from
 * @param root folder of the motelet package: what `motelet/...` imports mean, and what module names are relative to
 */
export const minify = async (
  entry: string | { contents: string; resolveDir: string },
  root: string,
  minifier: Minifier = "esbuild+terser",
): Promise<Minified> => {
  const result = await bundle({
    ...(typeof entry === "string"
      ? { entryPoints: [entry] }
      : { stdin: { ...entry, loader: "ts", sourcefile: "main.ts" } }),
    bundle: true,
    write: false,
    outdir: root,
    format: "cjs",
    platform: "node",
    target: "es2017",
    charset: "ascii",
    conditions: ["espruino"],
    alias: { motelet: root },
    external: BUILT_IN,
    minify: true,
    sourcemap: "external",
    sourcesContent: false,
    // Newer than the target, and the interpreter has them.
    supported: { ...espruinoSupported, "optional-catch-binding": true, "nullish-coalescing": true },
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    legalComments: "none",
    logLevel: "silent",
  });
  const js = result.outputFiles.find((f) => !f.path.endsWith(".map"))!.text;
  const map = result.outputFiles.find((f) => f.path.endsWith(".map"))!.text;
  if (minifier === "esbuild") {
    return wrap(js.trimEnd(), map, root);
  }
  const out = await shrink({ "firmware.js": js }, {
    ecma: 2015,
    toplevel: true,
    // Above 1, what is inlined may use a variable before its `var`, which is not hoisted on Espruino.
    compress: { passes: 3, unsafe_arrows: true, inline: 1 },
    mangle: { properties: { regex: /_$/ } },
    format: { ascii_only: true },
    sourceMap: { content: map, asObject: false },
  });
  return wrap(out.code!.replace(/;$/, ""), out.map as string, root);
};
