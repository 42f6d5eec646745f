/**
 * Publishes a reading a second at QoS 1, and prints what comes in under the same name.
 *   npx tsx examples/node-publish.ts mqtt://user:password@host:1883 [how many]
 */
import { connect } from "motelet/mqtt";

const [url = "mqtt://127.0.0.1:1883", count = "5"] = process.argv.slice(2);

const client = connect({
  url,
  clientId: `example-${process.pid}`,
  will: { topic: "example/status", payload: "offline", qos: 1, retain: true },
});

client.on("connected", (present) => {
  console.log(present ? "connected, session resumed" : "connected, new session");
  client.publish("example/status", "online", { qos: 1, retain: true });
});
client.on("disconnected", ({ code, fault, text }) => console.log(`disconnected: ${code} (${fault}) ${text}`));
client.on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
  void client.end(0);
});

client.subscribe("example/#", { qos: 1 }, ({ topic, text, retained }) => {
  console.log(`${topic} ${text}${retained ? " (retained)" : ""}`);
});

let sent = 0;
const timer = setInterval(() => {
  sent++;
  // Accepted also without a connection: it waits in a queue of fixed size. The callback comes once.
  client.publish("example/uptime", process.uptime().toFixed(1), { qos: 1 }, (error) => {
    if (error) console.error(error.message);
  });
  if (sent >= Number(count)) {
    clearInterval(timer);
    client.publish("example/status", "offline", { qos: 1, retain: true });
    void client.end().then((all) => console.log(all ? "all acknowledged" : "not all acknowledged"));
  }
}, 1000);
