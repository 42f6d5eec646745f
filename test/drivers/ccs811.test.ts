/** Data sheet SC-001232-DS-2. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta } from "../../lib/drivers/ccs811.ts";
import { driverAlone } from "./bundle.ts";
import { waitsMs } from "./clock.ts";
import { assertEveryNackIsReported, fake, use, type Fake } from "./fake.ts";

interface Options {
  id?: string; status?: string; mode?: string; data?: string; flags?: string; late?: number; nackAt?: number;
}

const makePart = (options: Options = {}): Fake => {
  const { id = "81", status = "10", mode = "00", data = "0258001e", flags = "98", late = 0, nackAt = 0 } = options;
  let left = late;
  return fake(0x5a, (written, count) => {
    if (count === 0) return "";
    if (written === "20") return id;
    if (written === "00") return status;
    if (written === "01") return mode;
    if (written === "e0") return "20";
    assert.is(written, "02");
    return `${data}${left-- > 0 ? "90" : flags}00`;
  }, nackAt);
};
const driverOf = (part: Fake, options: Record<string, unknown> = { warmUp: 0 }) =>
  create(part.transfer, 0x5a, ...meta.constants(options) as [number, number, number, number[]]);

test("it starts the application, sets the mode, and a sample is one read: 600 ppm, 30 ppb", () => {
  const part = makePart();
  const driver = driverOf(part);
  assert.equal(part.log, []);
  assert.equal(use(driver), { opened: [""], sampled: [["", [600, 30]]] });
  assert.equal(part.log, ["20 1", "00 1", "f4", "0110", "02 6"]);
  assert.equal(waitsMs, [2, 0]);
});

test("one that measures is not started again, and is warm", () => {
  const part = makePart({ status: "98", mode: "10" });
  assert.equal(use(driverOf(part, {})).sampled, [["", [600, 30]]]);
  assert.equal(part.log, ["20 1", "00 1", "01 1", "02 6"]);
});

test("after a start nothing is published for 20 minutes: \"warmup\"", () => {
  assert.is((meta.constants({}) as number[])[2], 20 * 60000);
  assert.equal(use(driverOf(makePart(), {})).sampled, [["warmup", []]]);
});

test("mode, period and baseline follow the options", () => {
  assert.equal([1, 10, 60].map((period) => meta.constants({ period })[0]), [0x10, 0x20, 0x30]);
  assert.equal([1, 10, 60].map((period) => meta.conversionMs({ period })), [1000, 10000, 60000]);
  const part = makePart();
  use(driverOf(part, { baseline: 0x84b4, warmUp: 0 }));
  assert.ok(part.log.includes("1184b4"));
});

test("errors and losses of power are told from values that are not new yet", () => {
  for (const [flags, reason] of [["99", "fault"], ["10", "reset"], ["90", "timeout"]] as const) {
    assert.equal(use(driverOf(makePart({ flags }))).sampled, [[reason, []]]);
  }
  assert.is(use(driverOf(makePart({ late: 4 }))).sampled[0]![0], "");
});

test("an error that is reported stays until it is read: opening reads it away", () => {
  const part = makePart({ status: "99", mode: "10" });
  assert.equal(use(driverOf(part)).opened, [""]);
  assert.equal(part.log.slice(0, 4), ["20 1", "00 1", "e0 1", "01 1"]);
  assert.is(part.log[4], "02 6", "what was measured with the error is thrown away");
});

test("values that the part cannot have are \"range\": below 400 ppm it has not measured yet", () => {
  for (const data of ["00000000", "018f0000", "72170000", "02588001"]) {
    assert.equal(use(driverOf(makePart({ data }))).sampled, [["range", []]]);
  }
  for (const data of ["01900000", "72168000"]) assert.is(use(driverOf(makePart({ data }))).sampled[0]![0], "");
});

test("another part, and one without its application, are \"id\"", () => {
  for (const options of [{ id: "82" }, { id: "ff" }, { status: "00" }]) {
    assert.equal(use(driverOf(makePart(options))), { opened: ["id"], sampled: [] });
  }
});

test("whatever transfer is not acknowledged, it is \"nack\" and no value", () => {
  assertEveryNackIsReported((nackAt) => {
    const part = makePart({ nackAt });
    return { driver: driverOf(part, { baseline: 33972, warmUp: 0 }), log: part.log };
  });
});

test("meta stays out of the bundle", async () => {
  assert.not.match((await driverAlone("ccs811")).code, /deviceClass|Minutes/);
});

test.run();
