/**
 * RabbitMQ with its plugins rabbitmq_mqtt and rabbitmq_web_mqtt, where Debian's package is installed. It does not run
 * without epmd, the name server of Erlang: it gets one of its own, on a port of its own, which ends with it.
 */
import { existsSync, readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { authority } from "../certificate.ts";
import type { Target } from "../target.ts";
import { findProgram, run, type Command } from "./program.ts";
import { DENIED, PASSWORD, USER, type RunningBroker } from "./types.ts";

const VERSIONS = "/usr/lib/rabbitmq/lib";

/** What it takes to run it, or undefined: the script of the newest version, as the one in PATH insists on a user. */
export const findRabbitmq = (): { server: string; epmd: string } | undefined => {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort() : [];
  const server = versions.map((name) => join(VERSIONS, name, "sbin/rabbitmq-server")).filter((path) => existsSync(path)).at(-1);
  const epmd = findProgram("epmd");
  return server === undefined || epmd === undefined ? undefined : { server, epmd };
};

const configuration = (folder: string, [mqtt, mqtts, ws, wss]: number[]): string => {
  const certificate = (prefix: string): string[] => [
    `${prefix}.cacertfile = ${join(folder, "ca.pem")}`,
    `${prefix}.certfile = ${join(folder, "cert.pem")}`,
    `${prefix}.keyfile = ${join(folder, "key.pem")}`,
  ];
  return [
    "listeners.tcp = none", "log.console = true", "log.console.level = warning", "log.file = false",
    `load_definitions = ${join(folder, "definitions.json")}`,
    ...certificate("ssl_options"), "ssl_options.verify = verify_none",
    "mqtt.allow_anonymous = false", `mqtt.listeners.tcp.1 = 127.0.0.1:${mqtt}`, `mqtt.listeners.ssl.1 = 127.0.0.1:${mqtts}`,
    "web_mqtt.ws_path = /mqtt", "web_mqtt.tcp.ip = 127.0.0.1", `web_mqtt.tcp.port = ${ws}`,
    "web_mqtt.ssl.ip = 127.0.0.1", `web_mqtt.ssl.port = ${wss}`, ...certificate("web_mqtt.ssl"), "",
  ].join("\n");
};

/** The user, and what it may not: `/` of a topic is `.` in a key of RabbitMQ. */
const definitions = {
  vhosts: [{ name: "/" }],
  users: [{ name: USER, password: PASSWORD, tags: "" }],
  permissions: [{ user: USER, vhost: "/", configure: ".*", write: ".*", read: ".*" }],
  topic_permissions: [
    { user: USER, vhost: "/", exchange: "amq.topic", write: "^(?!denied).*", read: "^(?!denied).*" },
  ],
};

/** Starts it, where it is installed. */
export const startRabbitmq = async (): Promise<RunningBroker> => {
  const { server, epmd } = findRabbitmq()!;
  const { ca, issue } = authority("motelet interop");
  const identity = issue(["localhost", "127.0.0.1"]);
  const prepare = async (folder: string, ports: number[]): Promise<Command[]> => {
    const file = (name: string): string => join(folder, name);
    const [epmdPort, nodePort] = ports.slice(4) as [number, number];
    await mkdir(file("home"), { recursive: true });
    await writeFile(file("ca.pem"), ca);
    await writeFile(file("cert.pem"), identity.cert);
    await writeFile(file("key.pem"), identity.key, { mode: 0o600 });
    await writeFile(file("rabbitmq.conf"), configuration(folder, ports));
    await writeFile(file("definitions.json"), JSON.stringify(definitions));
    await writeFile(file("plugins"), "[rabbitmq_mqtt,rabbitmq_web_mqtt].\n");
    const names = { PATH: process.env["PATH"]!, HOME: file("home"), ERL_EPMD_PORT: String(epmdPort), ERL_EPMD_ADDRESS: "127.0.0.1" };
    return [{ program: epmd, args: ["-port", String(epmdPort), "-address", "127.0.0.1"], env: names }, {
      program: server,
      args: [],
      env: {
        ...names,
        // The script then becomes the server, whose pid is its own.
        RUNNING_UNDER_SYSTEMD: "true",
        RABBITMQ_NODENAME: `interop${process.pid}@localhost`, RABBITMQ_DIST_PORT: String(nodePort),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
        RABBITMQ_BASE: folder, RABBITMQ_CONF_ENV_FILE: file("none"), RABBITMQ_CONFIG_FILE: file("rabbitmq.conf"),
        RABBITMQ_ENABLED_PLUGINS_FILE: file("plugins"), RABBITMQ_MNESIA_BASE: file("data"),
        RABBITMQ_LOG_BASE: file("log"), RABBITMQ_LOGS: "-", ERL_CRASH_DUMP_BYTES: "0",
      },
    }];
  };
  const running = await run("RabbitMQ", {
    ports: 6, prepare, patienceMs: 90_000, answering: (ports) => ports.slice(0, 4),
  });
  const target = (link: Target["link"], at: number): Target => ({
    link, host: "127.0.0.1", port: running.ports[at]!, username: USER, password: PASSWORD, ca,
  });
  const path = "/mqtt";
  return {
    ...target("mqtt", 0), name: "RabbitMQ", denied: DENIED,
    links: { mqtts: target("mqtts", 1), ws: { ...target("ws", 2), path }, wss: { ...target("wss", 3), path } },
    stop: () => running.stop(),
  };
};
