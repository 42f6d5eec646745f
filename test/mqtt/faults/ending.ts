/** What must hold when the faults have stopped and all has drained. */
import { CONVERGE_MS, KEEP_ALIVE_MS } from "./limits.ts";
import type { World } from "./world.ts";

/** One message of each QoS each way passes. */
export const proveLife = (world: World): void => {
  const { monitor, broker, clock } = world;
  const first = world.n + 1;
  for (const qos of [0, 1, 2]) {
    monitor.check(world.publish(qos, 1, false), "converges", () => `a message of QoS ${qos} is refused`);
    // As long as an acknowledgement of before may still be late.
    world.runTo(clock.now + KEEP_ALIVE_MS / 2);
  }
  monitor.check(world.isDrained(), "converges", () => `messages of the client: ${world.state()}`);
  for (const qos of [0, 1, 2]) broker.deliver(++world.n, qos, `${world.n}`);
  world.runTo(clock.now + KEEP_ALIVE_MS * 2);
  for (let n = first; n <= world.n; n++) {
    const times = (n < first + 3 ? broker.taken : world.delivered).get(n) ?? 0;
    const isHidden = n === world.n && broker.hasMisled;
    monitor.check(times === 1 || isHidden, "converges", () => `message ${n} arrived ${times} times`);
  }
  monitor.check(world.isDrained(), "converges", () => `messages to the client: ${world.state()}`);
  monitor.check(world.timers === 1, "one timer", () => `${world.timers} timers`);
};

/** What has become of each message. */
export const checkMessages = (world: World): void => {
  const { monitor, broker, schedule, delivered, client } = world;
  let waiting = 0;
  for (const [n, qos] of monitor.accepted) {
    const times = broker.taken.get(n) ?? 0;
    const settled = monitor.settled.get(n);
    if (qos === 0) monitor.check(times <= 1, "QoS 0 at most once", () => `message ${n} was taken ${times} times`);
    if (qos > 0 && settled === undefined) waiting++;
    if (settled === true) monitor.check(times > 0, "QoS 1 at least once", () => `message ${n} was not taken`);
    if (settled === false) monitor.check(schedule.cleanSession, "QoS 1 at least once", () => `message ${n} was given up`);
    if (qos === 2) {
      monitor.check(times <= 1 + broker.losses, "QoS 2 exactly once", () => `message ${n} was taken ${times} times`);
    }
  }
  for (const [n, qos] of world.unsure) {
    const times = broker.taken.get(n) ?? 0;
    const most = qos === 0 ? 1 : qos === 2 ? 1 + broker.losses : Infinity;
    monitor.check(times <= most, "QoS 2 exactly once", () => `message ${n} was taken ${times} times`);
  }
  const dropped = world.dropped + client.publish.dropped;
  // What was dropped when the power failed may be there again, and was counted.
  const isRight = world.restarts > 0 ? waiting <= dropped : waiting === dropped;
  monitor.check(isRight, "settled once", () => `${waiting} messages without an end, ${dropped} dropped`);
  for (const [n, times] of delivered) {
    const qos = broker.due.get(n);
    if (qos === 2) monitor.check(times === 1, "QoS 2 exactly once", () => `message ${n} was delivered ${times} times`);
  }
  for (const [n, qos] of broker.due) {
    const isHidden = qos === 2 && (broker.hasMisled || world.interrupted.has(n));
    monitor.check(delivered.has(n) || isHidden, "QoS 1 at least once", () => `message ${n} was not delivered`);
  }
};

/** Stops the client: nothing may be left of it. */
export const leave = (world: World): void => {
  const { monitor, broker, client, clock } = world;
  const { wills } = broker;
  client.client.stop();
  monitor.check(world.timers === 0, "one timer", () => `${world.timers} timers after stop`);
  world.publish(0, 1, false);
  world.runTo(clock.now + CONVERGE_MS);
  monitor.check(broker.left && broker.wills === wills, "no will", () => `${broker.wills - wills} wills`);
  const [reassembly = 0, acks = 0] = client.probe.sizes();
  monitor.check(reassembly + acks === 0, "memory", () => "bytes are left after stop");
  monitor.check(client.inflight.slots.length === 0, "memory", () => "slots are left after stop");
};
