/** VEML7700 data sheet 84286 revision 1.8, application note 84323. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as veml7700 from "../../lib/drivers/veml7700.ts";
import { driverAlone } from "./bundle.ts";
import { byOptions, nackedAt, play, type Line } from "./script.ts";

const OPEN: Line[] = [["07", "81c4"]];
/** Gain 1/8 and 100 ms: 0001 0000 0000 0000. */
const SAMPLE: Line[] = [["000010", ""], ["04", "6400", 128], ["00", "0010"], ["000110", ""]];
const open = (options = {}) => byOptions(veml7700, options);

test("resolutions of the data sheet's table: gain 2 and 800 ms 0.0042 lx, gain 1/8 and 25 ms 2.1504 lx", () => {
  const rows: [string | number, number, number][] = [
    [2, 800, 0.0042], [2, 100, 0.0336], [1, 100, 0.0672], ["1/4", 100, 0.2688], ["1/8", 100, 0.5376], ["1/8", 25, 2.1504],
    [2, 25, 0.1344], ["1/8", 800, 0.0672],
  ];
  for (const [gain, integrationMs, resolution] of rows) {
    assert.is(veml7700.meta.constants({ gain, integrationMs })[2], resolution, `${gain} ${integrationMs}`);
  }
});

test("each gain and time has its bits (ALS_GAIN 12:11, ALS_IT 9:6)", () => {
  const bits = (gain: string | number, integrationMs: number): number => {
    const [low, high] = veml7700.meta.constants({ gain, integrationMs }) as [number, number];
    return high * 256 + low;
  };
  assert.equal([1, 2, "1/8", "1/4"].map((gain) => bits(gain, 100)), [0, 0x0800, 0x1000, 0x1800]);
  assert.equal([25, 50, 100, 200, 400, 800].map((ms) => bits(1, ms)), [0x300, 0x200, 0, 0x40, 0x80, 0xc0]);
});

test("up to 1000 lx a count is its resolution; above it is corrected as the application note says", () => {
  assert.equal(veml7700.convert(100, 0.5376), [538]);
  assert.equal(veml7700.convert(0, 0.5376), [0]);
  // 6.0135e-13 x^4 - 9.3924e-9 x^3 + 8.1488e-5 x^2 + 1.0023 x, by hand for 10,000 lx: 6013.5 - 9392.4 + 8148.8 + 10023
  assert.equal(veml7700.convert(10000, 1), [147929]);
  const near = veml7700.convert(2000, 0.5376)[0]!;
  assert.ok(near > 10752 && near < 11900, `${near}`);
});

test("each sample powers up, waits for an integration time and a quarter, reads, and shuts down", () => {
  assert.equal(play(open(), [...OPEN, ...SAMPLE, ...SAMPLE], 2, 0x10),
    { opened: [""], sampled: [["", [538]], ["", [538]]] });
  assert.equal([25, 800].map((integrationMs) => veml7700.meta.conversionMs({ integrationMs })), [34, 1003]);
});

test("more light than it can count is \"range\"", () => {
  assert.equal(play(open(), [...OPEN, SAMPLE[0]!, ["04", "ffff", 128], ...SAMPLE.slice(2)]).sampled, [["range", []]]);
});

test("a part that does not acknowledge, whichever transfer it is, is \"nack\"", () => {
  const script = [...OPEN, ...SAMPLE];
  script.forEach((_, at) => assert.equal(play(open(), [...nackedAt(script, at), ...(at === 2 ? [SAMPLE[2]!] : [])]),
    at < OPEN.length ? { opened: ["nack"], sampled: [] } : { opened: [""], sampled: [["nack", []]] }));
});

test("another part is \"id\"; a part that lost its power in the measurement is shut down: \"reset\"", () => {
  assert.equal(play(open(), [["07", "ffff"]]).opened, ["id"]);
  assert.equal(play(open(), [...OPEN, ...SAMPLE.slice(0, 2), ["00", "0100"], SAMPLE[3]!]).sampled,
    [["reset", []]]);
});

test("meta stays out of the bundle, and the driver is below 650 bytes", async () => {
  const { code, bytes: size } = await driverAlone("veml7700");
  assert.not.match(code, /deviceClass|title/);
  assert.ok(size <= 650, `${size} bytes`);
});

test.run();
