/** MQTT 3.1.1 on the wire, for the model broker and the invariants. Shares nothing with the client's codec. */

const byte = String.fromCharCode;

/** Packet types (2.2.1). */
export const CONNECT = 1;
export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const PUBREC = 5;
export const PUBREL = 6;
export const PUBCOMP = 7;
export const SUBSCRIBE = 8;
export const SUBACK = 9;
export const UNSUBSCRIBE = 10;
export const UNSUBACK = 11;
export const PINGREQ = 12;
export const PINGRESP = 13;
export const DISCONNECT = 14;

/** A packet: its type, flags, body, and all of its bytes. */
export interface Packet {
  type: number;
  flags: number;
  body: string;
  bytes: string;
}

export const u16 = (n: number): string => byte(n >> 8, n & 255);
export const text = (s: string): string => u16(s.length) + s;
export const idAt = (s: string, at: number): number => s.charCodeAt(at) * 256 + s.charCodeAt(at + 1);

/** A packet from type, flags and body. */
export const encode = (type: number, flags: number, body: string): string => {
  let length = "";
  let n = body.length;
  while (n > 127) {
    length += byte(n % 128 + 128);
    n = Math.floor(n / 128);
  }
  return byte(type * 16 + flags) + length + byte(n) + body;
};

/** An acknowledgement: a type and an id; PUBREL has flags 0010 [MQTT-3.6.1-1]. */
export const ack = (type: number, id: number): string => encode(type, type === PUBREL ? 2 : 0, u16(id));

export interface Publish {
  dup: boolean;
  qos: number;
  retain: boolean;
  topic: string;
  /** 0 at QoS 0. */
  id: number;
  payload: string;
}

export const publish = (m: Publish): string => encode(
  PUBLISH, (m.dup ? 8 : 0) + m.qos * 2 + (m.retain ? 1 : 0),
  text(m.topic) + (m.qos > 0 ? u16(m.id) : "") + m.payload,
);

export const parsePublish = ({ flags, body }: Packet): Publish => {
  const qos = (flags >> 1) & 3;
  const end = 2 + idAt(body, 0);
  return {
    dup: (flags & 8) > 0, qos, retain: (flags & 1) > 0, topic: body.slice(2, end),
    id: qos > 0 ? idAt(body, end) : 0, payload: body.slice(qos > 0 ? end + 2 : end),
  };
};

/** Puts packets together from bytes in pieces of any size. */
export class Reader {
  private rest = "";

  /** Calls `fn` with each packet that is complete now. */
  read(bytes: string, fn: (packet: Packet) => void): void {
    let data = this.rest + bytes;
    this.rest = "";
    while (data !== "") {
      let size = 0;
      let at = 1;
      let scale = 1;
      let last = 128;
      while (last > 127 && at < data.length) {
        last = data.charCodeAt(at++);
        size += (last & 127) * scale;
        scale *= 128;
      }
      if (last > 127 || data.length < at + size) {
        this.rest = data;
        return;
      }
      const first = data.charCodeAt(0);
      const end = at + size;
      const packet = { type: first >> 4, flags: first & 15, body: data.slice(at, end), bytes: data.slice(0, end) };
      data = data.slice(end);
      fn(packet);
    }
  }

  /** Bytes of a packet that is not complete. */
  get pending(): number {
    return this.rest.length;
  }
}

/** A packet from all of its bytes. */
export const packetOf = (bytes: string): Packet => {
  let found: Packet | undefined;
  new Reader().read(bytes, (packet) => {
    found = packet;
  });
  return found!;
};

/** The topics of a SUBSCRIBE (with QoS) or UNSUBSCRIBE. */
export const parseFilters = ({ type, body }: Packet): { filter: string; qos: number }[] => {
  const found = [];
  let at = 2;
  while (at < body.length) {
    const end = at + 2 + idAt(body, at);
    const hasQos = type === SUBSCRIBE;
    found.push({ filter: body.slice(at + 2, end), qos: hasQos ? body.charCodeAt(end) : 0 });
    at = hasQos ? end + 1 : end;
  }
  return found;
};
