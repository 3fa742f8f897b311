/** Series as plotly.js draws them: https://plotly.com/javascript/reference/ */
import { faded } from "./theme.js";
import { steps } from "./thresholds.js";

/** Areas first, so that lines lie on them. `entries`: [{index, series, color}]; `meta` is the entry's index. */
export function tracesOf(entries) {
  const split = entries.some(isRight) && !entries.every(isRight);
  const areas = entries.flatMap((entry) => (filled(entry) ? areasOf(entry, axisOf(entry, split)) : []));
  return [...areas, ...entries.map((entry) => trace(entry, axisOf(entry, split)))];
}

export function isRight({ series }) {
  return series.field.custom?.axisPlacement === "right";
}

export function stacked(entry) {
  return (entry?.series.field.custom?.stacking?.mode ?? "none") !== "none";
}

const SHAPES = { linear: "linear", smooth: "spline", stepBefore: "vh", stepAfter: "hv" };
const DASHES = { dash: "dash", dot: "dot", solid: "solid" };

function axisOf(entry, split) {
  return split && isRight(entry) ? "y2" : "y";
}

function filled({ series }) {
  const { fillOpacity = 0, drawStyle = "line" } = series.field.custom ?? {};
  return fillOpacity > 0 && drawStyle === "line" && !stacked({ series });
}

/** The area below each unbroken stretch of a line: plotly.js would fill the gaps too. */
function areasOf({ index, series, color }, yaxis) {
  const { fillOpacity, lineInterpolation, spanNulls } = series.field.custom;
  const style = { type: "scatter", mode: "none", hoverinfo: "skip", yaxis, fill: "tozeroy", fillcolor: faded(color, fillOpacity / 100), line: { shape: SHAPES[lineInterpolation] ?? "linear" } };
  const stretches = [[]];
  series.y.forEach((value, at) => {
    if (value !== null) stretches.at(-1).push(at);
    else if (spanNulls !== true && stretches.at(-1).length) stretches.push([]);
  });
  return stretches.map((indices, number) => ({ ...style, uid: `area-${index}-${number}`, x: indices.map((at) => series.x[at]), y: indices.map((at) => series.y[at]) }));
}

function trace(entry, yaxis) {
  const { series, color } = entry;
  const custom = series.field.custom ?? {};
  const lonely = series.y.filter((value) => value !== null).length < 2;
  const shared = { x: series.x, y: series.y, uid: `line-${entry.index}`, meta: entry.index, hoverinfo: "none", yaxis };
  if (custom.drawStyle === "bars") return { ...shared, type: "bar", marker: { color: faded(color, 0.75), line: { width: 0 } } };
  const pointsOnly = custom.drawStyle === "points";
  return {
    ...shared,
    type: "scatter",
    mode: pointsOnly ? "markers" : custom.showPoints === "always" || lonely ? "lines+markers" : "lines",
    line: { color, width: custom.lineWidth ?? 1.5, shape: SHAPES[custom.lineInterpolation] ?? "linear", dash: DASHES[custom.lineStyle?.fill] ?? "solid" },
    marker: { color, size: custom.pointSize ?? 5 },
    connectgaps: custom.spanNulls === true,
    ...(stacked(entry) ? stack(custom, color) : {}),
  };
}

function stack({ stacking, fillOpacity = 0 }, color) {
  return {
    stackgroup: stacking.group ?? "A",
    groupnorm: stacking.mode === "percent" ? "fraction" : "",
    fillcolor: faded(color, fillOpacity / 100),
  };
}

/** The thresholds as lines or coloured bands. */
export function thresholdShapes(defaults, shown) {
  const mode = defaults.custom?.thresholdsStyle?.mode ?? "off";
  if (mode === "off" || !shown.length) return [];
  const across = { xref: "paper", x0: 0, x1: 1, layer: "below" };
  return steps(defaults).flatMap(({ from, color }, index, all) => {
    if (!Number.isFinite(from)) return [];
    const line = { ...across, type: "line", layer: "above", y0: from, y1: from, line: { color, width: 1.2, dash: mode.startsWith("dashed") ? "dash" : "solid" } };
    const area = { ...across, type: "rect", y0: from, y1: all[index + 1]?.from ?? 1e18, fillcolor: faded(color, 0.08), line: { width: 0 } };
    return mode.includes("area") ? (mode.includes("line") ? [area, line] : [area]) : [line];
  });
}
