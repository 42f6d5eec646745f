/** Two ends of a connection inside this process: of a client, and of the broker. */
import { Duplex } from "node:stream";

/**
 * What the client writes in one turn of the event loop arrives in a later one, as few pieces as there can be, as with
 * sockets. Node's own pair hands over piece by piece while the first one is still being read; Aedes then reads on
 * from inside of its parser, which takes the packet at hand for the next one again. What the broker writes arrives at
 * once: it may destroy its end next.
 */
export function streamPair(): [client: Duplex, broker: Duplex] {
  const later = (fn: () => void): void => void setImmediate(fn);
  const end = (other: () => Duplex, when: (fn: () => void) => void): Duplex => {
    const pass = (bytes: Buffer | null, done: () => void): void => when(() => {
      other().push(bytes);
      done();
    });
    return new Duplex({
      read() {},
      write: (bytes: Buffer, _encoding, done) => pass(bytes, done),
      writev: (pieces: { chunk: Buffer }[], done) => pass(Buffer.concat(pieces.map(({ chunk }) => chunk)), done),
      final: (done) => pass(null, done),
    });
  };
  const client: Duplex = end(() => broker, later);
  const broker: Duplex = end(() => client, (fn) => fn());
  return [client, broker];
}
