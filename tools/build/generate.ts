/** Writes the entry of a firmware: a readable program that imports what the board file calls for, and nothing else. */
import { upgradeRequest } from "../../lib/link/websocket.ts";
import { connect } from "../../lib/mqtt/packet.ts";
import type { DriverMeta } from "../../lib/drivers/types.ts";
import { holdsBack } from "../board/filters.ts";
import { PORTS } from "../board/ports.ts";
import { authorityOf } from "../board/rules/link.ts";
import { factsOf } from "../board/rules/sensors.ts";
import type { Board, Bus, Message, Sensor, WhenFull } from "../board/types.ts";
import { Imports, literal, mode, topicLiteral, utf8, value } from "./entry.ts";
import { reportCode } from "./report.ts";

const RESET: Record<string, string> = { ESP32: "esp32", ESP8266: "esp8266" };
const WHEN_FULL: Record<WhenFull, string> = { reject: "reject", oldest: "dropOldest", latest: "keepLatest" };

/** The largest packet that a node without subscriptions may be sent: SUBACK and CONNACK are smaller. */
const LARGEST_INCOMING_BYTES = 128;

/** The module that knows why the chip started. */
const resetModule = (board: Board): string => board.target === "nodemcu" ? "#platform/reset"
  : `#platform/reset-${RESET[board.hardware.chip.toUpperCase()] ?? "none"}`;

/** Names of the chip as the entry has them: Espruino's globals; numbers on NodeMCU. */
class Chip {
  constructor(private readonly imports: Imports, private readonly board: Board) {}

  pin(name: string): string {
    return this.name(name, this.board.hardware.nodemcu?.numbers[name]);
  }

  analogPin(name: string): string {
    const { nodemcu } = this.board.hardware;
    return this.board.target === "nodemcu" ? this.name(`${name}_channel`, nodemcu!.analogChannels[name]) : this.pin(name);
  }

  i2cPort(bus: string): string {
    const known = this.board.hardware.buses[bus];
    return this.name(known?.espruino ?? bus.toUpperCase(), this.board.hardware.nodemcu?.i2c[bus]);
  }

  uartPort(bus: string): string {
    const known = this.board.hardware.buses[bus];
    return this.name(known?.espruino ?? bus.toUpperCase(), this.board.hardware.nodemcu?.uart[bus]);
  }

  private name(name: string, number: number | undefined): string {
    const isNumber = this.board.target === "nodemcu";
    if (isNumber && number === undefined) throw new Error(`${this.board.hardware.name} has no number for ${name} on NodeMCU`);
    return this.imports.global(name, isNumber ? `const ${name} = ${number} as never;` : `declare const ${name}: never;`);
  }
}

const busCode = (imports: Imports, chip: Chip, name: string, bus: Bus, isConsole: boolean): string => {
  if (bus.type === "onewire") return `${imports.use("#platform/onewire", "oneWire")}(${chip.pin(bus.pin)})`;
  if (bus.type === "uart") {
    const use = imports.use("#platform/uart", isConsole ? "consoleUart" : "uart");
    return `${use}(${chip.uartPort(name)}, ${chip.pin(bus.rx)}, ${chip.pin(bus.tx)}, ${bus.baud})`;
  }
  const pins = `${chip.pin(bus.sda)}, ${chip.pin(bus.scl)}`;
  return `${imports.use("#platform/i2c", "i2c")}(${chip.i2cPort(name)}, ${pins}, ${bus.bitrate})`;
};

/** A name that no other sensor's has and that is an identifier. */
const identifier = (text: string): string => text.replace(/[^A-Za-z0-9]/g, "_").replace(/^(?=\d)/, "_");

/** How a reading gets on its way. */
const deliverCode = (imports: Imports, board: Board, qos: number): string => {
  if (qos === 0) return imports.use("firmware/deliver", "deliverNow");
  return board.mqtt.store
    ? imports.use("lib/mqtt/store", "enqueueStored", "enqueue")
    : imports.use("lib/mqtt/queue", "enqueue");
};

/** What `create` of a driver gets first. */
const portCode = (imports: Imports, chip: Chip, board: Board, sensor: Sensor, meta: DriverMeta): string => {
  const { module, use, pins } = PORTS[meta.bus];
  if (meta.bus === "self") {
    const reads = (meta.reads?.(sensor.options) ?? []).map(([from, name]) => (
      imports.use(from === "reset" ? resetModule(board) : `#platform/${from}`, name)));
    return `[${reads.join(", ")}]`;
  }
  if (module === undefined) return identifier(sensor.bus!);
  const setup = meta.setup?.(sensor.options) ?? [];
  const args = [...Object.keys(pins).map((key) => meta.bus === "adc" ? chip.analogPin(sensor.pins![key]!) : chip.pin(sensor.pins![key]!)), ...setup.map(value)];
  return `${imports.use(`#platform/${module}`, use!)}(${args.join(", ")})`;
};

/** Statements that add a sensor. */
const sensorCode = (imports: Imports, chip: Chip, board: Board, index: number, meta: DriverMeta): string[] => {
  const sensor = board.sensors[index]!;
  const create = imports.use(`lib/drivers/${sensor.driver}`, "create", identifier(sensor.driver));
  const address = sensor.address === undefined ? [] : [`0x${sensor.address.toString(16)}`];
  const facts = factsOf(board.hardware, board.target);
  const port = portCode(imports, chip, board, sensor, meta);
  const args = [port, ...address, ...meta.constants(sensor.options, facts).map(value)];
  const kept = board.totals?.sensors.indexOf(sensor.id) ?? -1;
  if (kept >= 0) args.push(`${imports.use("lib/totals/totals", "total")}(${kept})`);
  const driver = `${create}(${args.join(", ")})`;
  const deliver = deliverCode(imports, board, sensor.publish.qos);
  const { setup, report } = reportCode(imports, board.name, sensor, meta, index, deliver);
  const line = sensor.pins?.["interrupt"];
  const more = line === undefined ? [] : [
    `${imports.use("#platform/gpio", "input")}(${chip.pin(line)}, false)`,
    String(meta.interrupt === "high"),
  ];
  const add = line !== undefined ? imports.use("firmware/event", "interruptSensor")
    : meta.events ? imports.use("firmware/event", "eventSensor") : imports.use("firmware/sensor", "sensor");
  return [
    ...setup,
    `${add}(\n    ${[value(sensor.id), driver, sensor.intervalMs, report, ...more].join(",\n    ")},\n  );`,
  ];
};

const asBytes = (m: Message | undefined): Message | undefined =>
  m && { ...m, topic: utf8(m.topic), payload: utf8(m.payload) };

/** Statements that set up slots, birth message and offline queue, in the order in which they have to run. */
const deliveryCode = (imports: Imports, board: Board): string[] => {
  const { mqtt } = board;
  const lines: string[] = [];
  const queued = board.sensors.some((s) => s.publish.qos > 0);
  const kept = queued || (mqtt.birth?.qos ?? 0) > 0;
  if (kept) {
    const { messages, bytes } = mqtt.inflight;
    lines.push(`${imports.use("lib/mqtt/inflight", "configure")}(${messages}, ${bytes}, ${mqtt.cleanSession});`);
  }
  if (mqtt.birth?.qos === 2 || board.sensors.some((s) => s.publish.qos === 2)) {
    imports.effect("lib/mqtt/qos2");
  }
  if (mqtt.birth) {
    const { topic, payload, qos, retain } = mqtt.birth;
    const publish = qos > 0 ? imports.use("lib/mqtt/qos1", "publishKept") : imports.use("lib/mqtt/publish", "publish");
    const args = [topicLiteral(topic), value(payload), mode(qos, retain), publish].join(", ");
    lines.push(`${imports.use("firmware/birth", "birth")}(${args});`);
  }
  if (queued) {
    imports.use("lib/mqtt/qos1", "publishKept");
    const { messages, bytes, whenFull, maxAgeMs } = mqtt.offline;
    const policy = imports.use("lib/mqtt/queue", WHEN_FULL[whenFull]);
    lines.push(`${imports.use("lib/mqtt/queue", "configureQueue")}(${messages}, ${bytes}, ${policy});`);
    if (maxAgeMs > 0) lines.push(`${imports.use("lib/mqtt/queue", "expireAfter")}(${maxAgeMs});`);
    if (mqtt.store) {
      const { address, areaBytes, areas } = mqtt.store;
      lines.push(`${imports.use("lib/mqtt/store", "openStore")}(${address}, ${areaBytes}, ${areas}, []);`);
    }
  }
  return lines;
};

/** DER in base64 as PEM. */
const pem = (label: string, der: string): string =>
  `-----BEGIN ${label}-----\n${der.replace(/.{1,64}/g, "$&\n")}-----END ${label}-----\n`;

/** Of TLS what the platform uses, in the form that it takes. */
const tlsOptions = ({ target, mqtt }: Board): string => {
  const { verify = true, ca, cert, key } = mqtt.tls ?? {};
  const isPem = target === "nodemcu";
  const texts = {
    ca: isPem && verify ? ca : undefined,
    cert: cert !== undefined && isPem ? pem("CERTIFICATE", cert) : cert,
    key: key !== undefined && isPem ? pem("PRIVATE KEY", key) : key,
  };
  const given = Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [`${name}: ${value(text)}`]));
  return [`verify: ${verify}`, ...given].join(", ");
};

/** How to open the link. */
const linkCode = (imports: Imports, board: Board): string => {
  const { mqtt } = board;
  const address = `${value(mqtt.host)}, ${mqtt.port}`;
  const below = mqtt.link === "tcp" || mqtt.link === "ws"
    ? `${imports.use("lib/link/tcp", "tcp")}(${address})`
    : `${imports.use("lib/link/tls", "tls")}(${address}, { ${tlsOptions(board)} })`;
  return mqtt.path === undefined ? below
    : `${imports.use("lib/link/websocket", "websocket")}(${below}, ${value(upgradeRequest(authorityOf(mqtt), mqtt.path))})`;
};

/**
 * The source text of the firmware of a checked board.
 * @param metas descriptions of the drivers that the board uses, by name
 */
export const generate = (board: Board, metas: Record<string, DriverMeta>): string => {
  const imports = new Imports();
  const chip = new Chip(imports, board);
  const { mqtt, wifi } = board;
  const lines = deliveryCode(imports, board);
  for (const [name, bus] of Object.entries(board.buses)) {
    if (board.sensors.some((s) => s.bus === name)) {
      lines.push(`const ${identifier(name)} = ${busCode(imports, chip, name, bus, board.hardware.buses[name]?.console === true)};`);
    }
  }
  if (board.totals) {
    const { address, pageBytes, saveMs, sensors } = board.totals;
    const open = imports.use("lib/totals/totals", "openTotals");
    lines.push(`${open}(${address}, ${pageBytes}, ${sensors.length}, ${saveMs});`);
  }
  for (const [index, { driver }] of board.sensors.entries()) {
    lines.push(...sensorCode(imports, chip, board, index, metas[driver]!));
  }
  // What was sent at QoS 0 before a new session may be lost.
  if (board.sensors.some((sensor) => sensor.publish.qos === 0 && holdsBack(sensor.filters))) {
    lines.push(`${imports.use("lib/mqtt/client", "upHandlers")}.push(${imports.use("firmware/held", "renew")});`);
  }
  let onDown = "() => {}";
  if (board.diagnosticsIntervalMs > 0) {
    const reason = `${imports.use(resetModule(board), "resetReason")}()`;
    const topic = topicLiteral(`${board.name}/diagnostics`);
    const report = imports.use("firmware/diagnostics", "diagnostics");
    lines.push(`${report}(${topic}, ${board.diagnosticsIntervalMs}, ${reason});`);
    onDown = imports.use("firmware/diagnostics", "countDown");
    if (mqtt.store) imports.effect("firmware/store-diagnostics");
  }
  const connectPacket = connect({
    clientId: utf8(mqtt.clientId),
    cleanSession: mqtt.cleanSession,
    keepAlive: mqtt.keepAliveSeconds,
    username: mqtt.username === undefined ? undefined : utf8(mqtt.username),
    password: mqtt.password === undefined ? undefined : utf8(mqtt.password),
    will: asBytes(mqtt.will),
  });
  const halfKeepAliveMs = mqtt.keepAliveSeconds > 0 ? mqtt.keepAliveSeconds * 500 : 60000;
  const limit = Math.max(2 * mqtt.inflight.bytes, 1024);
  const open = linkCode(imports, board);
  lines.push(`${imports.use("firmware/node", "run")}(
    ${value(wifi.ssid)},
    ${value(wifi.password)},
    ${Math.ceil(board.watchdogMs / 1000)},
    ${open},
    ${literal(connectPacket)},
    ${halfKeepAliveMs},
    ${limit},
    ${LARGEST_INCOMING_BYTES},
    ${onDown},
  );`);
  const boot = imports.use("#platform/system", "onBoot");
  const log = imports.use("#platform/system", "log");
  lines.unshift(`${log}(${value(`motelet ${board.name}`)});`);
  return `/** Firmware of the board "${board.name}", generated by \`motelet build\`: edit the board file, not this. */\n`
    + `${imports.toString()}\n\n${boot}(() => {\n  ${lines.join("\n  ")}\n});\n`;
};
