/** What may go wrong, to be switched on while the node runs. */
import type { BoardInfo, Command, FaultInfo, NetworkState } from "../../protocol.ts";
import { card, h, newId, setHidden, setText } from "../dom.ts";
import type { Store } from "../store.ts";
import type { Ask, Pane } from "./pane.ts";

interface Part { element: HTMLElement; show(store: Store): void }

/** A box that shows what is so, and asks for a change when it is clicked. */
function createSwitch(
  name: string, text: string, isOn: (store: Store) => boolean, command: (on: boolean) => Command, ask: Ask,
): Part {
  const id = newId();
  const box = h("input", { type: "checkbox", id, role: "switch", "aria-describedby": `${id}-about` });
  box.addEventListener("change", () => void ask(command(box.checked)));
  return {
    element: h("div.switch", {}, box, h("div", {}, h("label", { for: id }, name), h("p.note", { id: `${id}-about` }, text))),
    show(store) {
      const on = isOn(store);
      if (box.checked !== on) box.checked = on;
    },
  };
}

/** A number of the network. */
function createNumber(name: string, unit: string, key: keyof NetworkState, most: number, ask: Ask): Part {
  const id = newId();
  const input = h("input.number", { type: "number", id, min: 0, max: most, step: 1 });
  input.addEventListener("change", () => {
    if (input.value !== "") void ask({ do: "network", faults: { [key]: Number(input.value) } }).then(() => input.blur());
  });
  return {
    element: h("div.setting", {}, h("label", { for: id }, name), h("span.entry", {}, input, h("span.unit", {}, unit))),
    show({ live }) {
      if (document.activeElement !== input) input.value = String(live.network[key]);
    },
  };
}

function createNetwork(board: BoardInfo, ask: Ask): Part {
  const of = (key: "dns" | "unanswered", name: string, text: string): Part =>
    createSwitch(name, text, ({ live }) => live.network[key], (on) => ({ do: "network", faults: { [key]: on } }), ask);
  const codes = ["no", "1: protocol version", "2: client id", "3: server unavailable", "4: bad user name or password", "5: not authorised"];
  const refusalId = newId();
  const refusal = h("select", { id: refusalId, onchange: () => void ask({ do: "refuse", code: Number(refusal.value) }) },
    ...codes.map((text, code) => h("option", { value: code }, text)));
  const parts = [
    createSwitch("Wi-Fi is off", "The access point is gone. Connections are silent, and go on where they were if it comes back in time.",
      ({ live }) => !live.accessPoint, (on) => ({ do: "wifi", up: !on }), ask),
    createSwitch("Broker is down", "The node's connection is reset, and new ones are refused.",
      ({ live }) => !live.brokerAnswers, (on) => ({ do: "broker", answers: !on }), ask),
    of("unanswered", "Nobody answers", "Connections are never answered: they time out."),
    of("dns", "Names are not found", "No name is resolved, and no address either, which the chip asks for in the same way."),
    createNumber("Latency", "ms", "latencyMs", 60_000, ask),
    createNumber("Jitter, on top of it", "ms", "jitterMs", 60_000, ask),
    createNumber("Bytes arrive in pieces of at most", "bytes", "fragmentBytes", 65_536, ask),
  ];
  return {
    element: card("Network", ...parts.map(({ element }) => element), ...(board.broker.embedded ? [h("div.setting", {},
      h("label", { for: refusalId }, "Broker refuses CONNECT"), refusal)] : [])),
    show(store) {
      for (const part of parts) part.show(store);
      if (document.activeElement !== refusal) refusal.value = String(store.live.refusal);
    },
  };
}

const button = (text: string, press: () => void): HTMLButtonElement => h("button", { type: "button", onclick: press }, text);

function createCuts(ask: Ask): Part {
  const id = newId();
  const after = h("input.number", { type: "number", id, min: 0, max: 1_000_000, step: 1, value: 0 });
  const cut = (text: string, how: "fin" | "rst" | "blackhole"): HTMLButtonElement =>
    button(text, () => void ask({ do: "cut", how, afterBytes: Number(after.value) }));
  return {
    element: card("Cut the connection", h("p.note", {}, "The other side closes it (FIN), resets it (RST), or is never heard of again (black hole): "
      + "then keep-alive has to find out. After some bytes: in the middle of a packet."),
    h("div.setting", {}, h("label", { for: id }, "When the node has sent"), h("span.entry", {}, after, h("span.unit", {}, "more bytes"))),
    h("div.row", {}, cut("Close (FIN)", "fin"), cut("Reset (RST)", "rst"), cut("Black hole", "blackhole"))),
    show() {},
  };
}

function createPower(ask: Ask): Part {
  const id = newId();
  const after = h("input.number", { type: "number", id, min: 0, max: 1_000_000, step: 1, value: 100 });
  const state = h("p");
  const cycle = button("Pull the plug, and put it in again", () => void ask({ do: "power", to: "cycle" }));
  const off = button("Pull the plug", () => void ask({ do: "power", to: "off" }));
  const silent = button("Pull it without a word", () => void ask({ do: "power", to: "off", how: "silent" }));
  const on = button("Put the plug in", () => void ask({ do: "power", to: "on" }));
  cycle.classList.add("main");
  const arm = (event: Event): void => {
    event.preventDefault();
    void ask({ do: "fail flash", afterBytes: Number(after.value) });
  };
  return {
    element: card("Power", state, h("div.row", {}, cycle, off, silent, on),
      h("p.note", {}, "What is in flash stays. Without a word: the broker hears of it by the keep-alive alone, and publishes the will then."),
      h("form.setting", { onsubmit: arm }, h("label", { for: id }, "Power fails in the middle of a write to flash, after"),
        h("span.entry", {}, after, h("span.unit", {}, "bytes")), h("button", { type: "submit" }, "Arm"))),
    show({ live }) {
      const isOn = live.power === "on";
      setText(state, isOn ? "The board has power." : "The board has no power.");
      [cycle.disabled, off.disabled, silent.disabled, on.disabled] = [!isOn, !isOn, !isOn, isOn];
    },
  };
}

function createOwner(id: string, title: string, faults: FaultInfo[], ask: Ask): Part {
  const parts = faults.map(({ name, text }) => createSwitch(
    name, text, ({ live }) => live.faults[id]?.includes(name) ?? false,
    (on) => ({ do: "fault", of: id, fault: name, on }), ask,
  ));
  return {
    element: card(title, ...parts.map(({ element }) => element)),
    show(store) {
      for (const part of parts) part.show(store);
    },
  };
}

/** How many faults are on. */
function countOf({ live }: Store): number {
  const { network } = live;
  const { latencyMs, jitterMs, fragmentBytes } = network;
  const numbers = [latencyMs, jitterMs, fragmentBytes, live.refusal].filter((value) => value > 0).length;
  const switches = [network.dns, network.unanswered, !live.accessPoint, !live.brokerAnswers].filter(Boolean).length;
  return numbers + switches + Object.values(live.faults).flat().length;
}

export function createFaults(board: BoardInfo, ask: Ask): Pane {
  const state = h("p", { role: "status" });
  const heal = button("Switch all off", () => void ask({ do: "heal" }));
  const parts = [
    createNetwork(board, ask), createCuts(ask), createPower(ask),
    ...board.sensors.map(({ id, title, faults }) => createOwner(id, `${id}: ${title}`, faults, ask)),
    ...board.buses.map(({ name, faults }) => createOwner(name, `Bus ${name}`, faults, ask)),
  ];
  return {
    id: "faults", title: "Faults",
    element: h("div", {}, h("div.bar", {}, state, heal), h("div.cards", {}, ...parts.map(({ element }) => element))),
    show(store) {
      const on = countOf(store);
      setText(state, on === 0 ? "No fault is on." : on === 1 ? "One fault is on." : `${on} faults are on.`);
      setHidden(heal, on === 0);
      for (const part of parts) part.show(store);
    },
  };
}
