/** Data sheet 19-6171, revision 7. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, max17048Values } from "../../lib/drivers/max17048.ts";
import { driverAlone } from "./bundle.ts";
import { bytes, waitsMs } from "./clock.ts";
import { assertEveryNackIsReported, fake, hexWord, use, type Fake } from "./fake.ts";

interface Options { cell?: number; version?: string; lost?: boolean; fresh?: boolean; nackAt?: number }

const makePart = (options: Options = {}): Fake => {
  const { cell = 48640, version = "0012", lost = false, fresh = false, nackAt = 0 } = options;
  let status = fresh ? "0100" : "0000";
  let questions = 0;
  return fake(0x36, (written, count) => {
    if (count === 0) {
      assert.is(written, "1a0000");
      status = "0000";
      return "";
    }
    assert.is(count, 2);
    if (written === "1a" && ++questions === 2 && lost) status = "0100";
    const registers: Record<string, string> = {
      "02": hexWord(cell), "04": "5580", "08": version, 16: "fff0", "1a": status,
    };
    return registers[written]!;
  }, nackAt);
};

test("counts are 78.125 uV, 1/256 % and 0.208 %/h", () => {
  // 48640 x 78.125 uV = 3.8 V; 0x5580 = 85.5 %; 16 x 0.208 = 3.328 %/h.
  assert.equal(max17048Values(bytes("be00"), bytes("5580"), bytes("0010")), [38000, 8550, 33]);
});

test("a cell that is discharged has a negative rate", () => {
  assert.equal(max17048Values(bytes("be00"), bytes("5580"), bytes("fff0"))[2], -33);
  assert.equal(max17048Values(bytes("be00"), bytes("5580"), bytes("ffff"))[2], -2);
});

test("more than 100 % is a full cell", () => {
  assert.is(max17048Values(bytes("be00"), bytes("6480"), bytes("0000"))[1], 10000);
  assert.is(max17048Values(bytes("be00"), bytes("63ff"), bytes("0000"))[1], 10000);
});

test("a sample reads four registers", () => {
  const part = makePart();
  const driver = create(part.transfer, 0x36);
  assert.equal(part.log, []);
  assert.equal(use(driver), { opened: [""], sampled: [["", [38000, 8550, -33]]] });
  assert.equal(part.log, ["08 2", "1a 2", "02 2", "04 2", "16 2", "1a 2"]);
  assert.equal(waitsMs, []);
});

test("a part that was reset is given a second for its first estimate, and told that this is known", () => {
  const part = makePart({ fresh: true });
  assert.equal(use(create(part.transfer, 0x36)), { opened: [""], sampled: [["", [38000, 8550, -33]]] });
  assert.equal(waitsMs, [1000]);
  assert.is(part.log[2], "1a0000");
});

test("a part that loses its power later is \"reset\"", () => {
  assert.equal(use(create(makePart({ lost: true }).transfer, 0x36)).sampled, [["reset", []]]);
});

test("without a cell there is nothing to tell: \"range\"", () => {
  assert.equal(use(create(makePart({ cell: 30000 }).transfer, 0x36)).sampled, [["range", []]]);
});

test("another part is \"id\"", () => {
  for (const version of ["ffff", "0000", "0002"]) {
    assert.equal(use(create(makePart({ version }).transfer, 0x36)), { opened: ["id"], sampled: [] });
  }
});

test("whatever transfer is not acknowledged, it is \"nack\" and no value", () => {
  for (const fresh of [false, true]) {
    assertEveryNackIsReported((nackAt) => {
      const part = makePart({ fresh, nackAt });
      return { driver: create(part.transfer, 0x36), log: part.log };
    });
  }
});

test("meta stays out of the bundle", async () => {
  assert.not.match((await driverAlone("max17048")).code, /deviceClass|lithium/);
});

test.run();
