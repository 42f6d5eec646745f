/**
 * The single-wire bus of Aosong's DHT parts, on Espruino (reference: setWatch): each edge is stamped by an interrupt
 * and waits in a buffer, so that the interpreter's own pace does not matter. An answer has 84 edges of 6 bytes: all of
 * it fits into the 512 bytes that an ESP8266 has for events, when nothing else happens at the time.
 */
import type { DhtFrame, Pin } from "../types.ts";
import { after } from "./timer.ts";
import type { Edge, WatchOptions } from "./watch.ts";

declare const digitalWrite: (pin: Pin, value: number) => void;
declare const pinMode: (pin: Pin, mode: string) => void;
declare const setWatch: (fn: (this: void, edge: Edge) => void, pin: Pin, options: WatchOptions) => number;
declare const clearWatch: (id: number) => void;

/** A high pulse is 22 to 30 us for a 0, 68 to 75 us for a 1 (AM2302 data sheet, single-bus signal characteristics). */
const LONG_S = 0.00005;
/** An answer takes about 5 ms; the interpreter may be late. */
const ANSWER_MS = 40;
const BITS = 40;

/** A part on a pin. */
export const dht = (pin: Pin): DhtFrame => (lowMs, done) => {
  let bits = "";
  // First: on the ESP32 it makes an input of the pin, which would end a pulse that had begun.
  const id = setWatch(
    (edge) => {
      bits += edge.time - edge.lastTime > LONG_S ? "1" : "0";
    },
    pin,
    { repeat: true, edge: "falling" },
  );
  digitalWrite(pin, 0);
  pinMode(pin, "output");
  after(() => pinMode(pin, "input_pullup"), lowMs);
  after(() => {
    clearWatch(id);
    // The bits are the last ones: before them are the ends of the start and of the part's "here I am".
    let at = bits.length > BITS ? bits.length - BITS : 0;
    let bytes = "";
    while (at + 8 <= bits.length) {
      let byte = 0;
      const end = at + 8;
      while (at < end) {
        byte = byte * 2 + (bits.charCodeAt(at) & 1);
        at++;
      }
      bytes += String.fromCharCode(byte);
    }
    done(bytes);
  }, lowMs + ANSWER_MS);
};
