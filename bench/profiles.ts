/** The client profiles whose sizes are compared: what a program imports is what it pays for. */
import { minify, type Minified } from "../tools/build/minify.ts";
import { root } from "../tools/build/root.ts";

/** What each profile imports, by module of lib/mqtt. The parts of lib/ that a profile needs are what is counted. */
export const PROFILES: Record<string, Record<string, string[]>> = {
  qos0: { client: ["start"], publish: ["publish"] },
  qos01: {
    client: ["start"],
    publish: ["publish"],
    inflight: ["configure", "onSettled"],
    qos1: ["publishKept"],
    subscribe: ["subscribe"],
  },
  qos012: {
    client: ["start"],
    publish: ["publish"],
    inflight: ["configure", "onSettled"],
    qos1: ["publishKept"],
    qos2: [],
    subscribe: ["subscribe"],
  },
  // Only to say what a WebSocket adds: the constant part of its request is the board's, as its topics are.
  "qos01+ws": {
    client: ["start"],
    publish: ["publish"],
    inflight: ["configure", "onSettled"],
    qos1: ["publishKept"],
    subscribe: ["subscribe"],
  },
  // Only to say what the store adds: see STORE of sizes.ts.
  queued: {
    client: ["start"],
    publish: ["publish"],
    inflight: ["configure"],
    qos2: ["held"],
    subscribe: ["subscribe"],
    queue: ["configureQueue", "enqueue", "dropOldest"],
  },
  stored: {
    client: ["start"],
    publish: ["publish"],
    inflight: ["configure"],
    qos2: ["held"],
    subscribe: ["subscribe"],
    queue: ["configureQueue", "dropOldest", "entries"],
    store: ["openStore", "enqueueStored", "storeFailures"],
  },
};

/** An entry that uses the imports of a profile, all of them reachable from `global.mq`. */
export const entry = (profile: string, port: number): string => {
  const modules = PROFILES[profile]!;
  const names = Object.values(modules).flat();
  const tcp = `tcp("127.0.0.1", ${port})`;
  const isWebSocket = profile.endsWith("+ws");
  return [
    ...Object.entries(modules).map(([m, list]) =>
      `import ${list.length > 0 ? `{ ${list.join(", ")} } from ` : ""}"motelet/lib/mqtt/${m}.ts";`),
    'import { tcp } from "motelet/lib/link/tcp.ts";',
    ...(isWebSocket ? ['import { websocket } from "motelet/lib/link/websocket.ts";'] : []),
    "declare const global: Record<string, unknown>;",
    `global["mq"] = { link: () => ${isWebSocket ? `websocket(${tcp}, "")` : tcp}, ${names.join(", ")} };`,
  ].join("\n");
};

/** A profile, minified as `build` does, of the lib/ that is in a folder beside the package.json of motelet. */
export const bundle = (profile: string, port = 1883, from = root): Promise<Minified> =>
  minify({ contents: entry(profile, port), resolveDir: from }, from);

/** Bytes of a profile: all of lib/ that it needs, without the program that uses it. */
export const libraryBytes = async (profile: string, from = root): Promise<number> => {
  const { modules } = await bundle(profile, 1883, from);
  return Object.entries(modules).reduce((sum, [name, bytes]) => (name.startsWith("lib/") ? sum + bytes : sum), 0);
};
