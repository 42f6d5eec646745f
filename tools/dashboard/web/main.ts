/** The dashboard's page: its head, its tabs, and the news that they show. */
import type { Answer, Command } from "../protocol.ts";
import { h, setClass, setText } from "./dom.ts";
import { clock } from "./format.ts";
import { createFaults } from "./panes/faults.ts";
import { createFlash } from "./panes/flash.ts";
import { createMessages } from "./panes/messages.ts";
import { createOverview } from "./panes/overview.ts";
import type { Pane } from "./panes/pane.ts";
import { createSensors } from "./panes/sensors.ts";
import { apply, connect, type Store } from "./store.ts";
import { createTabs } from "./tabs.ts";

const app = document.querySelector("#app")!;

/** Says what came of a command, to those who listen, too. */
function createNotices(): { element: HTMLElement; tell(answer: Answer): void } {
  const element = h("div.notices", { role: "status", "aria-live": "polite" });
  return {
    element,
    tell(answer) {
      const isBad = "error" in answer;
      const notice = h(isBad ? "p.notice.bad" : "p.notice", {}, isBad ? answer.error : answer.done);
      element.replaceChildren(notice);
      setTimeout(() => notice.remove(), isBad ? 8000 : 3000);
    },
  };
}

function createHead(): { element: HTMLElement; show(store: Store): void; setLive(isLive: boolean): void } {
  const name = h("h1");
  const hardware = h("p.hardware");
  const badge = (title: string): { element: HTMLElement; text: HTMLElement } => {
    const text = h("span");
    return { element: h("span.badge", {}, h("span.what", {}, title), " ", text), text };
  };
  const time = badge("clock");
  const node = badge("node");
  const mqtt = badge("MQTT");
  const page = h("span.badge.lost", { hidden: true, role: "status" }, "the simulator does not answer; trying again");
  const element = h("header.head", {}, h("div", {}, name, hardware),
    h("div.badges", {}, page, time.element, node.element, mqtt.element));
  return {
    element,
    setLive(isLive) {
      page.hidden = isLive;
      setClass(document.body, "stale", !isLive);
    },
    show({ board, live }) {
      setText(name, board.name);
      setText(hardware, board.hardware);
      document.title = `${board.name} - Motelet`;
      setText(time.text, `${clock(live.nowMs)}${board.speed === 1 ? "" : ` ×${board.speed}`}`);
      const isOn = live.power === "on";
      const said = live.availability;
      setText(node.text, isOn ? said || "silent" : "no power");
      setClass(node.element, "good", isOn && said === "online");
      setClass(node.element, "bad", !isOn || said === "offline");
      const { state } = live.connection;
      setText(mqtt.text, state);
      setClass(mqtt.element, "good", state === "connected");
      setClass(mqtt.element, "bad", state !== "connected");
    },
  };
}

function start(): void {
  let store: Store | undefined;
  let panes: Pane[] = [];
  const notices = createNotices();
  const head = createHead();
  let tabs: ReturnType<typeof createTabs> | undefined;
  const { send } = connect((news) => {
    store = apply(store, news);
    if (store === undefined) return;
    if (news.board !== undefined) build(store);
    head.show(store);
    show();
  }, (isLive) => head.setLive(isLive));
  const ask = async (command: Command): Promise<Answer> => {
    const answer = await send(command);
    notices.tell(answer);
    return answer;
  };
  const show = (): void => {
    const pane = panes.find(({ id }) => id === tabs?.selected());
    if (store !== undefined && document.visibilityState === "visible") pane?.show(store);
  };
  /** Anew when the simulation is another one: it may be of another board. */
  let built = "";
  const build = ({ board }: Store): void => {
    const key = JSON.stringify(board);
    if (key === built) return;
    built = key;
    panes = [
      createOverview(board), createSensors(board, ask), createMessages(board), createFaults(board, ask),
      createFlash(board),
    ];
    tabs = createTabs(panes, show);
    app.replaceChildren(head.element, tabs.element, notices.element);
  };
  document.addEventListener("visibilitychange", show);
}

start();
