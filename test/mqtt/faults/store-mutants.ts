/** Stores that are wrong in one place: only schedules in which the power fails can find them. */
import type { Mutant } from "./mutants.ts";

export const STORE_MUTANTS: Mutant[] = [
  {
    name: "says that a message is stored before it is",
    from: "const taken = enqueue(topic, payload, mode);\n  save();", to: "const taken = enqueue(topic, payload, mode);",
    breaks: ["settled once"],
  },
  {
    name: "stores nothing before it sends",
    from: "beforeSending(save);", to: "",
    breaks: ["stored", "settled once", "QoS 1 at least once"],
  },
  {
    name: "delivers before it notes the id",
    from: "const fresh = acknowledger(id);\n      save();", to: "const fresh = acknowledger(id);",
    breaks: ["QoS 2 exactly once"],
  },
  {
    name: "forgets received ids",
    from: "held2.push(element);", to: "",
    breaks: ["QoS 2 exactly once"],
  },
  {
    name: "forgets what was in flight",
    from: "slots.push(key, element);", to: "",
    breaks: ["stored", "id unused", "no exception"],
  },
  {
    name: "forgets the queue",
    from: "give(element, enqueue);", to: "",
    breaks: ["settled once"],
  },
  {
    name: "brings back what was in flight in the wrong order",
    from: "slots.push(key, element);", to: "slots.unshift(key, element);",
    breaks: ["order"],
  },
  {
    name: "brings back a SUBSCRIBE",
    from: "} else if (element.charCodeAt(0) <= PUBREL) {", to: "} else {",
    breaks: ["stored"],
  },
  {
    name: "believes half a record",
    from: "if (uint32(crc32(record)) === bytes.substring(2, 6)) {", to: "if (record.length < 65000) {",
    breaks: ["flags", "converges", "stored", "order", "settled once", "id unused", "no exception", "QoS 2 exactly once", "QoS 1 at least once"],
  },
  {
    name: "has a checksum that half a record may have, too",
    from: "var uint32 = (value) => uint16(value >>> 16) + uint16(value & 65535);",
    to: "var uint32 = (value) => uint16(0) + uint16(value >>> 24);",
    breaks: ["stored", "order", "settled once", "id unused", "no exception", "QoS 2 exactly once", "QoS 1 at least once"],
  },
  {
    name: "does not look whether a record was written as it should be",
    from: "isThere = readRecord() === record;", to: "readRecord();",
    breaks: ["order", "stored", "QoS 2 exactly once", "settled once"],
  },
  {
    name: "lets a new area count before all that is alive is there",
    from: "eraseFlash(address(), areaBytes);", to: "eraseFlash(address(), areaBytes);\n      append(uint16(areaBytes) + uint32(sequence));",
    breaks: ["stored", "settled once", "QoS 2 exactly once"],
  },
  {
    name: "erases the area that counts",
    from: "sequence++;\n      journalEnd = 0;", to: "sequence += areas;\n      journalEnd = 0;",
    breaks: ["stored", "settled once", "QoS 2 exactly once"],
  },
  {
    name: "takes the last area that is whole for the newest",
    from: "&& number > newest) {", to: "&& number > 0) {",
    breaks: ["converges", "stored", "settled once", "QoS 2 exactly once", "order"],
  },
  {
    name: "numbers each area alike",
    from: "append(uint16(areaBytes) + uint32(sequence));", to: "append(uint16(areaBytes) + uint32(areas + sequence % areas));",
    breaks: ["stored", "settled once", "QoS 2 exactly once", "order"],
  },
  {
    name: "writes over the records that it has read",
    from: "at = end;\n      }\n    }\n  }", to: "at = end;\n      }\n    }\n    journalEnd = HEAD_BYTES;\n  }",
    breaks: ["stored", "settled once"],
  },
  {
    name: "does not store that a received id is done",
    from: "fn(change(place, \"\"));", to: "if (stored[place].length !== 2) fn(change(place, \"\"));\n      else stored.splice(place, 1);",
    breaks: ["QoS 1 at least once", "converges", "QoS 2 exactly once"],
  },
];
