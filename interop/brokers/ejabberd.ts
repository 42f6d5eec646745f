/**
 * ejabberd with mod_mqtt, where Debian's package is installed. Its Erlang runs alone, without a name: so there is no
 * epmd, and nothing but the listeners below.
 */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { authority } from "../certificate.ts";
import type { Target } from "../target.ts";
import { findProgram, run, type Command } from "./program.ts";
import { DENIED, PASSWORD, USER, type RunningBroker } from "./types.ts";

const DOMAIN = "localhost";

/** Where one filter allows a topic it is allowed: what none names is denied. */
const access = (name: string): string[] => [`    ${name}:`, '      "interop/#": [{allow: all}]'];

const configuration = (folder: string, [mqtt, mqtts, ws, wss]: number[]): string => [
  `hosts: [${DOMAIN}]`, "loglevel: warning", "auth_method: [internal]", `certfiles: ["${join(folder, "identity.pem")}"]`,
  "listen:",
  `  - {ip: "127.0.0.1", port: ${mqtt}, module: mod_mqtt}`,
  `  - {ip: "127.0.0.1", port: ${mqtts}, module: mod_mqtt, tls: true}`,
  `  - {ip: "127.0.0.1", port: ${ws}, module: ejabberd_http, request_handlers: {/mqtt: mod_mqtt}}`,
  `  - {ip: "127.0.0.1", port: ${wss}, module: ejabberd_http, tls: true, request_handlers: {/mqtt: mod_mqtt}}`,
  "modules:", "  mod_mqtt:", ...access("access_publish"), ...access("access_subscribe"), "",
].join("\n");

/** A binary of Erlang. */
const binary = (text: string): string => `<<${JSON.stringify(text)}>>`;

/** What it takes to run it, or undefined. */
export const findEjabberd = (): { code: string; erl: string } | undefined => {
  const [control, erl] = [findProgram("ejabberdctl"), findProgram("erl")];
  // Where its code is, only its own script knows.
  const code = control && /^ERL_LIBS='?([^'\n]+)/m.exec(readFileSync(control, "latin1"))?.[1];
  return code === undefined || erl === undefined ? undefined : { code, erl };
};

/** Starts it, where it is installed. */
export const startEjabberd = async (): Promise<RunningBroker> => {
  const { code, erl } = findEjabberd()!;
  const { ca, issue } = authority("motelet interop");
  const identity = issue([DOMAIN, "127.0.0.1"]);
  const prepare = async (folder: string, ports: number[]): Promise<Command[]> => {
    await writeFile(join(folder, "identity.pem"), identity.cert + identity.key, { mode: 0o600 });
    await writeFile(join(folder, "ejabberd.yml"), configuration(folder, ports));
    const register = `ejabberd_auth:try_register(${binary(USER)}, ${binary(DOMAIN)}, ${binary(PASSWORD)})`;
    return [{
      program: erl,
      args: [
        "-noinput", "-mnesia", "dir", JSON.stringify(join(folder, "data")), "-s", "ejabberd",
        "-eval", `ok = ${register}, io:format("the user is registered~n").`,
      ],
      env: {
        PATH: process.env["PATH"]!, HOME: folder, ERL_LIBS: code, ERL_CRASH_DUMP_BYTES: "0",
        EJABBERD_CONFIG_PATH: join(folder, "ejabberd.yml"), EJABBERD_LOG_PATH: join(folder, "ejabberd.log"),
      },
    }];
  };
  const running = await run("ejabberd", { ports: 4, prepare, says: "the user is registered", patienceMs: 30_000 });
  const target = (link: Target["link"], at: number): Target => ({
    link, host: "127.0.0.1", port: running.ports[at]!, username: `${USER}@${DOMAIN}`, password: PASSWORD, ca,
  });
  const path = "/mqtt";
  return {
    ...target("mqtt", 0), name: "ejabberd", denied: DENIED,
    links: { mqtts: target("mqtts", 1), ws: { ...target("ws", 2), path }, wss: { ...target("wss", 3), path } },
    stop: () => running.stop(),
  };
};
