/** Mosquitto, where it is installed. */
import { spawnSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { authority } from "../certificate.ts";
import type { Target } from "../target.ts";
import { findProgram, run, type Command, type Running } from "./program.ts";
import { DENIED, PASSWORD, USER, type RunningBroker } from "./types.ts";

const PORTS = 5;

/** Builds without WebSocket do not start with these. */
const webSockets = (ws: number, wss: number, certificate: string[]): string[] => [
  `listener ${ws} 127.0.0.1`, "protocol websockets", `listener ${wss} 127.0.0.1`, "protocol websockets", ...certificate,
];

/** What it takes to run it, or undefined. */
export const findMosquitto = (): { program: string; passwd: string } | undefined => {
  const [program, passwd] = [findProgram("mosquitto"), findProgram("mosquitto_passwd")];
  return program === undefined || passwd === undefined ? undefined : { program, passwd };
};

/** Starts it, where it is installed. */
export const startMosquitto = async (): Promise<RunningBroker> => {
  const { program, passwd } = findMosquitto()!;
  const { ca, issue } = authority("motelet interop");
  const server = issue(["localhost", "127.0.0.1"]);
  const { cert, key } = issue(["client"]);
  const prepare = (hasWebSocket: boolean) => async (folder: string, ports: number[]): Promise<Command[]> => {
    const file = (name: string): string => join(folder, name);
    const [mqtt, mqtts, certified, ws, wss] = ports as [number, number, number, number, number];
    await chmod(folder, 0o700);
    await writeFile(file("passwords"), `${USER}:${PASSWORD}\n`, { mode: 0o600 });
    spawnSync(passwd, ["-U", file("passwords")], { stdio: "ignore" });
    await writeFile(file("acl"), `user ${USER}\ntopic readwrite #\ntopic read $SYS/#\ntopic deny ${DENIED}\n`, { mode: 0o600 });
    await writeFile(file("ca.pem"), ca);
    await writeFile(file("cert.pem"), server.cert);
    await writeFile(file("key.pem"), server.key, { mode: 0o600 });
    const certificate = [`certfile ${file("cert.pem")}`, `keyfile ${file("key.pem")}`];
    await writeFile(file("mosquitto.conf"), [
      "allow_anonymous false", "persistence false", "log_dest stderr",
      `password_file ${file("passwords")}`, `acl_file ${file("acl")}`,
      // Started by root it would become a user that may not read these files.
      ...(process.getuid?.() === 0 ? ["user root"] : []),
      `listener ${mqtt} 127.0.0.1`,
      `listener ${mqtts} 127.0.0.1`, ...certificate,
      `listener ${certified} 127.0.0.1`, ...certificate, `cafile ${file("ca.pem")}`, "require_certificate true",
      ...(hasWebSocket ? webSockets(ws, wss, certificate) : []),
    ].join("\n"));
    return [{ program, args: ["-c", file("mosquitto.conf")] }];
  };
  const start = (hasWebSocket: boolean): Promise<Running> => run("Mosquitto", {
    ports: PORTS, prepare: prepare(hasWebSocket), patienceMs: 5000,
    ...(hasWebSocket ? { attempts: 1 } : { answering: (ports) => ports.slice(0, 3) }),
  });
  let hasWebSocket = true;
  const running = await start(true).catch(() => {
    hasWebSocket = false;
    return start(false);
  });
  const target = (link: Target["link"], at: number): Target => ({
    link, host: "127.0.0.1", port: running.ports[at]!, username: USER, password: PASSWORD, ca,
  });
  const path = "/mqtt";
  return {
    ...target("mqtt", 0), name: "Mosquitto", denied: DENIED,
    links: {
      mqtts: target("mqtts", 1),
      ...(hasWebSocket ? { ws: { ...target("ws", 3), path }, wss: { ...target("wss", 4), path } } : {}),
    },
    certified: { ...target("mqtts", 2), cert, key },
    stop: () => running.stop(),
  };
};
