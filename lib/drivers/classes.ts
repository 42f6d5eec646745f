/**
 * Home Assistant's device classes of sensors, with the units that each takes, and of binary sensors. For the host; the
 * drivers take the types alone.
 * Source: home-assistant/core, components/sensor/const.py (SensorDeviceClass, DEVICE_CLASS_UNITS,
 * DEVICE_CLASS_STATE_CLASSES), components/binary_sensor/__init__.py (BinarySensorDeviceClass), read in November 2025.
 */

const PRESSURES = ["Pa", "hPa", "kPa", "mbar", "cbar", "bar", "mmHg", "inHg", "psi"];
const ENERGIES = ["J", "kJ", "MJ", "GJ", "mWh", "Wh", "kWh", "MWh", "GWh", "TWh", "cal", "kcal", "Mcal", "Gcal"];
const VOLUMES = ["mL", "L", "m³", "ft³", "CCF", "fl. oz.", "gal"];
const SPEEDS = ["m/s", "km/h", "mm/s", "ft/s", "in/s", "mph", "kn", "Beaufort"];
const TEMPERATURES = ["°C", "°F", "K"];
const MICROGRAMS = ["µg/m³"];

/** "" is no unit. */
export const SENSOR_CLASSES = {
  apparent_power: ["VA"],
  aqi: [""],
  area: ["mm²", "cm²", "m²", "km²", "in²", "ft²", "yd²", "mi²", "ac", "ha"],
  atmospheric_pressure: PRESSURES,
  battery: ["%"],
  carbon_dioxide: ["ppm"],
  carbon_monoxide: ["ppm"],
  conductivity: ["S/cm", "mS/cm", "µS/cm"],
  current: ["A", "mA"],
  data_rate: ["bit/s", "kbit/s", "Mbit/s", "B/s", "kB/s", "MB/s"],
  data_size: ["bit", "kbit", "Mbit", "B", "kB", "MB", "GB", "KiB", "MiB", "GiB"],
  distance: ["mm", "cm", "m", "km", "in", "ft", "yd", "mi", "nmi"],
  duration: ["d", "h", "min", "s", "ms"],
  energy: ENERGIES,
  energy_storage: ENERGIES,
  enum: [""],
  frequency: ["Hz", "kHz", "MHz", "GHz"],
  gas: ["m³", "ft³", "CCF"],
  humidity: ["%"],
  illuminance: ["lx"],
  irradiance: ["W/m²", "BTU/(h⋅ft²)"],
  moisture: ["%"],
  nitrogen_dioxide: MICROGRAMS,
  nitrogen_monoxide: MICROGRAMS,
  nitrous_oxide: MICROGRAMS,
  ozone: MICROGRAMS,
  ph: [""],
  pm1: MICROGRAMS,
  pm10: MICROGRAMS,
  pm25: MICROGRAMS,
  power: ["W", "kW", "MW", "GW", "TW"],
  power_factor: ["", "%"],
  precipitation: ["mm", "cm", "in"],
  precipitation_intensity: ["mm/h", "mm/d", "in/h", "in/d"],
  pressure: PRESSURES,
  reactive_power: ["var"],
  signal_strength: ["dB", "dBm"],
  sound_pressure: ["dB", "dBA"],
  speed: ["m/s", "km/h", "mm/s", "ft/s", "in/s", "mph", "kn", "Beaufort", "mm/h", "mm/d", "in/h", "in/d"],
  sulphur_dioxide: MICROGRAMS,
  temperature: TEMPERATURES,
  temperature_delta: TEMPERATURES,
  timestamp: [""],
  volatile_organic_compounds: MICROGRAMS,
  volatile_organic_compounds_parts: ["ppm", "ppb"],
  voltage: ["V", "mV", "µV", "kV", "MV"],
  volume: VOLUMES,
  volume_flow_rate: ["m³/h", "L/min", "mL/s", "ft³/min", "gal/min"],
  volume_storage: VOLUMES,
  water: ["L", "m³", "ft³", "CCF", "gal"],
  weight: ["µg", "mg", "g", "kg", "oz", "lb", "st"],
  wind_direction: ["°"],
  wind_speed: SPEEDS,
} as const;

export const BINARY_CLASSES = [
  "battery", "battery_charging", "carbon_monoxide", "cold", "connectivity", "door", "garage_door", "gas", "heat", "light",
  "lock", "moisture", "motion", "moving", "occupancy", "opening", "plug", "power", "presence", "problem", "running",
  "safety", "smoke", "sound", "tamper", "update", "vibration", "window",
] as const;

export type SensorClass = keyof typeof SENSOR_CLASSES;
export type BinaryClass = (typeof BINARY_CLASSES)[number];
export type StateClass = "measurement" | "total" | "total_increasing";

const TOTALS: StateClass[] = ["total", "total_increasing"];
const ALL: StateClass[] = ["measurement", "total", "total_increasing"];

/** Those that take another state class than "measurement" alone. */
const OTHER_STATES: Partial<Record<SensorClass, StateClass[]>> = {
  area: ALL, data_size: ALL, distance: ALL, duration: ALL, energy: TOTALS, enum: [], gas: TOTALS, precipitation: ALL,
  timestamp: [], volume: TOTALS, water: TOTALS, weight: ALL, wind_direction: [],
};

/** The state classes that a device class allows. */
export const stateClasses = (deviceClass: SensorClass): StateClass[] => OTHER_STATES[deviceClass] ?? ["measurement"];
