/** Clients that are wrong in one place: the schedules of faults have to find each. */
import type { InvariantName } from "./invariants.ts";

export interface Mutant {
  name: string;
  /** What stands in the compiled client, once, and what the mutant has instead. */
  from: string;
  to: string;
  /** Invariants that it breaks: the first one found has to be among them. */
  breaks: InvariantName[];
}

export const MUTANTS: Mutant[] = [
  {
    name: "does not send PUBREL again",
    from: "if (isPacket && !ends) {", to: "if (isPacket && !ends && kind !== 0x62) {",
    breaks: ["sent again"],
  },
  {
    name: "sends the PUBLISH again after its PUBREC",
    from: "slots[at] = release;", to: "",
    breaks: ["sent again", "settled once", "converges", "stored"],
  },
  {
    name: "takes an id that is in use",
    from: "(key) => key.charCodeAt(2) === lastId >>> 8", to: "() => false",
    breaks: ["id unused"],
  },
  {
    name: "loses DUP",
    from: "isPublish ? kind | 8 : kind", to: "kind",
    breaks: ["sent again"],
  },
  {
    name: "delivers what it holds already",
    from: "return !known;", to: "return true;",
    breaks: ["QoS 2 exactly once"],
  },
  {
    name: "acknowledges in the wrong order",
    from: "acks += packet2;", to: "acks = packet2 + acks;",
    breaks: ["acks in order"],
  },
  {
    name: "keeps acknowledgements until the next event",
    from: "    }\n    flushAcks();", to: "    }",
    breaks: ["acks in order"],
  },
  {
    name: "keeps half a packet for the next connection",
    from: "rest = \"\";\n  if (skipsLarge) {", to: "if (skipsLarge) {",
    breaks: ["acks in order", "converges", "sent again", "memory", "settled once"],
  },
  {
    name: "does not subscribe anew where the broker lost the session",
    from: "if (!present || windowMs > SECOND_WINDOW_MS) {", to: "if (windowMs > SECOND_WINDOW_MS) {",
    breaks: ["subscriptions"],
  },
  {
    name: "believes a session present after an attempt that failed",
    from: "if (!present || windowMs > SECOND_WINDOW_MS) {", to: "if (!present) {",
    breaks: ["subscriptions"],
  },
  {
    name: "asks for its subscriptions once more each time",
    from: " || kind === SUBSCRIBE && windowMs > SECOND_WINDOW_MS", to: "",
    breaks: ["memory"],
  },
  {
    name: "holds ids of a session that is lost",
    from: "if (!present) {\n    held.splice", to: "if (false) {\n    held.splice",
    breaks: ["QoS 1 at least once", "QoS 2 exactly once", "converges"],
  },
  {
    name: "sends after DISCONNECT",
    from: "write(DISCONNECT_PACKET);", to: "write(DISCONNECT_PACKET + PINGREQ_PACKET);",
    breaks: ["silent after DISCONNECT"],
  },
  {
    name: "closes without DISCONNECT",
    from: "write(DISCONNECT_PACKET);", to: "",
    breaks: ["no will"],
  },
  {
    name: "drops a message with its connection",
    from: "socket = close(socket, flush);\n", to: "socket = close(socket, flush);\n  slots.splice(0, 2);\n",
    breaks: ["sent again", "settled once", "subscriptions"],
  },
  {
    name: "sends again what belongs to a clean session",
    from: "ends = cleanSession || ", to: "ends = ",
    breaks: ["settled once", "order", "DUP", "id unused", "sent again"],
  },
  {
    name: "publishes before CONNACK",
    from: "up && slots.length < most && size", to: "slots.length < most && size",
    breaks: ["no exception", "sent again", "settled once", "order", "DUP", "converges"],
  },
  {
    name: "sends what it keeps before CONNACK",
    from: "if (up) {\n    write(filter);", to: "if (socket) {\n    write(filter);",
    breaks: ["silent before CONNACK", "connect first", "no exception"],
  },
  {
    name: "has more in flight than slots",
    from: "slots.length < most && size", to: "slots.length <= most && size",
    breaks: ["window"],
  },
  {
    name: "tells twice that a message is done",
    from: "settledHandler(slots.splice(at, 2), ANSWERED);", to: "settledHandler(slots.slice(at, at + 2), ANSWERED); settledHandler(slots.splice(at, 2), ANSWERED);",
    breaks: ["settled once"],
  },
  {
    name: "takes a PUBREC for the end of QoS 2",
    from: "slots[at] = release;", to: "settledHandler(slots.splice(at - 1, 2), ANSWERED);",
    breaks: ["settled once", "acks in order"],
  },
  {
    name: "does not answer a PUBREL that it does not know",
    from: "acknowledge(PUBCOMP_HEAD + id);", to: "if (at >= 0) acknowledge(PUBCOMP_HEAD + id);",
    breaks: ["acks in order"],
  },
  {
    name: "never gives up a silent link",
    from: "if (isPingAwaited) {", to: "if (false) {",
    breaks: ["converges", "dead link", "subscriptions"],
  },
  {
    name: "waits a keep-alive from CONNACK to the first PINGREQ",
    from: "arm(tickMs, tick);\n      for", to: "arm(2 * tickMs + 1000, tick);\n      for",
    breaks: ["keep-alive", "dead link"],
  },
  {
    name: "counts what it receives as kept alive",
    from: "if (table) {", to: "if (table) {\n    if (up) arm(tickMs, tick);",
    breaks: ["keep-alive"],
  },
  {
    name: "leaves a timer behind",
    from: "var arm = (ms, fn) => {\n  cancel(timer);", to: "var arm = (ms, fn) => {",
    breaks: ["one timer"],
  },
  {
    name: "lets the queue overtake what is sent again",
    from: "return isPacket && ends;", to: "if (isPacket && ends) settledHandler(slots.splice(slots.indexOf(packet2) - 1, 2), cleanSession ? GONE : DONE);\n    return false;",
    breaks: ["sent again", "settled once", "DUP"],
  },
  {
    name: "turns the queue round",
    from: "entries.push(char(mode) + topic + payload);", to: "entries.unshift(char(mode) + topic + payload);",
    breaks: ["order", "settled once"],
  },
  {
    name: "tells no function of a message that was acknowledged",
    from: "tell(done, how > GONE ? ACKNOWLEDGED : DROPPED);", to: "",
    breaks: ["told once"],
  },
  {
    name: "tells the function of another message",
    from: "const done = waiting[at];\n    waiting.splice(at, 1);", to: "const done = waiting[waiting.length - 1];\n    waiting.splice(waiting.length - 1, 1);",
    breaks: ["told once"],
  },
  {
    name: "tells a function again that was told",
    from: "keptDones.splice(at, 1);", to: "keptIds.push(keptIds[0]);",
    breaks: ["told once"],
  },
];

/** The compiled client with one place changed. Throws where the place is not there, or not once. */
export const mutate = (body: string, { name, from, to }: Mutant): string => {
  const places = body.split(from).length - 1;
  if (places !== 1) {
    throw new Error(`mutant "${name}": ${JSON.stringify(from)} stands ${places} times in the compiled client, not once;`
      + " lib/mqtt has changed: change test/mqtt/faults/mutants.ts with it");
  }
  return body.replace(from, () => to);
};
