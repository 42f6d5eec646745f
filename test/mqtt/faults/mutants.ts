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
    from: "if (!ends) {", to: "if (!ends && isPublish) {",
    breaks: ["sent again"],
  },
  {
    name: "sends the PUBLISH again after its PUBREC",
    from: "slots[at] = id + char(PUBREL, 2) + id;", to: "",
    breaks: ["sent again", "settled once", "converges"],
  },
  {
    name: "takes an id that is in use",
    from: "return ids.indexOf(id) < 0 ? id : nextId();", to: "return id;",
    breaks: ["id unused"],
  },
  {
    name: "loses DUP",
    from: "(isPublish ? 8 : 0)", to: "0",
    breaks: ["sent again"],
  },
  {
    name: "delivers what it holds already",
    from: "return !known;", to: "return true;",
    breaks: ["QoS 2 exactly once"],
  },
  {
    name: "acknowledges in the wrong order",
    from: "acks += char(first2, 2) + id;", to: "acks = char(first2, 2) + id + acks;",
    breaks: ["acks in order"],
  },
  {
    name: "keeps acknowledgements until the next event",
    from: "rest = received.substring(at);\n  flushAcks();", to: "rest = received.substring(at);",
    breaks: ["acks in order"],
  },
  {
    name: "keeps half a packet for the next connection",
    from: "rest = acks = \"\";", to: "acks = \"\";",
    breaks: ["acks in order", "converges", "sent again", "memory", "settled once"],
  },
  {
    name: "does not subscribe anew where the broker lost the session",
    from: "if ((!present || windowMs > SECOND_WINDOW_MS) && ", to: "if (windowMs > SECOND_WINDOW_MS && ",
    breaks: ["subscriptions"],
  },
  {
    name: "believes a session present after an attempt that failed",
    from: "(!present || windowMs > SECOND_WINDOW_MS)", to: "!present",
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
    from: "send(DISCONNECT_PACKET);", to: "send(DISCONNECT_PACKET + PINGREQ_PACKET);",
    breaks: ["silent after DISCONNECT"],
  },
  {
    name: "closes without DISCONNECT",
    from: "send(DISCONNECT_PACKET);", to: "",
    breaks: ["no will"],
  },
  {
    name: "drops a message with its connection",
    from: "socket = void 0;\n  up = false;", to: "socket = void 0;\n  up = false;\n  slots.shift();\n  ids.shift();",
    breaks: ["sent again", "settled once", "subscriptions"],
  },
  {
    name: "sends again what belongs to a clean session",
    from: "const ends = cleanSession || ", to: "const ends = ",
    breaks: ["settled once", "order", "DUP", "id unused", "sent again"],
  },
  {
    name: "publishes before CONNACK",
    from: "accepted = up && slots.length < limit", to: "accepted = slots.length < limit",
    breaks: ["sent again", "settled once", "order", "DUP", "converges"],
  },
  {
    name: "sends what it keeps before CONNACK",
    from: "if (up) {\n    send(packet2);", to: "if (socket) {\n    send(packet2);",
    breaks: ["silent before CONNACK", "connect first"],
  },
  {
    name: "has more in flight than slots",
    from: "up && slots.length < limit && bytes", to: "up && slots.length <= limit && bytes",
    breaks: ["window"],
  },
  {
    name: "tells twice that a message is done",
    from: "finish(at, true, true);", to: "settledHandler(slots[at], true); finish(at, true, true);",
    breaks: ["settled once"],
  },
  {
    name: "takes a PUBREC for the end of QoS 2",
    from: "handlers[PUBREC] = () => {", to: "handlers[PUBREC] = () => {\n  first = 66;\n  settle();",
    breaks: ["settled once", "acks in order"],
  },
  {
    name: "does not answer a PUBREL that it does not know",
    from: "acknowledge(PUBCOMP, id);", to: "if (at >= 0) acknowledge(PUBCOMP, id);",
    breaks: ["acks in order"],
  },
  {
    name: "never gives up a silent link",
    from: "if (quiet > 3) {", to: "if (false) {",
    breaks: ["converges", "dead link", "subscriptions"],
  },
  {
    name: "waits a keep-alive from CONNACK to the first PINGREQ",
    from: "quiet = 1;", to: "quiet = 0;",
    breaks: ["keep-alive"],
  },
  {
    name: "counts what it receives as kept alive",
    from: "quiet &= 5;", to: "quiet &= 4;",
    breaks: ["keep-alive"],
  },
  {
    name: "leaves a timer behind",
    from: "var arm = (ms, fn) => {\n  cancel(timer);", to: "var arm = (ms, fn) => {",
    breaks: ["one timer"],
  },
  {
    name: "lets the queue overtake what is sent again",
    from: "return ends;\n  });", to: "if (ends) { settledHandler(slot, !cleanSession); }\n    return ends;\n  });\n  slots.splice(0, 0);",
    breaks: ["sent again", "settled once"],
  },
  {
    name: "turns the queue round",
    from: "entries.push(char(mode) + topic + payload);", to: "entries.unshift(char(mode) + topic + payload);",
    breaks: ["order", "settled once"],
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
