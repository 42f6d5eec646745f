/** The page of `motelet flash --web`. */
import { flashEspruino } from "../protocol/espruino.ts";
import { flashNodemcu } from "../protocol/nodemcu.ts";
import { Failure } from "../protocol/failure.ts";
import { rate } from "../protocol/rate.ts";
import { NORDIC_UART, openWebBluetooth, openWebSerial } from "./transports.js";

const at = (id) => document.getElementById(id);
const [board, baud, serial, bluetooth, stop] = ["board", "baud", "serial", "bluetooth", "stop"].map(at);
const jobs = await (await fetch("jobs.json")).json();
let abort;

for (const { name, title, bytes } of jobs) {
  const option = new Option(`${name}: ${bytes.toLocaleString("en")} bytes for ${title}`, name);
  board.append(option);
}

const support = [
  ...(navigator.serial ? [] : ["USB needs a browser with Web Serial: Chrome, Edge or Opera on a computer."]),
  ...(navigator.bluetooth ? [] : ["Bluetooth needs a browser with Web Bluetooth."]),
];
at("support").textContent = support.join(" ");
at("support").hidden = support.length === 0;

function setBusy(busy) {
  for (const each of [board, baud]) each.disabled = busy;
  serial.disabled = busy || !navigator.serial;
  bluetooth.disabled = busy || !navigator.bluetooth;
  stop.disabled = !busy;
}
setBusy(false);

const sentence = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

function say(text, kind = "", advice = "") {
  at("state").textContent = sentence(text);
  at("state").className = kind;
  at("advice").textContent = sentence(advice);
}

function log(text) {
  const item = document.createElement("li");
  item.textContent = sentence(text);
  at("log").append(item);
}

let began;
function show({ step, text, bytes, total }) {
  if (bytes === undefined) {
    began = undefined;
    if (step === "done") return;
    say(text);
    log(text);
    return;
  }
  if (began === undefined) say("bringing the firmware onto the board");
  began ??= performance.now();
  const { rate: speed, left } = rate(bytes, total, performance.now() - began);
  at("bar").hidden = false;
  at("progress").value = bytes / total;
  at("rate").textContent = `${bytes.toLocaleString("en")} of ${total.toLocaleString("en")} bytes, ${speed}, ${left}`;
}

/** `open` gives a transport; it asks the user, which a browser allows in answer to a click alone. */
async function flash(open, where, how = {}) {
  const job = jobs.find(({ name }) => name === board.value);
  at("log").replaceChildren();
  at("bar").hidden = true;
  setBusy(true);
  abort = new AbortController();
  let transport;
  try {
    transport = await open(job);
    const run = job.target === "nodemcu" ? flashNodemcu : flashEspruino;
    const result = await run(transport, { ...job.job, ...how }, {
      port: where, limits: job.limits, signal: abort.signal, onProgress: show,
    });
    say(`Done: ${job.name} runs, and the chip has confirmed its checksum.`, "done",
      result.previous ? "Its previous firmware is kept on the board." : "");
  } catch (error) {
    if (error instanceof Failure) say(`${error.message}. ${error.exit >= 3 ? error.stateText : ""}`, "failed", error.advice);
    else if (error.name === "NotFoundError") say("No board was chosen.", "", "");
    else {
      say(`the connection cannot be opened: ${error.message}`, "failed",
        "close other programs that use the port, and plug the board in again");
    }
  } finally {
    await transport?.close();
    setBusy(false);
  }
}

at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void flash(async ({ filters, baud: configured }) =>
    openWebSerial(await navigator.serial.requestPort({ filters }), Number(baud.value) || configured), "the USB port");
});
const NAMES = ["Puck.js", "Pixl.js", "Bangle.js", "MDBT42Q", "Jolt.js", "Espruino"];
bluetooth.addEventListener("click", () => void flash(async () => openWebBluetooth(await navigator.bluetooth.requestDevice({
  filters: [{ services: [NORDIC_UART] }, ...NAMES.map((namePrefix) => ({ namePrefix }))],
  optionalServices: [NORDIC_UART],
})), "Bluetooth", {
  // A restart of the chip would end the connection, and what the node says at its start would be heard by nobody.
  restart: "load",
}));
stop.addEventListener("click", () => abort.abort());
