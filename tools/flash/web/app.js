/**
 * The page of `motelet flash --web`, as an element: `<motelet-flash jobs="jobs.json">` stands in any page that loads
 * this file and can fetch the jobs (server.ts, flashPages), or gives them as its property `jobs`. It sends an event
 * "flashed" when a board runs its new firmware.
 */
import { flashEspruino } from "../protocol/espruino.ts";
import { Failure } from "../protocol/failure.ts";
import { restartChip, writeImages } from "../protocol/images.ts";
import { flashNodemcu } from "../protocol/nodemcu.ts";
import { rate } from "../protocol/rate.ts";
import { createImageFiles } from "./image-files.js";
import { NORDIC_UART, openWebBluetooth, openWebSerial } from "./transports.js";
import theme from "./theme.css";
import style from "./view.css";
import view from "./view.html";

const NAMES = ["Puck.js", "Pixl.js", "Bangle.js", "MDBT42Q", "Jolt.js", "Espruino"];
const sentence = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);
const count = (bytes) => bytes.toLocaleString("en");
/** Advice names options of the command: here the same has other names. */
const HERE = { "--image": "\"Write it first\" above", "--baud": "\"Speed\"", "--erase": "motelet flash --erase" };
const here = (advice) => advice.replace("by --port", "in the browser's window")
  .replace(/--\w+/g, (name) => HERE[name] ?? name);

/** What is shown while a board is flashed, and afterwards. */
function createOutcome(at) {
  let began;
  let quarter = 0;
  const state = (text, kind = "", advice = "") => {
    at("outcome").className = kind;
    at("state").textContent = sentence(text);
    at("advice").textContent = sentence(advice);
    at("advice").hidden = advice === "";
  };
  return {
    begin() {
      at("log").replaceChildren();
      at("story").hidden = false;
      at("bar").hidden = true;
      state("connecting");
    },
    done(name, previous) {
      at("bar").hidden = true;
      state(`Done: ${name} runs, and the chip has confirmed its checksum.`, "done",
        previous ? "Its previous firmware is kept on the board." : "");
    },
    show({ step, text, bytes, total }) {
      if (bytes === undefined) {
        began = undefined;
        if (step === "done") return;
        state(text);
        const item = document.createElement("li");
        item.textContent = sentence(text);
        at("log").append(item);
        return;
      }
      if (began === undefined) {
        began = performance.now();
        quarter = 0;
        state(step === "upload" ? "bringing the bytes onto the board" : text);
      }
      const { rate: speed, left } = rate(bytes, total, performance.now() - began);
      at("bar").hidden = false;
      at("progress").value = bytes / total;
      at("what").textContent = text;
      at("rate").textContent = `${count(bytes)} of ${count(total)} bytes, ${speed}, ${left}`;
      // For those who listen: not every chunk.
      const now = Math.floor((bytes * 4) / total);
      if (now > quarter) at("heard").textContent = `${now * 25} percent`;
      quarter = now;
    },
    end(error) {
      at("bar").hidden = true;
      if (error instanceof Failure) {
        state(`${error.message}. ${error.exit >= 3 ? error.stateText : ""}`, "failed", here(error.advice));
      } else if (error.name === "NotFoundError") state("No board was chosen.");
      else {
        state(`the connection cannot be opened: ${error.message}`, "failed",
          "close other programs that use the port, and plug the board in again");
      }
    },
  };
}

class MoteletFlash extends HTMLElement {
  #at;
  #jobs = [];
  #outcome;
  #files;
  #stop;

  async connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    root.innerHTML = `<style>${theme}${style}</style>${view}`;
    this.#at = (id) => root.getElementById(id);
    this.#outcome = createOutcome(this.#at);
    this.#files = createImageFiles(this.#at("files"));
    const at = this.#at;
    at("board").addEventListener("change", () => this.#choose());
    at("with-image").addEventListener("change", () => this.#enable(false));
    at("stop").addEventListener("click", () => this.#stop.abort());
    at("form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#run((job) => this.#bySerial(job));
    });
    at("bluetooth").addEventListener("click", () => void this.#run((job) => this.#byBluetooth(job)));
    const support = [
      ...(navigator.serial ? [] : ["USB needs a browser with Web Serial: Chrome, Edge or Opera on a computer."]),
      ...(navigator.bluetooth ? [] : ["Bluetooth needs a browser with Web Bluetooth."]),
    ];
    at("support").textContent = support.join(" ");
    at("support").hidden = support.length === 0;
    this.#jobs = this.jobs ?? await (await fetch(this.getAttribute("jobs"))).json();
    at("board").append(...this.#jobs.map(({ name }) => new Option(name, name)));
    this.#choose();
  }

  get #job() {
    return this.#jobs.find(({ name }) => name === this.#at("board").value);
  }

  #choose() {
    const { image, firmware, title, bytes } = this.#job;
    this.#at("about").textContent = `${count(bytes)} bytes for ${title} with ${firmware}`;
    this.#at("interpreter").hidden = !image;
    this.#at("with-image").checked = false;
    this.#at("image-title").textContent = `Write it first: ${firmware} itself`;
    this.#files.show(image?.images ?? []);
    this.#enable(false);
  }

  #enable(busy) {
    const at = this.#at;
    const withImage = at("with-image").checked;
    at("images").hidden = !withImage;
    for (const each of [at("board"), at("baud"), at("with-image"), ...at("files").querySelectorAll("input")]) each.disabled = busy;
    at("serial").disabled = busy || !navigator.serial;
    // A chip's loader listens to its serial port alone; NodeMCU's prompt, too.
    at("bluetooth").disabled = busy || !navigator.bluetooth || withImage || this.#job.target !== "espruino";
    at("stop").disabled = !busy;
  }

  /** `flash` asks the user for a port first, which a browser allows in answer to a click alone. */
  async #run(flash) {
    const job = this.#job;
    this.#stop = new AbortController();
    this.#outcome.begin();
    this.#enable(true);
    try {
      const { previous } = await flash(job);
      this.#outcome.done(job.name, previous);
      this.dispatchEvent(new CustomEvent("flashed", { detail: { name: job.name }, bubbles: true, composed: true }));
    } catch (error) {
      this.#outcome.end(error);
    } finally {
      this.#enable(false);
    }
  }

  async #bySerial(job) {
    const { show } = this.#outcome;
    const images = this.#at("with-image").checked ? this.#files.images() : undefined;
    const port = await navigator.serial.requestPort({ filters: job.filters });
    if (images !== undefined) {
      const chip = await writeImages({
        port, config: job.image, images, canChangeBaud: true, onProgress: show, signal: this.#stop.signal,
      });
      show({ step: "verify", text: `${chip}: ${images.length} images written, and their MD5 confirmed by the chip` });
    }
    const transport = await openWebSerial(port, Number(this.#at("baud").value) || job.baud);
    if (images !== undefined) await restartChip(job.image.reset, transport.setSignals, show);
    return this.#flash(transport, job, "the USB port");
  }

  async #byBluetooth(job) {
    const device = await navigator.bluetooth.requestDevice({
      filters: [{ services: [NORDIC_UART] }, ...NAMES.map((namePrefix) => ({ namePrefix }))],
      optionalServices: [NORDIC_UART],
    });
    // A restart of the chip would end the connection, and what the node says at its start would be heard by nobody.
    return this.#flash(await openWebBluetooth(device), job, "Bluetooth", { restart: "load" });
  }

  async #flash(transport, { target, job, limits }, port, how = {}) {
    const flash = target === "nodemcu" ? flashNodemcu : flashEspruino;
    try {
      return await flash(transport, { ...job, ...how }, {
        port, limits, signal: this.#stop.signal, onProgress: this.#outcome.show,
      });
    } finally {
      await transport.close();
    }
  }
}

customElements.define("motelet-flash", MoteletFlash);
