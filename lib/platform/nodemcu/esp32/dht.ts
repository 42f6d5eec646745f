/**
 * The single-wire bus of Aosong's DHT parts. Firmware modules: dht, gpio, tmr, node. The firmware's `read2x` pulls the
 * line low for 1 ms, takes the bits (5 ms, in which nothing else happens) and gives degrees and percent as of a DHT22:
 * the bytes are put together again. Its `read11` would drop tenths and sign; so the longer start signal of a DHT11 is
 * begun here.
 */
import type { DhtFrame, Pin } from "../../types.ts";
import { dht as module, gpio } from "../api.ts";
import { frameOf, tenths } from "../dht-frame.ts";
import { after } from "../timer.ts";

/** What `read2x` does by itself is enough for less than this. */
const LONG_MS = 10;

/** A part on a pin. */
export const dht = (pin: Pin): DhtFrame => (lowMs, done) => {
  const at = pin as unknown as number;
  let frame = "";
  const take = (status: number, temperature?: number, humidity?: number): void => {
    frame = frameOf(status, tenths(humidity ?? 0), tenths(temperature ?? 0), (temperature ?? 0) < 0);
  };
  const read = (): void => {
    take(module.read2x(at));
    done(frame);
  };
  if (lowMs > LONG_MS) {
    gpio.config({ gpio: at, dir: gpio.OUT });
    gpio.write(at, 0);
    // A tick less: a timer takes one more than it has to.
    after(read, lowMs - 10);
  } else {
    read();
  }
};
