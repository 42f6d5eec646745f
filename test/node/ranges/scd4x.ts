/** SCD4x data sheet 1.5: 1.1 (400 to 5000 ppm), 3.5.2 (words of 16 bits), 3.6 (altitude, offset). */
import { reported, type Row } from "../range/row.ts";

// A word is 175 / 65535 degC and 100 / 65535 %RH; CO2 is in whole ppm.
const tolerance = { co2: 0.51, temperature: 0.0064, humidity: 0.0059 };

export const row: Row = {
  ranges: [
    {
      interval: "10s", lag: 1,
      tolerance,
      steps: [
        { world: { co2: 400, temperature: -10, humidity: 0, pressure: 1013.25 } },
        { world: { co2: 818.4, temperature: -0.53, humidity: 37.2 } },
        { world: { co2: 1500, temperature: 21.5, humidity: 50 } },
        { world: { co2: 5000, temperature: 60, humidity: 100 } },
      ],
    },
    {
      sensor: { lowPower: true, temperatureOffset: 2.5, altitude: 3000, selfCalibration: false },
      interval: "30s", lag: 1,
      // The part warms itself by 4 degC and takes off 2.5; as it is drier where it is warmer, the humidity is off, too.
      // At 3000 m, where the air has 701.08 hPa, what it takes for 1000 ppm is what it is.
      tolerance: { co2: 2, temperature: 0.0064, humidity: 100 },
      steps: [
        { world: { co2: 1000, temperature: 20, humidity: 40, pressure: 701.08 }, published: { temperature: 21.5 } },
        { world: { co2: 3000, temperature: -5, humidity: 60, pressure: 701.08 }, published: { temperature: -3.5 } },
      ],
    },
  ],
  faults: {
    // What it has measured is new once; it is for ever busy with the command that comes then.
    stuck: { reasons: ["timeout", "nack"], publishes: "true" },
    // It does not acknowledge while it starts, and has nothing new.
    reset: reported("nack", "timeout"),
    corrupt: reported("crc"),
  },
};
