/** What holds whatever happens, by name, with the statements of the standard that ask for it. */

export const INVARIANTS = {
  "connect first": "nothing is sent before CONNECT [MQTT-3.1.0-1]",
  "connect once": "CONNECT is sent once a connection [MQTT-3.1.0-2]",
  "silent before CONNACK": "nothing but CONNECT is sent before CONNACK",
  "silent after DISCONNECT": "nothing is sent after DISCONNECT [MQTT-3.14.4-2]",
  "one link": "a link is closed before the next is opened, and nothing is written to a closed one [MQTT-3.14.4-1]",
  "whole packets": "a write holds whole packets",
  "QoS 0 at most once": "a message of QoS 0 is sent and delivered at most once [MQTT-4.3.1-1]",
  "QoS 1 at least once": "a message of QoS 1 arrives, unless its session ended [MQTT-4.3.2-1, MQTT-4.3.2-2]",
  "QoS 2 exactly once": "a message of QoS 2 arrives once, and once more at most for each session that the broker lost;"
    + " one to the client may be lost where a session was lost and the client could not be told"
    + " [MQTT-4.3.3-1, MQTT-4.3.3-2]",
  "settled once": "what became of a packet that was kept is told exactly once",
  "settled truly": "a message that is told to be acknowledged was taken by the broker",
  "told once": "each publish has its function called exactly once, and with what is true; after a loss of power never again",
  stored: "what was told to be stored, and all that was sent, is there after a loss of power, as far as it had come; and"
    + " there is room for all of it",
  "id unused": "an id is not 0 and not used while its exchange is unfinished [MQTT-2.3.1-1, MQTT-2.3.1-2, MQTT-2.3.1-3]",
  "acks in order": "each packet is acknowledged at once, in the order of receipt, whatever became of it"
    + " [MQTT-4.6.0-2, MQTT-4.6.0-3, MQTT-4.6.0-4, MQTT-4.5.0-2, MQTT-4.3.3-2]",
  "sent again": "with the next session all that is unacknowledged is sent again, in order, with its id and DUP, before"
    + " anything new; not on a timer; nothing of a clean session"
    + " [MQTT-4.4.0-1, MQTT-4.6.0-1, MQTT-3.3.1-1, MQTT-3.1.2-4, MQTT-3.1.2-6]",
  DUP: "DUP is not set on a first send, and never at QoS 0 [MQTT-3.3.1-1, MQTT-3.3.1-2]",
  order: "messages are sent, taken and delivered in the order in which they were published [MQTT-4.6.0-1]",
  window: "no more messages are in flight than there are slots",
  flags: "header flags are as 2.2.2 says [MQTT-3.6.1-1, MQTT-3.8.1-1, MQTT-3.10.1-1]",
  "keep-alive": "no gap between packets exceeds the keep-alive [MQTT-3.1.2-23]",
  "dead link": "a link that has gone silent is given up within 1.5 keep-alive [MQTT-3.1.2-24]",
  subscriptions: "the broker has the subscriptions that the program wants [MQTT-3.2.2-4]",
  memory: "slots, reassembly, held ids stay within their bounds; an acknowledgement waits for nothing",
  "one timer": "there is one timer while the client runs, and none when it has stopped",
  converges: "after the faults stop all drains within the stated time, and messages pass again",
  "no will": "after DISCONNECT the broker publishes no will",
  "no exception": "no exception leaves the client, and none is thrown in a handler",
} as const;

export type InvariantName = keyof typeof INVARIANTS;

export interface Violation {
  name: InvariantName;
  what: string;
}

/** What a run has done, to see that a test reaches what it is for. */
export interface Stats {
  violation: Violation | undefined;
  /** How often the power failed, and how many steps there were for it to fail at in the last life. */
  restarts: number;
  steps: number;
  attempts: number;
  accepted: number;
  delivered: number;
  /** What had passed on the link that was there when the faults stopped. */
  bytes: { toBroker: number; toClient: number };
}

/** Bytes for people: type and content, as hexadecimal numbers. */
export const hex = (bytes: string): string =>
  [...bytes].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join(" ");
