/** Rules of MQTT 3.1.1 and of Wi-Fi that a schema cannot express. Statement ids are those of the standard. */
import type { Draft } from "../draft.ts";
import type { Report } from "../report.ts";

const LONGEST = 65535;

/** Host and port of a broker's URL, or what is wrong with it. The URL itself is never quoted: it may be a secret. */
export function parseUrl(
  url: string,
): { host: string; port: number } | { problem: string; suggestion: string } {
  const write = "write mqtt://host or mqtt://host:port";
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(url);
  if (!parts) return { problem: "this is not the URL of a broker", suggestion: write };
  const scheme = parts[1]!.toLowerCase();
  if (["mqtts", "ssl", "ws", "wss"].includes(scheme)) {
    return { problem: `${scheme}:// is not supported yet`, suggestion: "use mqtt:// for now" };
  }
  if (scheme === "tcp") return { problem: "a broker's URL begins with mqtt://, not tcp://", suggestion: write };
  if (scheme !== "mqtt") return { problem: "a broker's URL begins with mqtt://", suggestion: write };
  const rest = parts[2]!.replace(/\/$/, "");
  if (rest.includes("@")) {
    return {
      problem: "user name and password do not belong in the URL",
      suggestion: "move them to mqtt.username and mqtt.password",
    };
  }
  if (rest.startsWith("[")) {
    return { problem: "IPv6 addresses are not supported: the firmwares have IPv4 alone", suggestion: write };
  }
  if (/[/?#]/.test(rest)) return { problem: "the URL of an MQTT broker has no path", suggestion: write };
  const address = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,252}))(?::([0-9]*))?$/.exec(rest);
  if (!address) return { problem: "the URL names no valid host", suggestion: write };
  const port = address[3] === undefined ? 1883 : Number(address[3]);
  if (address[3] === "" || port < 1 || port > 65535) {
    return { problem: "the port is not a number from 1 to 65535", suggestion: "MQTT's port is 1883" };
  }
  return { host: address[1]!, port };
}

/** What is wrong with a text of the protocol [MQTT-1.5.3-1, 1.5.3-2], if anything. */
function textProblem(text: string): string | undefined {
  if (text.includes("\0")) return "MQTT allows no character U+0000 [MQTT-1.5.3-2]";
  if (/\p{Surrogate}/u.test(text)) return "half of a surrogate pair is no UTF-8 [MQTT-1.5.3-1]";
  if (Buffer.byteLength(text) > LONGEST) return `it is longer than ${LONGEST} bytes of UTF-8`;
  return undefined;
}

/** What is wrong with a topic to publish to, if anything. */
export function topicProblem(topic: string): string | undefined {
  if (topic === "") return "a topic needs at least one character [MQTT-4.7.3-1]";
  if (/[+#]/.test(topic)) return "a topic to publish to has no wildcards + and # [MQTT-3.3.2-2]";
  return textProblem(topic);
}

/** Reports what is wrong with the broker's settings. `known` is false for a path whose secret is missing. */
export function checkMqtt(draft: Draft, report: Report, known: (path: string) => boolean): void {
  const { mqtt } = draft;
  if (mqtt.url !== undefined && known("mqtt.url")) {
    const url = parseUrl(mqtt.url);
    if ("problem" in url) report.error(["mqtt", "url"], url.problem, url.suggestion);
  }
  if (mqtt.password !== undefined && mqtt.username === undefined) {
    report.error(["mqtt", "password"], "MQTT allows a password only with a user name [MQTT-3.1.2-22]",
      "add \"username\" or remove the password");
  }
  if (mqtt.clientId === "" && !mqtt.cleanSession) {
    report.error(["mqtt", "clientId"], "an empty client id needs a clean session [MQTT-3.1.3-7]",
      "remove \"clientId\": the board's name is used then, or set \"cleanSession\": true");
  }
  for (const key of ["clientId", "username", "password"] as const) {
    const problem = mqtt[key] === undefined ? undefined : textProblem(mqtt[key]);
    if (problem !== undefined) report.error(["mqtt", key], problem);
  }
  const keepAliveMs = mqtt.keepAliveMs;
  if (keepAliveMs !== undefined && (keepAliveMs % 1000 !== 0 || keepAliveMs > LONGEST * 1000)) {
    report.error(["mqtt", "keepAlive"], "keep-alive is whole seconds from \"0s\" (off) to \"65535s\"",
      `for example "${Math.min(LONGEST, Math.max(1, Math.round(keepAliveMs / 1000)))}s"`);
  }
  for (const key of ["will", "birth"] as const) {
    const message = mqtt[key];
    if (message === undefined || report.hasErrorIn(["mqtt", key])) continue;
    const problem = topicProblem(message.topic);
    if (problem !== undefined) report.error(["mqtt", key, "topic"], problem);
    if (Buffer.byteLength(message.payload) > LONGEST) {
      report.error(["mqtt", key, "payload"], `it is longer than ${LONGEST} bytes`);
    }
  }
}

/**
 * Reports names and passwords that no Wi-Fi network can have (IEEE 802.11: SSID 1 to 32 bytes; WPA: 8 to 63
 * characters).
 */
export function checkWifi(draft: Draft, report: Report, known: (path: string) => boolean): void {
  const { ssid, password } = draft.wifi;
  if (ssid !== undefined && known("wifi.ssid") && Buffer.byteLength(ssid) > 32) {
    report.error(["wifi", "ssid"], "the name of a network has at most 32 bytes");
  }
  const bytes = Buffer.byteLength(password);
  if (password !== "" && known("wifi.password") && (bytes < 8 || bytes > 64)) {
    report.error(["wifi", "password"], "a WPA password has 8 to 63 characters", "an open network has \"\"");
  }
}
