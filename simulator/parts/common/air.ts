/** What parts that sense air need of physics. */

/** Pressure of the standard atmosphere at an altitude, hPa (ISO 2533). */
export function pressureAt(altitudeM: number): number {
  return 1013.25 * Math.pow(1 - 2.25577e-5 * altitudeM, 5.25588);
}

/** Saturation pressure of water vapour, hPa (Magnus over water, Sonntag 1990). */
export function saturationHpa(celsius: number): number {
  return 6.112 * Math.exp((17.62 * celsius) / (243.12 + celsius));
}

/** Relative humidity of air that is brought from one temperature to another, at most 100 %. */
export function humidityAt(percent: number, fromCelsius: number, toCelsius: number): number {
  return Math.min(100, (percent * saturationHpa(fromCelsius)) / saturationHpa(toCelsius));
}
