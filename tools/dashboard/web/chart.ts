/**
 * A line over simulated time, drawn as SVG: what was published as points on a line, what the world has as a dashed one.
 * A pointer or the arrow keys show the value at a moment. Colours come from the style sheet.
 */
import type { Point } from "../protocol.ts";
import { setText, svg, h } from "./dom.ts";
import { brief, clock, rounded, withUnit } from "./format.ts";

export interface Line { name: string; kind: "published" | "world"; points: readonly Point[] }

export interface Chart {
  element: HTMLElement;
  /** `fromMs` to `toMs` are shown. */
  draw(lines: readonly Line[], fromMs: number, toMs: number): void;
}

export interface ChartOptions {
  title: string;
  unit: string;
  height?: number;
  /** Of the value axis, whatever the points are. */
  least?: number;
  /** Without axes and cursor. */
  isSmall?: boolean;
}

const LEFT = 46;
const BOTTOM = 20;
const TOP = 8;
const RIGHT = 10;

/** Round numbers, about `wanted` of them, that lie in the range. */
export function ticks(from: number, to: number, wanted: number, steps: readonly number[] = [1, 2, 5]): number[] {
  const rough = (to - from) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [...steps.map((each) => each * power), 10 * power].find((each) => each >= rough)!;
  const list: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to + step / 1e6; at += step) list.push(Number(at.toPrecision(12)));
  return list;
}

/** Steps of a time axis, ms. */
const TIME_STEPS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 43_200, 86_400, 172_800]
  .map((seconds) => seconds * 1000);

function timeTicks(from: number, to: number, wanted: number): number[] {
  const step = TIME_STEPS.find((each) => (to - from) / each <= wanted) ?? 604_800_000;
  const list: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) list.push(at);
  return list;
}

/** The points in sight, and the last one before, where the line comes from. */
function inSight(points: readonly Point[], fromMs: number): Point[] {
  const first = points.findIndex(([ms]) => ms >= fromMs);
  return first < 0 ? points.slice(-1) : points.slice(Math.max(0, first - 1));
}

function rangeOf(lines: readonly Line[], least: number | undefined): [number, number] {
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value));
  const low = Math.min(...values, least ?? Infinity);
  const high = Math.max(...values);
  const room = high > low ? (high - low) * 0.08 : Math.max(Math.abs(high) * 0.01, 0.5);
  return [least === undefined ? low - room : low, high + room];
}

interface Frame { x: (ms: number) => number; y: (value: number) => number; from: number; to: number }

function nearest(points: readonly Point[], ms: number): Point | undefined {
  let best: Point | undefined;
  for (const point of points) if (best === undefined || Math.abs(point[0] - ms) < Math.abs(best[0] - ms)) best = point;
  return best;
}

export function createChart({ title, unit, height = 150, least, isSmall = false }: ChartOptions): Chart {
  const picture = svg("svg", { class: isSmall ? "chart small" : "chart", height, role: "img", tabindex: isSmall ? -1 : 0 });
  const readout = h("p.readout", { "aria-live": "off" });
  const element = h("figure", {}, picture as unknown as HTMLElement, ...(isSmall ? [] : [readout]));
  const [left, right, top, bottom] = isSmall ? [1, 3, 3, 3] : [LEFT, RIGHT, TOP, BOTTOM];
  let drawn: { lines: readonly Line[]; fromMs: number; toMs: number } | undefined;
  let frame: Frame | undefined;
  let cursorMs: number | undefined;
  let width = 0;

  const axes = (low: number, high: number, { x, y, from, to }: Frame): void => {
    const values = ticks(low, high, height / 36);
    const range = high - low;
    for (const value of values) {
      picture.append(svg("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }));
      const label = svg("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" });
      label.textContent = brief(value, range / 2);
      picture.append(label);
    }
    for (const ms of timeTicks(from, to, Math.max(2, width / 110))) {
      picture.append(svg("line", { class: "grid", x1: x(ms), x2: x(ms), y1: top, y2: height - bottom }));
      const label = svg("text", { x: x(ms), y: height - 4, "text-anchor": x(ms) > width - 34 ? "end" : "middle" });
      label.textContent = clock(ms);
      picture.append(label);
    }
  };
  const draw = (): void => {
    if (drawn === undefined || width === 0) return;
    const { fromMs, toMs } = drawn;
    const lines = drawn.lines.map((line) => ({ ...line, points: inSight(line.points, fromMs) }));
    picture.replaceChildren();
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const isEmpty = lines.every(({ points }) => points.length === 0);
    if (isEmpty) {
      const text = svg("text", { x: width / 2, y: height / 2, "text-anchor": "middle" });
      text.textContent = isSmall ? "" : "nothing yet";
      picture.append(text);
      picture.setAttribute("aria-label", `${title}: nothing yet`);
      return;
    }
    const [low, high] = rangeOf(lines, least);
    const from = Math.min(fromMs, toMs - 1);
    frame = {
      from, to: toMs,
      x: (ms) => left + (Math.max(ms, from) - from) / (toMs - from) * (width - left - right),
      y: (value) => top + (high - value) / (high - low) * (height - top - bottom),
    };
    const { x, y } = frame;
    if (!isSmall) axes(low, high, frame);
    for (const { kind, points } of lines) {
      const path = points.map(([ms, value]) => `${x(ms).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
      picture.append(svg("polyline", { class: kind, points: path }));
      const areFew = points.length < (width - left) / 8;
      const dots = kind === "published" && areFew && !isSmall ? points : kind === "published" ? points.slice(-1) : [];
      for (const [ms, value] of dots) picture.append(svg("circle", { class: kind, cx: x(ms), cy: y(value), r: 3 }));
    }
    const texts = lines.filter(({ points }) => points.length > 0)
      .map(({ name, points }) => `${name} ${withUnit(rounded(points.at(-1)![1], high - low), unit)}`);
    const range = high - low;
    picture.setAttribute("aria-label", `${title}: ${texts.join(", ")}; from ${rounded(low, range)} to ${rounded(high, range)}`);
    showCursor();
  };
  const showCursor = (): void => {
    picture.querySelector(".cursor")?.remove();
    if (drawn === undefined || frame === undefined || isSmall) return;
    const ms = cursorMs ?? drawn.toMs;
    const found = drawn.lines.flatMap(({ name, points }) => {
      const point = nearest(points, ms);
      return point === undefined ? [] : [{ name, point }];
    });
    const range = Math.abs(found[0]?.point[1] ?? 1) / 10;
    const parts = found.map(({ name, point }) => `${name} ${withUnit(rounded(point[1], range), unit)}`);
    setText(readout, cursorMs === undefined ? "" : `${clock(found[0]?.point[0] ?? ms)}: ${parts.join(", ")}`);
    if (cursorMs === undefined || found.length === 0) return;
    const at = frame.x(found[0]!.point[0]);
    picture.append(svg("line", { class: "cursor", x1: at, x2: at, y1: top, y2: height - bottom }));
  };
  const moveTo = (ms: number | undefined): void => {
    cursorMs = ms;
    showCursor();
  };
  const step = (by: number): void => {
    const points = drawn?.lines.find(({ kind, points: all }) => kind === "published" && all.length > 0)?.points
      ?? drawn?.lines[0]?.points ?? [];
    if (points.length === 0) return;
    const at = cursorMs === undefined ? points.length - (by < 0 ? 0 : 1) : points.indexOf(nearest(points, cursorMs)!);
    moveTo(points[Math.min(points.length - 1, Math.max(0, at + by))]![0]);
  };
  if (!isSmall) {
    picture.addEventListener("pointermove", (event) => {
      if (frame === undefined) return;
      const across = (event.clientX - picture.getBoundingClientRect().left - left) / (width - left - right);
      moveTo(frame.from + across * (frame.to - frame.from));
    });
    picture.addEventListener("pointerleave", () => moveTo(undefined));
    picture.addEventListener("blur", () => moveTo(undefined));
    picture.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      event.preventDefault();
      readout.setAttribute("aria-live", "polite");
      step(event.key === "ArrowLeft" ? -1 : 1);
    });
  }
  new ResizeObserver(([entry]) => {
    width = Math.round(entry!.contentRect.width);
    draw();
  }).observe(picture);
  return {
    element,
    draw(lines, fromMs, toMs) {
      drawn = { lines, fromMs, toMs };
      draw();
    },
  };
}
