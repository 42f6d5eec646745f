/**
 * Runs on the interpreter and opens links for the contract test (espruino.ts there). Lines go over a connection of its
 * own: commands as JSON; answers as words: which link, what has happened, bytes in base64.
 */
import { tcp } from "../../../lib/link/tcp.ts";
import { tls } from "../../../lib/link/tls.ts";
import { websocket } from "../../../lib/link/websocket.ts";
import { close, type Socket } from "#platform/net";
import type { Open } from "../../../lib/platform/types.ts";

declare const require: (module: "net") => { connect: (options: object, onOpen: () => void) => Control };
interface Control {
  write(bytes: string): void;
  on(event: "data", fn: (bytes: string) => void): void;
}
declare const btoa: (bytes: string) => string;
declare const atob: (text: string) => string;
declare const setTimeout: (fn: () => void, ms: number) => void;
/** Set before this. */
declare const PORT: number;

/** Turns of the interpreter's loop in which nothing is to happen. */
const QUIET_TURNS = 12;

interface Command {
  what: string;
  id: number;
  kind: string;
  port: number;
  request: string;
  bytes: string;
  flush: boolean;
}

const sockets: (Socket | undefined)[] = [];
const control = require("net").connect({ host: "127.0.0.1", port: PORT }, () => {});
const say = (id: number, what: string, bytes: string): void => control.write(id + " " + what + " " + btoa(bytes) + "\n");

const linkOf = (kind: string, port: number, request: string): Open<Socket> => {
  const below = kind.indexOf("tls") < 0 ? tcp("127.0.0.1", port) : tls("127.0.0.1", port, { verify: false });
  return kind.indexOf("websocket") < 0 ? below : websocket(below, request);
};

const commands: Record<string, (command: Command) => void> = {
  open: (command) => {
    const id = command.id;
    const tell = (what: string) => () => say(id, what, "");
    const open = linkOf(command.kind, command.port, command.request);
    sockets[id] = open(tell("open"), (bytes) => say(id, "data", bytes), tell("close"), tell("drain"));
    if (!sockets[id]) {
      say(id, "refused", "");
    }
  },
  write: (command) => {
    try {
      sockets[command.id]!.write(atob(command.bytes));
    } catch (error) {
      say(command.id, "threw", String(error));
    }
  },
  close: (command) => {
    close(sockets[command.id]!, command.flush);
    say(command.id, "closed", "");
  },
  quiet: (command) => {
    let left = QUIET_TURNS;
    const turn = (): void => {
      left--;
      if (left > 0) {
        setTimeout(turn, 1);
      } else {
        say(command.id, "quiet", "");
      }
    };
    turn();
  },
};

let rest = "";
/**
 * From a timer, as the client opens its links: to open one within an event of a socket takes the network away from the
 * TLS sockets that have their turn behind it (`networkFree` of libs/network/network.c), which is an assertion there.
 */
const obey = (): void => {
  for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
    const command = JSON.parse(rest.substring(0, end)) as Command;
    rest = rest.substring(end + 1);
    commands[command.what]!(command);
  }
};
control.on("data", (bytes) => {
  rest += bytes;
  setTimeout(obey, 0);
});
