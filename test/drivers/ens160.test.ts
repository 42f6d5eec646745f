/** Data sheet SC-001224-DS-9. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { create } from "../../lib/drivers/ens160.ts";
import { driverAlone } from "./bundle.ts";
import { assertEveryNackIsReported, fake, use, type Fake } from "./fake.ts";

interface Options { id?: string; mode?: string; status?: string; lateReads?: number; nackAt?: number }

const makePart = (options: Options = {}): Fake => {
  const { id = "6001", mode = "00", status = "82", lateReads = 0, nackAt = 0 } = options;
  let left = lateReads;
  return fake(0x53, (written, count) => {
    if (count === 0) {
      assert.is(written, "1002");
      return "";
    }
    if (written === "00") return id;
    if (written === "10") return mode;
    assert.is(written, "20");
    // AQI 2, TVOC 0x0123, eCO2 0x0234.
    return `${left-- > 0 ? "80" : status}022301${"3402"}`;
  }, nackAt);
};

test("a sample is one read of status, index, TVOC and eCO2, low byte first", () => {
  const part = makePart();
  const driver = create(part.transfer, 0x53);
  assert.equal(part.log, []);
  assert.equal(use(driver), { opened: [""], sampled: [["", [2, 0x123, 0x234]]] });
  assert.equal(part.log, ["00 2", "10 1", "1002", "20 6"]);
});

test("one that runs is not started again: it would warm up anew", () => {
  const part = makePart({ mode: "02" });
  use(create(part.transfer, 0x53));
  assert.not(part.log.includes("1002"));
});

test("what the part does not vouch for is not published (16.2.9)", () => {
  const rows = [
    ["86", "warmup"], ["8a", "warmup"], ["8e", "invalid"], ["c2", "fault"], ["02", "reset"], ["80", "timeout"],
  ] as const;
  for (const [status, reason] of rows) {
    assert.equal(use(create(makePart({ status }).transfer, 0x53)).sampled, [[reason, []]], status);
  }
});

test("what is not new yet is asked for again", () => {
  assert.is(use(create(makePart({ lateReads: 2 }).transfer, 0x53)).sampled[0]![0], "");
});

test("another part is \"id\"", () => {
  for (const id of ["ffff", "0000", "0160", "6101"]) {
    assert.equal(use(create(makePart({ id }).transfer, 0x53)), { opened: ["id"], sampled: [] });
  }
});

test("whatever transfer is not acknowledged, it is \"nack\" and no value", () => {
  assertEveryNackIsReported((nackAt) => {
    const part = makePart({ nackAt });
    return { driver: create(part.transfer, 0x53), log: part.log };
  });
});

test("meta stays out of the bundle", async () => {
  assert.not.match((await driverAlone("ens160")).code, /deviceClass|ScioSense/);
});

test.run();
