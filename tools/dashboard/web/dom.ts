/** Making elements, and changing only what has changed. */

type Child = Node | string | undefined;
type Props = Record<string, string | number | boolean | ((event: Event) => void) | undefined>;

/**
 * An element: `h("button.big", { type: "button", onclick: press }, "Press")`. Properties that begin with "on" are
 * listeners, `true` is an attribute without a value, `false` and undefined are none.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K | `${K}.${string}`, props: Props = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name as K);
  if (classes.length > 0) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== undefined && value !== false) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** An element of a picture. */
export function svg(tag: string, attributes: Record<string, string | number> = {}): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setClass(element: Element, name: string, on: boolean): void {
  if (element.classList.contains(name) !== on) element.classList.toggle(name, on);
}

export function setHidden(element: HTMLElement, on: boolean): void {
  if (element.hidden !== on) element.hidden = on;
}

let ids = 0;
/** For labels. */
export const newId = (): string => `id${++ids}`;

/** A list of names and values whose values change. */
export function createFacts(): { element: HTMLElement; show(facts: Record<string, string | undefined>): void } {
  const element = h("dl.facts");
  const rows = new Map<string, { row: HTMLElement; value: HTMLElement }>();
  return {
    element,
    show(facts) {
      for (const [name, text] of Object.entries(facts)) {
        let made = rows.get(name);
        if (made === undefined) {
          const value = h("dd");
          rows.set(name, made = { value, row: h("div", {}, h("dt", {}, name), value) });
          element.append(made.row);
        }
        setHidden(made.row, text === undefined || text === "");
        setText(made.value, text ?? "");
      }
    },
  };
}

/** A part of a pane with a heading. */
export function card(title: string, ...children: Child[]): HTMLElement {
  return h("section.card", {}, h("h2", {}, title), ...children);
}
