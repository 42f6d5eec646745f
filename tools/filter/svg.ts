/** A plot as SVG: a panel a field, with what was read, what became of it and what was published. */
import type { Replayed } from "./replay.ts";
import { timeText } from "./plot.ts";

const WIDTH = 960;
const PANEL = 240;
const LEFT = 70;
const RIGHT = 20;
const TOP = 34;
const BOTTOM = 26;

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #333 }
  .title { font-weight: 600; font-size: 13px }
  .grid { stroke: #ddd; stroke-width: 1 }
  .read { fill: none; stroke: #9aa4ad; stroke-width: 1 }
  .shaped { fill: none; stroke: #2f6fb0; stroke-width: 1 }
  .known { fill: none; stroke: #d9480f; stroke-width: 1.5 }
  .message { fill: #d9480f }
  .failed { fill: #fde2e2 }
  svg { background: #fff }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .grid { stroke: #444 } .failed { fill: #4a2020 } .shaped { stroke: #74b0ea } svg { background: #1b1b1b }
  }
`;

const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const round = (value: number): string => String(Math.round(value * 100) / 100);

/** The whole picture. */
export function svgOf(replayed: readonly Replayed[], title: string): string {
  const panels = replayed.flatMap((each) => each.fields.map((_, f) => f).filter((f) => each.present[f])
    .map((f) => ({ each, f })));
  const height = TOP + panels.length * PANEL;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escape(title)}</title>
<style>${STYLE}</style>
${legend()}
${panels.map(({ each, f }, i) => panel(each, f, TOP + i * PANEL)).join("\n")}
</svg>
`;
}

function legend(): string {
  const items = [["read", "read"], ["shaped", "smoothed"], ["known", "published"]];
  return items.map(([style, text], i) => `<line class="${style}" x1="${LEFT + i * 110}" x2="${LEFT + 24 + i * 110}" y1="16" y2="16"/>`
    + `<text x="${LEFT + 30 + i * 110}" y="20">${text}</text>`).join("\n")
    + `\n<rect class="failed" x="${LEFT + 330}" y="8" width="24" height="14"/><text x="${LEFT + 360}" y="20">read failed</text>`;
}

/** Ticks at round numbers, about `count` of them. */
export function ticks(low: number, high: number, count: number): number[] {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= raw * 0.999)!;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Times at which a tick is worth having: whole seconds, minutes, hours or days. */
function timeTicks(spanMs: number): number[] {
  const steps = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];
  const step = 1000 * (steps.find((each) => spanMs / each / 1000 <= 9) ?? Math.ceil(spanMs / 9000 / 86_400) * 86_400);
  return Array.from({ length: Math.floor(spanMs / step) + 1 }, (_, i) => i * step);
}

function panel({ sensor, fields, readings }: Replayed, f: number, y: number): string {
  const field = fields[f]!;
  const values = readings.flatMap(({ read, shaped, published }) =>
    [read[f], shaped[f], published[f]].filter((value) => value !== undefined));
  const start = readings[0]?.ms ?? 0;
  const span = Math.max(1, (readings.at(-1)?.ms ?? 0) - start);
  let [low, high] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
  if (low === high) [low, high] = [low - 1, high + 1];
  const x = (ms: number): number => LEFT + (ms - start) / span * (WIDTH - LEFT - RIGHT);
  const top = y + 24;
  const bottom = y + PANEL - BOTTOM;
  const at = (value: number): number => bottom - (value - low) / (high - low) * (bottom - top);
  const lines = [`<text class="title" x="${LEFT}" y="${y + 14}">${escape(`${sensor.id}.${field.name}${field.unit ? `, ${field.unit}` : ""}`)}</text>`];
  for (const value of ticks(low, high, 5)) {
    lines.push(`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(at(value))}" y2="${round(at(value))}"/>`,
      `<text x="${LEFT - 8}" y="${round(at(value) + 4)}" text-anchor="end">${value}</text>`);
  }
  for (const ms of timeTicks(span)) {
    lines.push(`<text x="${round(x(start + ms))}" y="${bottom + 18}" text-anchor="middle">${timeText(ms)}</text>`);
  }
  readings.forEach(({ ms, read }, i) => {
    const end = readings[i + 1]?.ms ?? ms;
    if (read[f] === undefined) {
      lines.push(`<rect class="failed" x="${round(x(ms))}" y="${top}" width="${round(Math.max(1, x(end) - x(ms)))}" height="${bottom - top}"/>`);
    }
  });
  const paths = { read: "", shaped: "", known: "" };
  const dots: string[] = [];
  let pen = "M";
  let known: number | undefined;
  for (const { ms, read, shaped, published } of readings) {
    const [r, s, p] = [read[f], shaped[f], published[f]];
    if (r !== undefined) paths.read += `${pen}${round(x(ms))} ${round(at(r))}`;
    if (s !== undefined) paths.shaped += `${pen}${round(x(ms))} ${round(at(s))}`;
    // A line goes on behind a read that failed only from the next one.
    pen = r === undefined ? "M" : "L";
    if (p !== undefined) {
      paths.known += known === undefined ? `M${round(x(ms))} ${round(at(p))}` : `H${round(x(ms))}V${round(at(p))}`;
      dots.push(`<circle class="message" cx="${round(x(ms))}" cy="${round(at(p))}" r="2"/>`);
      known = p;
    }
  }
  if (known !== undefined) paths.known += `H${round(x(start + span))}`;
  for (const [style, path] of Object.entries(paths)) if (path !== "") lines.push(`<path class="${style}" d="${path}"/>`);
  return [...lines, ...dots].join("\n");
}
