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
    from: "held2.push(id);", to: "",
    breaks: ["QoS 2 exactly once"],
  },
  {
    name: "forgets what was in flight",
    from: "ids.push(slot.substring(0, 2));\n      slots.push(slot);", to: "",
    breaks: ["stored", "id unused", "no exception"],
  },
  {
    name: "forgets the queue",
    from: "give(entry, enqueue);", to: "",
    breaks: ["settled once"],
  },
  {
    name: "brings back what was in flight in the wrong order",
    from: "ids.push(slot.substring(0, 2));\n      slots.push(slot);",
    to: "ids.unshift(slot.substring(0, 2));\n      slots.unshift(slot);",
    breaks: ["order"],
  },
  {
    name: "brings back a SUBSCRIBE",
    from: "if (slot.charCodeAt(2) <= PUBREL) {", to: "if (true) {",
    breaks: ["stored"],
  },
  {
    name: "believes half a record",
    from: "if (uint32(crc32(record)) === bytes.substring(2, 6)) {", to: "if (record.length < 65000) {",
    breaks: ["stored", "order", "settled once", "id unused", "no exception", "QoS 2 exactly once", "QoS 1 at least once"],
  },
  {
    name: "has a checksum that half a record may have, too",
    from: "var uint32 = (value) => uint16(value >>> 16) + uint16(value & 65535);",
    to: "var uint32 = (value) => uint16(0) + uint16(value >>> 24);",
    breaks: ["stored", "order", "settled once", "id unused", "no exception", "QoS 2 exactly once", "QoS 1 at least once"],
  },
  {
    name: "does not look whether a record was written as it should be",
    from: "if (journalEnd <= areaBytes && !writeFlash(at, ", to: "if (journalEnd <= areaBytes && void writeFlash(at, ",
    breaks: ["stored", "QoS 2 exactly once", "settled once"],
  },
  {
    name: "lets a new area count before all that is alive is there",
    from: "eraseFlash(address(), areaBytes);", to: "eraseFlash(address(), areaBytes);\n      append(uint32(sequence + 1) + uint16(areaBytes));",
    breaks: ["stored", "settled once", "QoS 2 exactly once"],
  },
  {
    name: "erases the area that counts",
    from: "area = (area + 1) % areas;", to: "area = area < 0 ? 0 : area;",
    breaks: ["stored", "settled once", "QoS 2 exactly once"],
  },
  {
    name: "takes the last area that is whole for the newest",
    from: "&& number > sequence) {", to: "&& number > 0) {",
    breaks: ["stored", "settled once", "QoS 2 exactly once", "order"],
  },
  {
    name: "numbers each area alike",
    from: "sequence++;", to: "sequence = 1;",
    breaks: ["stored", "settled once", "QoS 2 exactly once", "order"],
  },
  {
    name: "writes over the records that it has read",
    from: "apply(record);\n    }\n  }\n  for", to: "apply(record);\n    }\n    journalEnd = HEAD_BYTES;\n  }\n  for",
    breaks: ["stored", "settled once"],
  },
  {
    name: "does not store that a received id is done",
    from: "change(list.length, known.length - list.length, \"\");",
    to: "if (n !== 2) change(list.length, known.length - list.length, \"\");",
    breaks: ["QoS 1 at least once", "converges", "QoS 2 exactly once"],
  },
];
