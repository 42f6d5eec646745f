/** A part whose interrupt line is on a pin: a reading comes when it says so, on every engine with a virtual clock. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildBoard, withNode } from "./board.ts";
import { engines } from "./engine-table.ts";

const BOARD = {
  name: "door", hardware: "esp32-devkit", wifi: { ssid: "${WIFI_SSID}", password: "${WIFI_PASSWORD}" },
  mqtt: { url: "mqtt://127.0.0.1:1883", will: null, birth: null },
  buses: { i2c1: { sda: "D21", scl: "D22" } },
  sensors: [{ driver: "mpu6050", id: "door", bus: "i2c1", interrupt: "D27", motion: 40, interval: "1h" }],
};

for (const engine of engines(true)) {
  test(`${engine.name}: a motion is published at once, one that is too small is not, and the next one again`, async () => {
    const built = await buildBoard({ ...BOARD, ...engine.board });
    await withNode(built, { engine: engine.name, ...engine.options }, async (node) => {
      const readings = (): { motion: string; acceleration_x: number }[] =>
        node.messages.filter(({ topic }) => topic === "door/door").map(({ payload }) => JSON.parse(payload));
      for (const axis of ["ax", "ay", "az"]) node.world.set(`door.${axis}`, 0);
      await node.until("the first reading", () => readings().length > 0, 60_000);
      await node.run(2000);
      const before = readings().length;
      for (const [at, ax] of [0.2, -0.3].entries()) {
        node.world.set("door.ax", ax);
        await node.run(200);
        assert.is(readings().length, before + at + 1, `${ax} g: no reading`);
        assert.is(readings().at(-1)!.motion, "ON");
      }
      node.world.set("door.ax", -0.29);
      await node.run(2000);
      assert.is(readings().length, before + 2, "10 mg are no motion");
    });
  });
}

test.run();
