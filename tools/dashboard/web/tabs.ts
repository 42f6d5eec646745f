/** Tabs, as WAI-ARIA's pattern has them: arrow keys go from one to the next. The address keeps the chosen one. */
import { h } from "./dom.ts";
import type { Pane } from "./panes/pane.ts";

export function createTabs(panes: readonly Pane[], onSelect: () => void): { element: HTMLElement; selected(): string } {
  const bar = h("div.tabs", { role: "tablist", "aria-label": "What to look at" });
  const tabs = panes.map(({ id, title }) => h("button.tab", {
    type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `pane-${id}`, onclick: () => select(id, true),
  }, title));
  bar.append(...tabs);
  // Their ids are not those of the address: the browser would scroll to them.
  const boxes = panes.map(({ id, element }) =>
    h("div.pane", { id: `pane-${id}`, role: "tabpanel", "aria-labelledby": `tab-${id}` }, element));
  let chosen = "";
  const select = (id: string, isNew: boolean): void => {
    chosen = panes.some((pane) => pane.id === id) ? id : panes[0]!.id;
    panes.forEach((pane, at) => {
      const is = pane.id === chosen;
      tabs[at]!.setAttribute("aria-selected", String(is));
      tabs[at]!.tabIndex = is ? 0 : -1;
      boxes[at]!.hidden = !is;
    });
    if (isNew) history.replaceState(null, "", `#${chosen}`);
    onSelect();
  };
  bar.addEventListener("keydown", (event) => {
    const at = tabs.findIndex((tab) => tab === document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    tabs[next]!.focus();
    select(panes[next]!.id, true);
  });
  addEventListener("hashchange", () => select(location.hash.slice(1), false));
  select(location.hash.slice(1), false);
  return { element: h("div", {}, bar, h("main", {}, ...boxes)), selected: () => chosen };
}
