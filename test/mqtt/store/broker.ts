/** A broker as small as the store's tests need: one session that it keeps, QoS 1 and 2 both ways. */

/** A packet of a client. */
interface Packet {
  first: number;
  body: string;
}

const split = (bytes: string): Packet[] => {
  const packets: Packet[] = [];
  let at = 0;
  while (at < bytes.length) {
    const first = bytes.charCodeAt(at++);
    let length = 0;
    for (let scale = 1, byte = 128; byte > 127; scale *= 128) {
      byte = bytes.charCodeAt(at++);
      length += (byte & 127) * scale;
    }
    packets.push({ first, body: bytes.substring(at, at + length) });
    at += length;
  }
  return packets;
};

interface Outgoing {
  id: string;
  payload: string;
  released: boolean;
}

export class Broker {
  /** Payloads, in the order in which they were passed on. */
  readonly received: string[] = [];
  /** What it would send next; lost when the link is. */
  replies: string[] = [];
  /** What is wrong with what the client sent. */
  readonly problems: string[] = [];
  /** Messages to the client that are not finished. */
  readonly outgoing: Outgoing[] = [];
  /** By id: payload of a QoS 2 message that was received and not released. */
  private readonly held = new Map<string, string>();
  /** By id: payload of a message that was not acknowledged on a link that lasted. */
  private readonly open = new Map<string, string>();

  /** Takes what the client sent. */
  take(bytes: string): void {
    for (const { first, body } of split(bytes)) this.packet(first, body);
  }

  private packet(first: number, body: string): void {
    const type = first >>> 4;
    if (type === 3) this.publish(first, body);
    else if (type === 5) {
      const message = this.outgoing.find(({ id }) => id === body);
      if (message) message.released = true;
      this.replies.push(`\x62\x02${body}`);
    } else if (type === 6) {
      this.held.delete(body);
      this.open.delete(body);
      this.replies.push(`\x70\x02${body}`);
    } else if (type === 7) {
      const at = this.outgoing.findIndex(({ id }) => id === body);
      if (at >= 0 && this.outgoing[at]!.released) this.outgoing.splice(at, 1);
    } else if (type === 8) this.replies.push(`\x90\x03${body.slice(0, 2)}\0`);
  }

  private publish(first: number, body: string): void {
    const qos = (first >>> 1) & 3;
    const at = 2 + body.charCodeAt(0) * 256 + body.charCodeAt(1);
    const id = body.slice(at, at + 2);
    const payload = body.slice(at + 2);
    const before = this.held.get(id) ?? this.open.get(id);
    if (before !== undefined && before !== payload) {
      this.problems.push(`the id of ${before}, which is unfinished, is used for ${payload}`);
    }
    if (qos === 2 && this.held.has(id)) {
      if ((first & 8) === 0) this.problems.push(`${payload} is sent again without DUP`);
    } else this.received.push(payload);
    if (qos === 2) this.held.set(id, payload);
    this.open.set(id, payload);
    this.replies.push(`${qos === 2 ? "\x50" : "\x40"}\x02${id}`);
  }

  /** The next packet to the client. */
  reply(): string {
    const packet = this.replies.shift()!;
    if (packet.startsWith("\x40")) this.open.delete(packet.slice(2));
    return packet;
  }

  /** Begins a message at QoS 2, with the smallest id that is free. */
  send(payload: string): void {
    let id = 1;
    while (this.outgoing.some((message) => message.id === String.fromCharCode(0, id))) id++;
    this.outgoing.push({ id: String.fromCharCode(0, id), payload, released: false });
    this.replies.push(this.message(this.outgoing.at(-1)!, 0));
  }

  private message({ id, payload }: Outgoing, dup: number): string {
    const body = `\0\x01i${id}${payload}`;
    return String.fromCharCode(0x34 | dup, body.length) + body;
  }

  /** A new link: what is unfinished is sent again. */
  resume(): void {
    this.replies = this.outgoing.map((message) =>
      message.released ? `\x62\x02${message.id}` : this.message(message, 8));
  }
}
