/** HTU21D data sheet HPC199: 14 bits of temperature are 0.0107 degC, 12 bits of humidity 0.0305 %RH. */
import { reported, unnoticed, type Row } from "../range/row.ts";

// Half a step, and half a digit of what is published; of the HTU21D's humidity also what its compensation makes of half
// a step of the temperature.
const tolerance = { temperature: 0.0104, humidity: 0.0212 };
const steps = [
  { world: { temperature: -40, humidity: 0 } },
  { world: { temperature: -12.345, humidity: 12.5 } },
  { world: { temperature: 0, humidity: 33.33 } },
  { world: { temperature: 21.5, humidity: 50 } },
  { world: { temperature: 60, humidity: 80.07 } },
  { world: { temperature: 125, humidity: 100 } },
];

export const row: Row = {
  ranges: [{ tolerance, steps }, { sensor: { model: "si7021" }, tolerance, steps }],
  faults: {
    stuck: reported("nack"),
    reset: reported("nack"),
    corrupt: { reasons: ["crc", "id"], publishes: "nothing" },
    crc: reported("crc"),
    slow: unnoticed("true", "the longest measurement is waited for"),
  },
};
