/** The packets of the node, decoded, and what of them is in flight. */
import { decode, shown } from "../../decode.ts";
import { MOST_PACKETS, type BoardInfo, type InFlight, type PacketLine } from "../../protocol.ts";
import { card, h, newId, setHidden, setText } from "../dom.ts";
import { bytes, clock, count, plural, stretch } from "../format.ts";
import type { Store } from "../store.ts";
import type { Pane } from "./pane.ts";

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16));

/** What a packet is about, in a line. */
function about(packet: PacketLine): string {
  if (packet.problem !== undefined) return packet.problem;
  const parts = decode(bytesOf(packet.hex));
  const text = (name: string): string =>
    (parts.find((part) => part.name === name)?.text ?? "").replace(/ \(\d+ bytes\)$/, "");
  if (packet.packet === "PUBLISH") {
    const payload = parts.find(({ name }) => name === "payload");
    return payload === undefined ? "" : shown(bytesOf(packet.hex).subarray(payload.from));
  }
  if (packet.packet === "CONNECT") return `${text("client id")}, keep-alive ${text("keep-alive")}, ${text("connect flags")}`;
  if (packet.packet === "CONNACK") return `${text("return code")}, ${text("acknowledge flags")}`;
  return packet.topic ?? "";
}

const flagsOf = (packet: PacketLine): string[] => [
  ...(packet.packet === "PUBLISH" ? [`QoS ${packet.qos}`] : []), ...(packet.dup ? ["DUP"] : []),
  ...(packet.retain ? ["retain"] : []), ...(packet.id === undefined ? [] : [`id ${packet.id}`]),
];

/** Each part of the packet with its bytes. */
function createDetail(packet: PacketLine): HTMLElement {
  const all = bytesOf(packet.hex);
  const parts = decode(all);
  const hexOf = (from: number, to: number): string => (packet.hex.slice(2 * from, 2 * to).match(/../g) ?? []).join(" ");
  const rest = parts.at(-1)?.to ?? 0;
  return h("div.detail", {},
    h("table", {}, h("tbody", {}, ...parts.map(({ name, from, to, text }) =>
      h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, text), h("td.hex", {}, hexOf(from, to)))),
    ...(rest < all.length ? [h("tr", {}, h("th", { scope: "row" }, "not read"), h("td"), h("td.hex", {}, hexOf(rest, all.length)))] : []))),
    ...(all.length < packet.bytes ? [h("p.note", {}, `The first ${all.length} of ${packet.bytes} bytes.`)] : []),
    ...(packet.redacted ? [h("p.note", {}, "The password is starred out.")] : []));
}

function createRow(packet: PacketLine): HTMLElement {
  const button = h("button.packet", { type: "button", "aria-expanded": "false" },
    h("time", {}, clock(packet.ms)),
    h("span.way", { "aria-label": packet.direction === "out" ? "sent" : "received" }, packet.direction === "out" ? "→" : "←"),
    h("span.type", {}, packet.packet),
    h("span.topic", {}, packet.packet === "PUBLISH" ? packet.topic ?? "" : ""),
    h("span.flags", {}, ...flagsOf(packet).map((flag) => h("span.flag", {}, flag))),
    h("span.about", {}, about(packet)),
    h("span.size", {}, bytes(packet.bytes)));
  const row = h(packet.packet === "malformed" ? "li.bad" : `li.${packet.direction}`, {}, button);
  let detail: HTMLElement | undefined;
  button.addEventListener("click", () => {
    if (detail === undefined) row.append(detail = createDetail(packet));
    else setHidden(detail, !detail.hidden);
    button.setAttribute("aria-expanded", String(!detail.hidden));
  });
  return row;
}

function createInFlight(board: BoardInfo): { element: HTMLElement; show(store: Store): void } {
  const body = h("tbody");
  const none = h("p", {}, "Nothing is in flight.");
  const table = h("table.inflight", {}, h("thead", {}, h("tr", {},
    ...["id", "packet", "waits for", "since", "sent"].map((name) => h("th", { scope: "col" }, name)))), body);
  const queue = h("p");
  let was = "";
  const row = (live: Store["live"], each: InFlight): HTMLElement => h("tr", {},
    h("td", {}, String(each.id)), h("td", {}, `${each.packet} ${each.topic}${each.packet === "PUBLISH" ? `, QoS ${each.qos}` : ""}`),
    h("td", {}, each.awaits), h("td", {}, stretch(live.nowMs - each.sinceMs)), h("td", {}, each.sent > 1 ? `${each.sent} times` : "once"));
  return {
    element: card("In flight and waiting", none, table, queue, h("p.note", {}, "In flight: concluded from the packets, as sent and not yet "
      + "acknowledged. Waiting in the offline queue: the node tells nobody how much that is; what it had to drop it counts in its diagnostics.")),
    show({ live }) {
      const { inflight, diagnostics } = live;
      setHidden(none, inflight.length > 0);
      setHidden(table, inflight.length === 0);
      const dropped = diagnostics?.["dropped"];
      setText(queue, `Dropped readings: ${typeof dropped === "number" ? count(dropped) : "not reported yet"}. `
        + (board.hasStore ? "What waits is kept in flash." : ""));
      const text = JSON.stringify([inflight, Math.floor(live.nowMs / 1000)]);
      if (text === was) return;
      was = text;
      body.replaceChildren(...inflight.map((each) => row(live, each)));
    },
  };
}

interface Filter { text: string; direction: string; withPings: boolean }

function passes(packet: PacketLine, { text, direction, withPings }: Filter): boolean {
  if (direction !== "" && packet.direction !== direction) return false;
  if (!withPings && packet.packet.startsWith("PING")) return false;
  return [packet.packet, packet.topic ?? "", ...flagsOf(packet), about(packet)].join(" ").toLowerCase().includes(text);
}

export function createMessages(board: BoardInfo): Pane {
  const [textId, directionId, pingId] = [newId(), newId(), newId()];
  const text = h("input", { type: "search", id: textId, placeholder: "topic, type, payload ...", autocomplete: "off", spellcheck: "false" });
  const direction = h("select", { id: directionId },
    ...[["", "both ways"], ["out", "from the node"], ["in", "to the node"]].map(([value, name]) => h("option", { value }, name)));
  const pings = h("input", { type: "checkbox", id: pingId });
  const pause = h("button", { type: "button", "aria-pressed": "false" }, "Pause");
  const state = h("p.note", { role: "status" });
  const list = h("ol.packets", { "aria-label": "Packets, the newest first" });
  const inflight = createInFlight(board);
  let last: Store | undefined;
  let isPaused = false;
  let newest = 0;

  const filter = (): Filter =>
    ({ text: text.value.trim().toLowerCase(), direction: direction.value, withPings: pings.checked });
  const show = (store: Store): void => {
    last = store;
    inflight.show(store);
    const latest = store.packets.at(-1)?.n ?? 0;
    if (latest < newest) fill();
    if (isPaused) {
      setText(state, `paused; ${plural(latest - newest, "packet")} since`);
      return;
    }
    const now = filter();
    const fresh = store.packets.filter((packet) => packet.n > newest && passes(packet, now)).reverse();
    newest = latest;
    list.prepend(...fresh.map(createRow));
    while (list.children.length > MOST_PACKETS) list.lastChild!.remove();
    setText(state, list.children.length === 0 ? "no packet yet that the filter lets through"
      : `${count(list.children.length)} of the last ${count(store.packets.length)} packets`);
  };
  const fill = (): void => {
    newest = 0;
    list.replaceChildren();
  };
  const refill = (): void => {
    const was = isPaused;
    isPaused = false;
    fill();
    if (last) show(last);
    isPaused = was;
  };
  for (const each of [text, direction, pings]) each.addEventListener("input", refill);
  pause.addEventListener("click", () => {
    isPaused = !isPaused;
    pause.setAttribute("aria-pressed", String(isPaused));
    setText(pause, isPaused ? "Go on" : "Pause");
    if (last) show(last);
  });
  return {
    id: "messages", title: "Messages", show,
    element: h("div", {}, inflight.element,
      h("div.bar", {}, h("label", { for: textId }, "Filter"), text, h("label", { for: directionId }, "Direction"), direction,
        h("span.check", {}, pings, h("label", { for: pingId }, "pings")), pause),
      state, list),
  };
}
