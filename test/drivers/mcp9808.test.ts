/** MCP9808 data sheet DS20005095B: 5.1, 5.2.1. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as mcp9808 from "../../lib/drivers/mcp9808.ts";
import { driverAlone } from "./bundle.ts";
import { bytes } from "./clock.ts";
import { byOptions, nackedAt, play, type Line } from "./script.ts";

const OPEN: Line[] = [["06", "0054"], ["07", "0400"], ["0803", ""]];
const SAMPLE: Line[] = [["010200", ""], ["05", "c194", 334], ["01", "0200"], ["010300", ""]];
const open = (options = {}) => byOptions(mcp9808, options);

test("the data sheet's 0194 is 25.25 degC, whatever the flags of the alerts (5.1.3)", () => {
  for (const word of ["0194", "c194", "e194"]) assert.equal(mcp9808.convert(bytes(word)), [2525], word);
});

test("below zero it is negative: 1FF0 is -1 degC; with its ends", () => {
  const rows: [string, number][] = [
    ["1ff0", -100], ["1fff", -6], ["1f58", -1050], ["1d80", -4000], ["0000", 0], ["07d0", 12500],
  ];
  for (const [word, temperature] of rows) assert.equal(mcp9808.convert(bytes(word)), [temperature], word);
});

test("what the part cannot measure is \"range\"", () => {
  for (const word of ["1d70", "1000", "07e0", "0fff"]) {
    const script: Line[] = [...OPEN, SAMPLE[0]!, ["05", word, 334], ...SAMPLE.slice(2)];
    assert.equal(play(open(), script).sampled, [["range", []]], word);
  }
});

test("each sample wakes it, waits for a conversion, reads, and shuts it down", () => {
  assert.equal(play(open(), [...OPEN, ...SAMPLE, ...SAMPLE], 2, 0x18),
    { opened: [""], sampled: [["", [2525]], ["", [2525]]] });
  [[0.5, 0, 40], [0.25, 1, 87], [0.125, 2, 174], [0.0625, 3, 334]].forEach(([resolution, code, ms]) => {
    assert.equal(mcp9808.meta.constants({ resolution }), [code, ms]);
    assert.is(mcp9808.meta.conversionMs({ resolution }), ms);
  });
});

test("a part that does not acknowledge, whichever transfer it is, is \"nack\"", () => {
  const script = [...OPEN, ...SAMPLE];
  script.forEach((_, at) => {
    // Both ids and both results are asked for before anything is said of them.
    const after: Line[] = at === 0 ? [OPEN[1]!] : at === 4 ? [SAMPLE[2]!] : [];
    assert.equal(play(open(), [...nackedAt(script, at), ...after]),
      at < OPEN.length ? { opened: ["nack"], sampled: [] } : { opened: [""], sampled: [["nack", []]] }, `${at}`);
  });
});

test("another part is \"id\"; another revision is not", () => {
  assert.equal(play(open(), [["06", "0055"], ["07", "0400"]]).opened, ["id"]);
  assert.equal(play(open(), [["06", "0054"], ["07", "0300"]]).opened, ["id"]);
  assert.equal(play(open(), [["06", "0054"], ["07", "0412"], OPEN[2]!], 0).opened, [""]);
});

test("a part that lost its power in the measurement has no hysteresis: \"reset\", whatever it read before", () => {
  const script: Line[] = [...OPEN, ...SAMPLE.slice(0, 2), ["01", "0000"], SAMPLE[3]!];
  assert.equal(play(open(), script).sampled, [["reset", []]]);
});

test("meta stays out of the bundle, and the driver is below 650 bytes", async () => {
  const { code, bytes: size } = await driverAlone("mcp9808");
  assert.not.match(code, /deviceClass|title/);
  assert.ok(size <= 650, `${size} bytes`);
});

test.run();
