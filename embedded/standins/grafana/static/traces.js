/** Series as plotly.js draws them: https://plotly.com/javascript/reference/ */
import { faded } from "./theme.js";

/** Areas first, so that lines lie on them. `entries`: [{index, series, color}]; `meta` is the entry's index. */
export function tracesOf(entries) {
  return [...entries.flatMap(areasOf), ...entries.map(lineOf)];
}

/** The area below each unbroken stretch of a line: plotly.js would fill the gaps too. */
function areasOf({ index, series, color }) {
  const opacity = series.field.custom?.fillOpacity ?? 0;
  if (!opacity) return [];
  const style = { type: "scatter", mode: "none", hoverinfo: "skip", fill: "tozeroy", fillcolor: faded(color, opacity / 100) };
  const stretches = [[]];
  series.y.forEach((value, at) => {
    if (value !== null) stretches.at(-1).push(at);
    else if (stretches.at(-1).length) stretches.push([]);
  });
  return stretches.map((indices, number) => ({ ...style, uid: `area-${index}-${number}`, x: indices.map((at) => series.x[at]), y: indices.map((at) => series.y[at]) }));
}

/** A line; a single point is a dot. */
function lineOf({ index, series, color }) {
  const lonely = series.y.filter((value) => value !== null).length < 2;
  return {
    x: series.x, y: series.y, uid: `line-${index}`, meta: index, hoverinfo: "none", type: "scatter",
    mode: lonely ? "lines+markers" : "lines",
    line: { color, width: series.field.custom?.lineWidth ?? 1.5 },
    marker: { color, size: 5 },
  };
}
