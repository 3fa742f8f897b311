/** The stat panel: the latest value of each series, coloured by its thresholds, before its course. */
import { h } from "./dom.js";
import { reduce } from "./series.js";
import { faded, token } from "./theme.js";
import { thresholdColor } from "./thresholds.js";
import { format } from "./units.js";

export function stat(body, { series }) {
  body.replaceChildren(h("div", { class: "stats" }, series.map((each) => tile(each, series.length > 1))));
}

function tile({ name, field, x, y }, named) {
  const value = reduce({ y });
  const color = value === null ? token("muted") : thresholdColor(value, field);
  const { text, suffix } = format(value, field.unit);
  return h("div", { class: "stat graph" },
    named ? h("div", { class: "stat-name", title: name }, name) : null,
    h("div", { class: "stat-value", style: { color } }, text, h("span", { class: "suffix" }, suffix)),
    sparkline({ x, y }, color));
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
