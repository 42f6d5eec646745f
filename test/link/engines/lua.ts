/**
 * Links on NodeMCU's firmware, as the simulator serves it: compiled for Lua as a firmware is, over real sockets and in
 * real time. Those over TLS are not here: what the chip's TLS does is the firmware's, and the simulator's network
 * carries what is inside it (node/links has a node that speaks through it).
 */
import { duplexPair, type Duplex } from "node:stream";
import { createLuaEngine } from "../../../simulator/engines/lua.ts";
import { tcpEndpoint } from "../../../simulator/network.ts";
import { compileLua } from "../../../tools/build/lua/compile.ts";
import { nameOf, type Target } from "../../platform/nodemcu.ts";
import { createBench, type Bench } from "../../simulator/bench.ts";
import { elsewhere, type Probe, type Side } from "../probe.ts";

/**
 * Commands come over a connection of their own: a letter, the number of the link in two digits, and what it needs in
 * hexadecimal digits, as one line. What happens goes to the console.
 */
const GUEST = `
import { tcp } from "./lib/link/tcp.ts";
import { websocket } from "./lib/link/websocket.ts";
import { close, writer, type Socket } from "#platform/net";
import { log, onBoot } from "#platform/system";
import { after } from "#platform/timer";
import { join } from "#platform/wifi";
declare const pcall: (this: void, fn: (this: void) => void) => boolean;
const DIGITS = "0123456789abcdef";
const QUIET_TURNS = 12;
const hex = (bytes: string): string => {
  let text = "";
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes.charCodeAt(at);
    text += DIGITS.charAt(byte >>> 4) + DIGITS.charAt(byte & 15);
    at++;
  }
  return text;
};
const bytesOf = (text: string): string => {
  let bytes = "";
  let at = 0;
  while (at < text.length) {
    bytes += String.fromCharCode(DIGITS.indexOf(text.charAt(at)) * 16 + DIGITS.indexOf(text.charAt(at + 1)));
    at += 2;
  }
  return bytes;
};
const sockets: Record<string, Socket | undefined> = {};
const say = (id: string, what: string, bytes: string): void => log("link " + id + " " + what + " " + hex(bytes));
const quiet = (id: string, left: number): void => {
  after(() => {
    if (left > 0) {
      quiet(id, left - 1);
    } else {
      say(id, "quiet", "");
    }
  }, 1);
};
const open = (id: string, port: number, request: string): void => {
  const below = tcp("127.0.0.1", port);
  const link = request === "" ? below : websocket(below, request);
  sockets[id] = link(
    () => say(id, "open", ""), (bytes) => say(id, "data", bytes), () => say(id, "close", ""), () => say(id, "drain", ""));
  if (sockets[id] === undefined) {
    say(id, "refused", "");
  }
};
const obey = (line: string): void => {
  const what = line.charAt(0);
  const id = line.substring(1, 3);
  const bytes = bytesOf(line.substring(3));
  if (what === "o") {
    open(id, bytes.charCodeAt(0) * 256 + bytes.charCodeAt(1), bytes.substring(2));
  } else if (what === "w") {
    if (!pcall(() => writer(sockets[id]!)(bytes))) {
      say(id, "threw", "");
    }
  } else if (what === "q") {
    quiet(id, QUIET_TURNS);
  } else {
    close(sockets[id]!, what === "f");
    say(id, "closed", "");
  }
};
let rest = "";
const listen = (bytes: string): void => {
  rest += bytes;
  let end = rest.indexOf("\\n");
  while (end >= 0) {
    const line = rest.substring(0, end);
    rest = rest.substring(end + 1);
    obey(line);
    end = rest.indexOf("\\n");
  }
};
onBoot(() => {
  join("home", "secret", () => void tcp("control", 1)(() => log("ready"), listen, () => {}, () => {}), () => {});
});
`;

/** To join takes seconds of the node's time. */
const SPEED = 20;

interface Running {
  bench: Bench;
  control: Duplex;
}

/** Links of one chip and version. */
export const onLua = (target: Target): Side => {
  let running: Running | undefined;
  const links = elsewhere(nameOf(target));

  const start = async (): Promise<Running> => {
    const { chip, version } = target;
    const { code } = compileLua(GUEST, chip, version);
    const bench = createBench((all) => createLuaEngine({
      ...all,
      onConsole: (text) => {
        all.onConsole(text);
        const [link, id, event, bytes] = text.split(" ");
        if (link === "link") links.hear(Number(id), event!, Buffer.from(bytes!, "hex"));
      },
    }, { version }), { chip, speed: SPEED });
    const [node, control] = duplexPair();
    control.on("error", () => {}).resume();
    bench.network.route("control", 1, { open: () => node });
    await bench.engine.start({ "init.lua": Buffer.from(code, "latin1") });
    await bench.line("ready");
    return { bench, control };
  };

  const send = (what: string, id: number, bytes: Buffer = Buffer.alloc(0)): void =>
    void running!.control.write(`${what}${String(id).padStart(2, "0")}${bytes.toString("hex")}\n`);

  const probe = (port: number, request: string): Probe => {
    running!.bench.network.route("127.0.0.1", port, tcpEndpoint("127.0.0.1", port));
    return links.probe({
      open: (id) => send("o", id, Buffer.concat([Buffer.from([port >> 8, port & 255]), Buffer.from(request, "latin1")])),
      write: (id, bytes) => send("w", id, bytes),
      close: (id, flush) => send(flush ? "f" : "c", id),
      quiet: (id) => send("q", id),
    });
  };

  return {
    name: nameOf(target), missing: undefined, algorithm: "ec", largestWriteBytes: 1024, muchBytes: 30_000,
    link: (kind, port) => () => probe(port, kind.name.startsWith("websocket") ? kind.request(port) : ""),
    async start() {
      running ??= await start();
    },
    async stop() {
      if (!running) return;
      const { bench, control } = running;
      running = undefined;
      control.destroy();
      await bench.close();
      if (bench.warnings.length > 0) throw new Error(`the simulator warns:\n${bench.warnings.join("\n")}`);
    },
  };
};
