/** The whole node: the built bytes of the greenhouse board on each engine that has a virtual clock. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildGreenhouse, diagnostics, readings, withNode, type Built } from "./board.ts";
import { engines } from "./engine-table.ts";

const MINUTE = 60000;

for (const { name, board, budget, cuts } of engines("node/node")) {
  const build = (changes: Record<string, unknown> = {}): Promise<Built> => buildGreenhouse({ ...changes, ...board });
  const greenhouse = await build();

  test(`${name}: it says that it is there and publishes a reading every 30 s`, () =>
    withNode(greenhouse, { world: { "air.temperature": 21.5, "air.humidity": 50, "air.pressure": 1000 } }, async (node) => {
      await node.run(5 * MINUTE);
      const online = node.messages.find((m) => m.topic === "greenhouse/availability");
      assert.equal([online?.payload, online?.qos, online?.retain], ["online", 1, true]);
      assert.is(readings(node).length, 10);
      for (const text of readings(node)) {
        const { temperature, humidity, pressure } = JSON.parse(text) as Record<string, number>;
        assert.ok(Math.abs(temperature! - 21.5) <= 0.02, text);
        assert.ok(Math.abs(humidity! - 50) <= 0.1, text);
        assert.ok(Math.abs(pressure! - 1000) <= 0.2, text);
      }
    }));

  test(`${name}: below zero it says so`, () =>
    withNode(greenhouse, { world: { "air.temperature": -7.25 } }, async (node) => {
      await node.run(MINUTE);
      const { temperature } = JSON.parse(readings(node)[0]!) as { temperature: number };
      assert.ok(Math.abs(temperature + 7.25) <= 0.02, String(temperature));
    }));

  test(`${name}: a link loss of 10 minutes loses no QoS 1 reading, wherever it falls`, async () => {
    for (const offsetMs of cuts) {
      await withNode(greenhouse, { faults: { latencyMs: 10 } }, async (node) => {
        // Half a degree a sample: each reading is another.
        node.world.set("air.temperature", (ms) => 10 + ms / 60000);
        await node.run(2 * MINUTE + offsetMs);
        node.network.setWifi(false);
        await node.run(10 * MINUTE);
        node.network.setWifi(true);
        await node.run(3 * MINUTE);
        const values = readings(node).map((text) => (JSON.parse(text) as { temperature: number }).temperature);
        assert.ok(values.length >= 30, `${values.length} readings, cut at +${offsetMs} ms`);
        for (let i = 1; i < values.length; i++) {
          const step = values[i]! - values[i - 1]!;
          assert.ok(step > -0.02 && step < 0.55, `${values[i - 1]} then ${values[i]}, cut at +${offsetMs} ms`);
        }
        assert.is(diagnostics(node)["dropped"], 0);
        assert.ok(Number(diagnostics(node)["reconnects"]) >= 1);
      });
    }
  });

  test(`${name}: what does not fit the offline queue is dropped, oldest first, and counted`, async () => {
    const small = await build({ mqtt: { offline: { messages: 4, bytes: 512, whenFull: "oldest" } } });
    await withNode(small, {}, async (node) => {
      await node.run(MINUTE);
      node.network.setWifi(false);
      await node.run(10 * MINUTE);
      node.network.setWifi(true);
      await node.run(8 * MINUTE);
      assert.ok(Number(diagnostics(node)["dropped"]) >= 10, JSON.stringify(diagnostics(node)));
    });
  });

  test(`${name}: the broker publishes the will when the node is killed`, () =>
    withNode(greenhouse, {}, async (node) => {
      await node.run(MINUTE);
      await node.kill();
      await node.run(1000);
      const last = node.messages.findLast((m) => m.topic === "greenhouse/availability");
      assert.equal([last?.payload, last?.retain], ["offline", true]);
      await node.powerOn();
      await node.run(10000);
      assert.is(node.messages.findLast((m) => m.topic === "greenhouse/availability")?.payload, "online");
    }));

  test(`${name}: each refusal of the broker is reported, and the node gets in when the broker lets it`, async () => {
    for (const code of [1, 2, 3, 4, 5]) {
      await withNode(greenhouse, {}, async (node) => {
        node.broker!.refuse(code);
        await node.run(MINUTE);
        assert.ok(node.events.some((e) => e.type === "console" && e.line === `mqtt: ${code}`), `code ${code}`);
        assert.ok(node.events.some((e) => e.type === "broker" && e.state === "refused" && e.code === code));
        node.broker!.refuse(0);
        await node.run(3 * MINUTE);
        assert.ok(readings(node).length >= 4, `${readings(node).length} readings`);
        assert.is(diagnostics(node)["lastReason"], code);
      });
    }
  });

  test(`${name}: a broker that is not there is tried again and again, further apart`, () =>
    withNode(greenhouse, { faults: { refuse: true } }, async (node) => {
      await node.run(10 * MINUTE);
      const tries = node.events.filter((e) => e.type === "link" && e.state === "failed").length;
      assert.ok(tries >= 8 && tries <= 60, `${tries} tries`);
      node.network.faults.refuse = false;
      await node.run(3 * MINUTE);
      assert.ok(readings(node).length >= 20, `${readings(node).length} readings`);
    }));

  test(`${name}: a part that is not there is reported with its reason, and read again when it is back`, () =>
    withNode(greenhouse, {}, async (node) => {
      node.machine.setFault("air", "absent", true);
      await node.run(2 * MINUTE);
      assert.is(readings(node).length, 0);
      assert.equal(diagnostics(node).errors["air"], { ...diagnostics(node).errors["air"], reason: "nack" });
      assert.ok(node.events.some((e) => e.type === "console" && e.line === "air: nack"));
      node.machine.setFault("air", "absent", false);
      await node.run(2 * MINUTE);
      assert.ok(readings(node).length >= 3);
      assert.is((diagnostics(node).errors["air"] as { reason: string }).reason, "");
    }));

  test(`${name}: a part that answers garbage is never believed`, () =>
    withNode(greenhouse, { world: { "air.temperature": 20 } }, async (node) => {
      node.machine.setFault("air", "garbage", true);
      await node.run(20 * MINUTE);
      for (const text of readings(node)) {
        assert.ok(Math.abs((JSON.parse(text) as { temperature: number }).temperature - 20) < 0.1, text);
      }
      assert.ok((diagnostics(node).errors["air"] as { count: number }).count > 20);
    }));

  test(`${name}: one dead sensor does not keep another from being read`, async () => {
    const two = await build({
      sensors: [
        { driver: "bme280", id: "air", bus: "i2c1", address: "0x76", interval: "30s", publish: { qos: 1 } },
        { driver: "bme280", id: "soil", bus: "i2c1", address: "0x77", interval: "30s", publish: { qos: 1 } },
      ],
    });
    await withNode(two, {}, async (node) => {
      node.machine.setFault("soil", "absent", true);
      await node.run(5 * MINUTE);
      assert.ok(readings(node).length >= 9);
      assert.is(node.messages.filter((m) => m.topic === "greenhouse/soil").length, 0);
    });
  });

  test(`${name}: a read that is tried again is reported once, with what there is after the last try`, async () => {
    const probes = { inlet: "28ff641e8d3c0cda", outlet: "28ff4a60911503fe" };
    const two = await build({
      buses: { onewire1: { pin: "D4" } },
      sensors: [{ driver: "ds18b20", id: "air", bus: "onewire1", probes, interval: "30s", publish: { qos: 1 } }],
    });
    await withNode(two, { world: { "air.inlet": 4, "air.outlet": 5 } }, async (node) => {
      await node.run(15_000);
      assert.equal(readings(node), ['{"inlet":4.0000,"outlet":5.0000}']);
      node.machine.setFault("air", "absent:outlet", true);
      await node.run(5 * MINUTE);
      assert.equal(readings(node).slice(1), Array.from({ length: 10 }, () => '{"inlet":4.0000}'));
      assert.is((diagnostics(node).errors["air"] as { reason: string }).reason, "absent");
      // A try that succeeds gives all fields in one message.
      node.machine.setFault("air", "absent:outlet", false);
      await node.run(30_000);
      assert.equal(readings(node).slice(11), ['{"inlet":4.0000,"outlet":5.0000}']);
    });
  });

  test(`${name}: the same input gives the same bytes`, async () => {
    const again = await build();
    assert.is(again.manifest.sha256, greenhouse.manifest.sha256);
  });

  test(`${name}: the sizes by module add up to the files, and the node keeps its budget of ${budget} bytes`, () => {
    const { modules, files, bytes } = greenhouse.manifest;
    const sum = Object.values(modules).reduce((a, b) => a + b, 0);
    assert.is(sum, files?.reduce((total, each) => total + each.bytes, 0) ?? bytes);
    assert.ok(sum <= budget, `${sum} bytes`);
  });

  test(`${name}: no secret is in the manifest`, () => {
    assert.not.match(JSON.stringify(greenhouse.manifest), "simulated-");
  });
}

for (const { name, board } of engines("node/node: goodbye")) {
  test(`${name}: no will is published when the node leaves politely`, async () =>
    withNode(await buildGreenhouse(board), {}, async (node) => {
      await node.run(MINUTE);
      await node.leave();
      await node.run(3 * MINUTE);
      assert.is(node.messages.findLast((m) => m.topic === "greenhouse/availability")?.payload, "online");
      assert.ok(node.events.some((e) => e.type === "broker" && e.state === "disconnected" && e.clean));
    }));
}

test.run();
