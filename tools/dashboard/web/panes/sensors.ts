/** Each part: what its world is, by hand or by itself, and what the node made of it. */
import { inWorld, published, type BoardInfo, type FieldInfo, type SensorInfo, type SignalInfo } from "../../protocol.ts";
import { createChart, type Line } from "../chart.ts";
import { h, newId, setClass, setHidden, setText } from "../dom.ts";
import { rounded, stretch, withUnit } from "../format.ts";
import type { Store } from "../store.ts";
import type { Ask, Pane } from "./pane.ts";

/** A slider that is moved tells at most so often, ms. */
const TELL_MS = 120;

/** Steps of a slider over a range: a round number, about 500 of them. */
function stepOf({ min, max }: SignalInfo): number {
  return 10 ** Math.floor(Math.log10((max - min) / 400));
}

interface Part { element: HTMLElement; show(store: Store): void }

/** A signal of the world: where it is, and how to move it. */
function createSignal(signal: SignalInfo, ask: Ask): Part {
  const label = signal.name.slice(signal.name.indexOf(".") + 1);
  const [sliderId, courseId] = [newId(), newId()];
  const step = stepOf(signal);
  const slider = h("input", { type: "range", id: sliderId, min: signal.min, max: signal.max, step });
  const number = h("input.number", {
    type: "number", min: signal.min, max: signal.max, step: "any", "aria-label": withUnit(`${label}, number in`, signal.unit),
  });
  const source = h("span.source");
  const free = h("button", { type: "button" }, "Let it move by itself");
  const course = h("input", { type: "text", id: courseId, placeholder: "sine(20,5,1h)", spellcheck: "false", autocomplete: "off" });
  let isHeld = false;
  let waiting: ReturnType<typeof setTimeout> | undefined;

  const set = async (to: number | string): Promise<boolean> => "done" in await ask({ do: "set", signal: signal.name, to });
  slider.addEventListener("input", () => {
    isHeld = true;
    number.value = slider.value;
    waiting ??= setTimeout(() => {
      waiting = undefined;
      void set(Number(slider.value)).then(() => isHeld = waiting !== undefined);
    }, TELL_MS);
  });
  number.addEventListener("change", () => {
    if (number.value !== "") void set(Number(number.value)).then(() => number.blur());
  });
  free.addEventListener("click", () => void set("default"));
  const form = h("form.row", { onsubmit: (event) => {
    event.preventDefault();
    void set(course.value.trim());
  } }, h("label", { for: courseId }, "Course"), course, h("button", { type: "submit" }, "Set"));
  const element = h("div.signal", {},
    h("div.line", {}, h("label", { for: sliderId }, label), source),
    h("div.line", {}, slider, h("span.entry", {}, number, h("span.unit", {}, signal.unit))),
    h("div.ends", { "aria-hidden": "true" }, h("span", {}, String(signal.min)), h("span", {}, String(signal.max))),
    h("details", {}, h("summary", {}, "Move it"), h("div.more", {}, free, form,
      h("p.note", {}, "step(20,30,60s): 20, after 60 s 30. ramp(20,30,10m): a line of 10 min. sine(20,5,1h): mean, swing, period."))));
  return {
    element,
    show({ live }) {
      const now = live.world[signal.name];
      if (now === undefined) return;
      setText(source, now.source);
      setClass(source, "set", now.source !== "daily curve");
      free.disabled = now.source === "daily curve";
      if (isHeld) return;
      slider.value = String(now.value);
      slider.setAttribute("aria-valuetext", withUnit(rounded(now.value, signal.max - signal.min), signal.unit));
      if (document.activeElement !== number) number.value = rounded(now.value, (signal.max - signal.min) / 100);
    },
  };
}

/** A quantity as it was published, beside the signal of its name. */
function createField(sensor: SensorInfo, field: FieldInfo, range: () => number): Part {
  const name = `${sensor.id}.${field.name}`;
  const signal = sensor.signals.find((each) => each.name === name && each.unit === field.unit);
  const value = h("span.value", {}, "-");
  const about = h("span.age");
  const chart = createChart({ title: name, unit: field.unit });
  const element = h("div.field", {},
    h("p.line", {}, h("span.of", {}, signal ? "published" : `${field.name}, published`),
      h("span", {}, value, ` ${field.unit}`), about), chart.element);
  return {
    element,
    show({ live, series }) {
      const reading = live.readings[name];
      setText(value, reading?.text ?? "-");
      setText(about, reading === undefined ? "nothing yet" : `${stretch(live.nowMs - reading.ms)} ago, ${reading.count} in all`);
      const lines: Line[] = [
        { name: "published", kind: "published", points: series.get(published(sensor.id, field.name)) ?? [] },
        ...(signal ? [{ name: "world", kind: "world" as const, points: series.get(inWorld(name)) ?? [] }] : []),
      ];
      chart.draw(lines, Math.max(0, live.nowMs - range()), live.nowMs);
    },
  };
}

function createSensor(sensor: SensorInfo, ask: Ask, range: () => number): Part {
  const faults = h("a.badge.bad", { href: "#faults" });
  const rows: Part[] = [];
  const used = new Set<string>();
  const grid = h("div.rows", {});
  const row = (...parts: Part[]): void => {
    rows.push(...parts);
    grid.append(h("div.sensor-row", {}, ...parts.map(({ element }) => element)));
  };
  for (const field of sensor.fields) {
    const signal = sensor.signals.find(({ name }) => name === `${sensor.id}.${field.name}`);
    if (signal) used.add(signal.name);
    row(...(signal ? [createSignal(signal, ask)] : []), createField(sensor, field, range));
  }
  for (const signal of sensor.signals) if (!used.has(signal.name)) row(createSignal(signal, ask));
  const element = h("section.card.sensor", {},
    h("div.line", {}, h("h2", {}, sensor.id), faults),
    h("p.note", {}, `${sensor.title} at ${sensor.place}, read every ${stretch(sensor.intervalMs)}, to ${
      [...new Set(sensor.fields.map(({ topic }) => topic))].join(", ")}`), grid);
  return {
    element,
    show(store) {
      const on = store.live.faults[sensor.id] ?? [];
      setHidden(faults, on.length === 0);
      setText(faults, on.join(", "));
      for (const each of rows) each.show(store);
    },
  };
}

/** What is offered: of all that the page knows, or the newest part. */
const RANGES: [text: string, ms: number][] = [
  ["all that is kept", Infinity], ["10 minutes", 600_000], ["1 hour", 3_600_000], ["6 hours", 21_600_000], ["1 day", 86_400_000],
];

export function createSensors(board: BoardInfo, ask: Ask): Pane {
  const rangeId = newId();
  const select = h("select", { id: rangeId }, ...RANGES.map(([text, ms]) => h("option", { value: ms }, text)));
  let oldest = 0;
  const range = (): number => Math.min(Number(select.value), oldest);
  const sensors = board.sensors.map((sensor) => createSensor(sensor, ask, range));
  let last: Store | undefined;
  const show = (store: Store): void => {
    last = store;
    const firsts = [...store.series].filter(([name]) => /^(published|world)\//.test(name)).map(([, points]) => points[0]?.[0] ?? 0);
    oldest = Math.max(60_000, store.live.nowMs - Math.min(...firsts, store.live.nowMs));
    for (const sensor of sensors) sensor.show(store);
  };
  select.addEventListener("change", () => last && show(last));
  return {
    id: "sensors", title: "Sensors", show,
    element: h("div", {}, h("div.bar", {}, h("label", { for: rangeId }, "Time shown"), select,
      h("p.key", {}, h("span.key-published"), "published", h("span.key-world"), "world")),
    ...sensors.map(({ element }) => element)),
  };
}
