/** Text at the edge of the client: checked, and turned into bytes (binary strings) and back. */
import { isUtf8 } from "node:buffer";
import type { Payload } from "../mqtt.d.ts";

const LARGEST_FIELD_BYTES = 65_535;

/** Text as an error quotes it. */
const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);

const isText = (value: unknown, what: string): value is string => {
  if (typeof value !== "string") {
    throw new TypeError(`${what} is ${value === null ? "null" : `of type ${typeof value}`}: a string is needed`);
  }
  return true;
};

/**
 * UTF-8 as a binary string. Lone surrogates have none; U+FEFF stays [MQTT-1.5.3-1, -3].
 * @throws TypeError
 */
const utf8 = (text: string, what: string): string => {
  if (/\p{Cs}/u.test(text)) {
    throw new TypeError(`${what} ${quote(text)}: half of a surrogate pair has no UTF-8 [MQTT-1.5.3-1]`);
  }
  return Buffer.from(text, "utf8").toString("latin1");
};

/** Text of a string field of MQTT: at most 65,535 bytes, without U+0000 [MQTT-1.5.3-2]. Throws otherwise. */
export const stringBytes = (text: string, what: string): string => {
  isText(text, what);
  if (text.includes("\0")) {
    throw new TypeError(`${what} ${quote(text)}: U+0000 is not allowed [MQTT-1.5.3-2]`);
  }
  const bytes = utf8(text, what);
  if (bytes.length > LARGEST_FIELD_BYTES) {
    throw new RangeError(`${what} ${quote(text)} has ${bytes.length} bytes as UTF-8: at most 65535 fit [MQTT-4.7.3-3]`);
  }
  return bytes;
};

/** A payload as a binary string; text as UTF-8. Throws for anything else. */
export const payloadBytes = (payload: Payload, what = "payload"): string => {
  if (typeof payload === "string") {
    return utf8(payload, what);
  }
  if (!(payload instanceof Uint8Array)) {
    throw new TypeError(`${what} is ${payload === null ? "null" : `of type ${typeof payload}`}: `
      + "a string, Buffer or Uint8Array is needed (JSON.stringify makes text of an object, String of a number)");
  }
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("latin1");
};

/** A binary field of CONNECT: at most 65,535 bytes. Throws otherwise. */
export const binaryBytes = (payload: Payload, what: string): string => {
  const bytes = payloadBytes(payload, what);
  if (bytes.length > LARGEST_FIELD_BYTES) {
    throw new RangeError(`${what} has ${bytes.length} bytes: at most 65535 fit`);
  }
  return bytes;
};

const notEmpty = (text: string, what: string): void => {
  if (isText(text, what) && text === "") {
    throw new TypeError(`${what} is empty: it has at least one character [MQTT-4.7.3-1]`);
  }
};

/** The bytes of a topic to publish to. Throws for a wildcard [MQTT-3.3.2-2] and for what is no string of MQTT. */
export const topicBytes = (topic: string, what = "topic"): string => {
  notEmpty(topic, what);
  if (/[+#]/.test(topic)) {
    throw new TypeError(`${what} ${quote(topic)}: the wildcards + and # are for subscriptions only [MQTT-3.3.2-2]`);
  }
  return stringBytes(topic, what);
};

/** The bytes of a topic filter. Throws where a wildcard is not a whole level, or # not the last [MQTT-4.7.1-2, -3]. */
export const filterBytes = (filter: string): string => {
  notEmpty(filter, "filter");
  const levels = filter.split("/");
  levels.forEach((level, at) => {
    if (level.includes("#") && (level !== "#" || at < levels.length - 1)) {
      throw new TypeError(`filter ${quote(filter)}: # stands alone, and as the last level [MQTT-4.7.1-2]`);
    }
    if (level.includes("+") && level !== "+") {
      throw new TypeError(`filter ${quote(filter)}: + stands for a whole level, as in a/+/c [MQTT-4.7.1-3]`);
    }
  });
  return stringBytes(filter, "filter");
};

/** The text of a topic that came in, or undefined where it is none [MQTT-1.5.3-1, -2, MQTT-3.3.2-2]. */
export const topicText = (bytes: string): string | undefined => {
  const buffer = Buffer.from(bytes, "latin1");

  return bytes === "" || /[\0+#]/.test(bytes) || !isUtf8(buffer) ? undefined : buffer.toString("utf8");
};
