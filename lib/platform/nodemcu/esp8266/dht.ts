/**
 * The single-wire bus of Aosong's DHT parts. Firmware module: dht, whose `read` pulls the line low for 18 ms, which
 * wakes all of them, reads the bits and gives degrees and percent as of a DHT22: the bytes are put together again. It
 * takes some 25 ms, in which nothing else happens.
 */
import type { DhtFrame, Pin } from "../../types.ts";
import { dht as module } from "../api.ts";
import { frameOf, tenths } from "../dht-frame.ts";

/** Parts that want a longer low pulse than this are DHT11. */
const LONG_MS = 10;
/** Least humidity of a DHT11, 5 %, as a DHT22 would say it. */
const LEAST_DHT11 = 1280;
/** Where a DHT22 has nothing in its low bytes, its high ones are 3 at most. */
const MOST_HIGH = 30;

/** A part on a pin. */
export const dht = (pin: Pin): DhtFrame => (lowMs, done) => {
  let frame = "";
  const take = (status: number, temperature?: number, humidity?: number): void => {
    const h = tenths(humidity ?? 0);
    const t = tenths(temperature ?? 0);
    const isNegative = (temperature ?? 0) < 0;
    // Two low bytes of 0 are a DHT11's to the firmware (dht.c): it gives the high bytes as they are.
    const isPlain = lowMs > LONG_MS ? h < LEAST_DHT11
      : h <= MOST_HIGH && t <= MOST_HIGH && h % 10 === 0 && t % 10 === 0;
    frame = isPlain ? frameOf(status, h / 10 * 256, t / 10 * 256, isNegative)
      : frameOf(status, h, t, isNegative);
  };
  take(module.read(pin as unknown as number));
  done(frame);
};
