/** From an entry to the bytes of a firmware: bundle, shrink; and which module each byte came from. */
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

/** What whoever talks to the chip needs there: the flash tool, and people at the console. */
const CONSOLE_NAMES = ["E"];

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

/**
 * Bundles and shrinks for Espruino. The same input gives the same bytes. They are not wrapped in a function: each
 * function in them would need one variable more, for the scope that it was made in.
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
    minifySyntax: true,
    minifyWhitespace: true,
    // By terser, which gives no name twice: a name that it is to leave alone must not be in its input.
    minifyIdentifiers: minifier === "esbuild",
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
    const code = js.trimEnd();
    return { code, modules: attribute(code, map, root) };
  }
  const out = await shrink({ "firmware.js": js }, {
    ecma: 2015,
    toplevel: true,
    // Above 1, what is inlined may use a variable before its `var`, which is not hoisted on Espruino.
    // Reading a property does nothing else here: nothing has a getter.
    compress: { passes: 3, unsafe_arrows: true, inline: 1, pure_getters: true },
    mangle: { reserved: CONSOLE_NAMES, properties: { regex: /_$/ } },
    format: { ascii_only: true },
    sourceMap: { content: map, asObject: false },
  });
  const code = out.code!.replace(/;$/, "");
  return { code, modules: attribute(code, out.map as string, root) };
};
