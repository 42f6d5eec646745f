/**
 * Instances of the portable client. It keeps its state at module level, so each instance is a run of the bundle of
 * its modules, which is made once.
 */
import { buildSync } from "esbuild";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";

/** In the order in which what they register is called. */
const MODULES = ["client", "reader", "publish", "inflight", "qos1", "qos2", "subscribe", "unsubscribe"] as const;
const LINKS = ["tcp", "tls", "websocket"] as const;

export interface Compiled {
  client: typeof import("../../lib/mqtt/client.ts");
  reader: typeof import("../../lib/mqtt/reader.ts");
  publish: typeof import("../../lib/mqtt/publish.ts");
  inflight: typeof import("../../lib/mqtt/inflight.ts");
  qos1: typeof import("../../lib/mqtt/qos1.ts");
  qos2: typeof import("../../lib/mqtt/qos2.ts");
  subscribe: typeof import("../../lib/mqtt/subscribe.ts");
  unsubscribe: typeof import("../../lib/mqtt/unsubscribe.ts");
  tcp: typeof import("../../lib/link/tcp.ts");
  tls: typeof import("../../lib/link/tls.ts");
  websocket: typeof import("../../lib/link/websocket.ts");
}

type Run = (require: NodeJS.Require, module: { exports: unknown }) => void;

let run: Run | undefined;

const compile = (): Run => {
  const lines = [
    ...MODULES.map((name) => `export * as ${name} from "./lib/mqtt/${name}.ts";`),
    ...LINKS.map((name) => `export * as ${name} from "./lib/link/${name}.ts";`),
  ];
  const result = buildSync({
    stdin: {
      contents: lines.join("\n"),
      resolveDir: fileURLToPath(new URL("../..", import.meta.url)),
      loader: "ts",
    },
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node20",
    logLevel: "silent",
  });
  return compileFunction(result.outputFiles[0]!.text, ["require", "module"], { filename: "motelet-mqtt.js" }) as Run;
};

/** A client of its own. */
export const instantiate = (): Compiled => {
  run ??= compile();
  const module: { exports: unknown } = { exports: {} };
  run(createRequire(import.meta.url), module);
  return module.exports as Compiled;
};
