// A sensor node without the firmware of Motelet: only its MQTT client, as a module.
//   npm run library            writes dist/mqtt.js
//   Web IDE: Storage > upload dist/mqtt.js as "mqtt", then send this sketch
const SSID = "my network", PASSWORD = "its password";

const mqtt = require("mqtt").create("192.168.1.10", {
  client_id: "shed",
  clean_session: false, // the broker keeps our subscriptions and messages while we are away
  will: { topic: "shed/status", message: "offline", qos: 1, retain: true },
});

mqtt.on("connected", function (present) {
  print("connected, " + (present ? "session resumed" : "new session"));
  mqtt.publish("shed/status", "online", { qos: 1, retain: true });
});

mqtt.on("disconnected", function (reason) {
  print("disconnected, reason " + reason); // docs/mqtt.md has the table; it tries again by itself
});

mqtt.on("error", function (what) { print("error: " + what); });

mqtt.on("publish", function (m) {
  print(m.topic + " = " + m.message);
  if (m.topic === "shed/ping") mqtt.publish("shed/pong", m.message, { qos: 1 });
});

mqtt.subscribe("shed/ping", { qos: 1 });

setInterval(function () {
  // QoS 1: waits in a queue of fixed size where there is no connection.
  const taken = mqtt.publish("shed/temperature", E.getTemperature().toFixed(1), { qos: 1 });
  if (!taken) print("not taken; " + JSON.stringify(mqtt.stats()));
}, 2000);

require("Wifi").connect(SSID, { password: PASSWORD }, function (error) {
  if (error) print("Wi-Fi: " + error);
  else mqtt.connect();
});
