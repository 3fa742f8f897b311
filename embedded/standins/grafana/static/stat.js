/** Panels that show single numbers: stat, gauge and bar gauge. */
import { h } from "./dom.js";
import { reduce } from "./series.js";
import { color, faded, token } from "./theme.js";
import { display, steps, thresholdColor } from "./thresholds.js";

/** One entry a series: {name, value, shown: {text, suffix}, color, series}. */
function entriesOf(panel, series) {
  const [how = "lastNotNull"] = panel.options?.reduceOptions?.calcs ?? [];
  return series.map((each) => {
    const value = reduce(each, how);
    const shown = display(value, each.field);
    return { name: each.name, value, shown, color: shown.color ?? chosenColor(each.field, value), series: each };
  });
}

function chosenColor(field, value) {
  if (field.color?.mode === "fixed") return color(field.color.fixedColor ?? "text");
  return value === null ? token("muted") : thresholdColor(value, field);
}

function text({ shown }) {
  return [shown.text, h("span", { class: "suffix" }, shown.suffix)];
}

export function stat(body, { panel, series }) {
  const options = panel.options ?? {};
  const entries = entriesOf(panel, series);
  const named = options.textMode === "value_and_name" || options.textMode === "name" || (entries.length > 1 && options.textMode !== "value");
  const graph = (options.graphMode ?? "area") === "area";
  const tiles = entries.map((entry) => {
    const background = (options.colorMode ?? "value").startsWith("background");
    const plain = options.colorMode === "none";
    const style = background ? { background: `linear-gradient(120deg, ${faded(entry.color, 0.85)}, ${entry.color})`, color: "#fff" } : {};
    return h("div", { class: `stat${background ? " filled" : ""}${graph ? " graph" : ""}`, style },
      named ? h("div", { class: "stat-name", title: entry.name }, entry.name) : null,
      options.textMode === "name" ? null : h("div", { class: "stat-value", style: background || plain ? {} : { color: entry.color } }, text(entry)),
      graph ? sparkline(entry.series, background ? "#ffffff" : entry.color) : null);
  });
  body.replaceChildren(h("div", { class: `stats ${options.orientation ?? "auto"}` }, tiles));
}

/** The series as a quiet line behind the number. */
function sparkline({ x, y }, stroke) {
  const points = x.map((at, index) => [at, y[index]]).filter(([, value]) => value !== null);
  if (points.length < 3) return null;
  const [left, right] = [points[0][0], points.at(-1)[0]];
  const values = points.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const place = ([at, value]) => `${(100 * (at - left)) / (right - left)},${30 - (high > low ? (28 * (value - low)) / (high - low) : 14)}`;
  const line = points.map(place).join(" L");
  return h("svg", { class: "sparkline", viewBox: "0 0 100 32", preserveAspectRatio: "none" },
    h("path", { d: `M0,32 L${line} L100,32 Z`, fill: faded(stroke, 0.15) }),
    h("path", { d: `M${line}`, fill: "none", stroke: faded(stroke, 0.7), "stroke-width": 1.5, "vector-effect": "non-scaling-stroke" }));
}

/** Lowest and highest value of a gauge's scale. */
function scaleOf({ series }, entries) {
  const { min = 0, max, unit } = series.field;
  if (max !== undefined && max !== null) return { min, max };
  if (unit === "percentunit" || unit === "percent") return { min, max: unit === "percent" ? 100 : 1 };
  const limits = steps(series.field).map(({ from }) => from).filter(Number.isFinite);
  const largest = Math.max(...entries.map(({ value }) => value ?? 0), ...limits) * 1.1;
  return { min, max: largest > min ? largest : min + 1 };
}

function share(value, { min, max }) {
  return Math.min(Math.max((value - min) / (max - min), 0), 1);
}

export function gauge(body, { panel, series }) {
  const entries = entriesOf(panel, series);
  body.replaceChildren(h("div", { class: "gauges" }, entries.map((entry) => dial(entry, scaleOf(entry, entries), entries.length > 1))));
}

const SWEEP = 240;

function dial(entry, scale, named) {
  const marks = steps({ ...entry.series.field, ...scale });
  const bands = marks.map(({ from, color: stroke }, index) =>
    arc(46, share(Math.max(from, scale.min), scale), share(marks[index + 1]?.from ?? scale.max, scale), stroke, 2.5));
  return h("figure", { class: "gauge" },
    h("svg", { viewBox: "0 0 100 84" },
      bands, arc(39, 0, 1, token("grid"), 9),
      entry.value === null ? [] : arc(39, 0, share(entry.value, scale), entry.color, 9),
      h("text", { x: 50, y: 56, "text-anchor": "middle", class: "gauge-value", fill: entry.color }, entry.shown.text + entry.shown.suffix)),
    named ? h("figcaption", { title: entry.name }, entry.name) : null);
}

function arc(radius, from, to, stroke, width) {
  const at = (part) => {
    const angle = ((-90 - SWEEP / 2 + SWEEP * part) * Math.PI) / 180;
    return `${50 + radius * Math.cos(angle)} ${50 + radius * Math.sin(angle)}`;
  };
  const large = (to - from) * SWEEP > 180 ? 1 : 0;
  return h("path", { d: `M${at(from)} A${radius} ${radius} 0 ${large} 1 ${at(to)}`, fill: "none", stroke, "stroke-width": width });
}

export function bargauge(body, { panel, series }) {
  const entries = entriesOf(panel, series);
  const rows = entries.map((entry) => {
    const width = entry.value === null ? 0 : 100 * share(entry.value, scaleOf(entry, entries));
    return h("div", { class: "bar-row" },
      h("div", { class: "bar-name", title: entry.name }, entry.name),
      h("div", { class: "bar-track" }, h("div", { class: "fill", style: { width: `${width}%`, background: `linear-gradient(90deg, ${faded(entry.color, 0.45)}, ${entry.color})` } })),
      h("div", { class: "bar-value", style: { color: entry.color } }, text(entry)));
  });
  body.replaceChildren(h("div", { class: "bars" }, rows));
}
