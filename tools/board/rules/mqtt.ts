/** Rules of MQTT 3.1.1 and of Wi-Fi that a schema cannot express. Statement ids are those of the standard. */
import type { Draft } from "../draft.ts";
import type { Report } from "../report.ts";

const LONGEST = 65535;

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

/** Reports what is wrong with the broker's settings. */
export function checkMqtt(draft: Draft, report: Report): void {
  const { mqtt } = draft;
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
