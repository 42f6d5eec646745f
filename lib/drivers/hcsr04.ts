/**
 * HC-SR04 (and parts that speak like it: HC-SR04P, JSN-SR04T, US-015): distance by ultrasound, on two pins.
 * Source: ElecFreaks HC-SR04 user guide: "Module working principle" (10 us on Trig; Echo is high for as long as the
 * sound was under way), "Electric parameter" (2 cm to 4 m), "Timing diagram" (60 ms or more from one to the next).
 * Echo of a part that has 5 V needs a divider: the pins of ESP32 and ESP8266 take 3.3 V.
 * Units: 0.1 cm. Where nothing reflects, Echo is high for 38 ms, longer than 4 m take.
 */
import type { Echo } from "../platform/types.ts";
import type { Driver, DriverMeta, DriverOptions } from "./types.ts";

/** After the trigger: 8 cycles of 40 kHz, then Echo, 38 ms of it at most. */
const ECHO_MS = 60;
/** Electric parameter: 2 cm to 4 m; in 0.1 cm. */
const NEAREST = 20;
const FARTHEST = 4000;

/** Distance in 0.1 cm of an echo in us; `speed` in mm/us: the sound goes there and back. */
export const distance = (us: number, speed: number): number => Math.floor(us * speed / 2 + 0.5);

/**
 * Errors: "timeout": no echo at all; "range": nearer than 2 cm or farther than 4 m, nothing that reflects among it.
 * @param speed of sound, mm/us
 */
export const create = (echo: Echo, speed: number): Driver => ({
  open: (done) => done(""),
  sample: (done) => {
    echo(ECHO_MS, (us) => {
      if (us === undefined) {
        done("timeout", []);
      } else {
        const mm = distance(us, speed);
        if (mm < NEAREST || mm > FARTHEST) {
          done("range", []);
        } else {
          done("", [mm]);
        }
      }
    });
  },
});

export const meta: DriverMeta = {
  title: "HC-SR04: distance by ultrasound",
  bus: "echo",
  options: {
    airTemperature: {
      type: "number", minimum: -40, maximum: 60, default: 20,
      description: "Of the air that the sound goes through, °C: its speed grows by 0.18 % a degree.",
      examples: [5],
    },
  },
  fields: () => [{ name: "distance", unit: "cm", decimals: 1, deviceClass: "distance", stateClass: "measurement" }],
  conversionMs: () => ECHO_MS,
  // Speed of sound in dry air: 331.3 m/s times the root of the absolute temperature over 273.15 K.
  constants: (options: DriverOptions) =>
    [Number((0.3313 * Math.sqrt(1 + (options["airTemperature"] as number | undefined ?? 20) / 273.15)).toPrecision(8))],
};
