/** The time series panel, drawn by plotly.js. */
import { timeTicks, valueTicks } from "./axis.js";
import { h } from "./dom.js";
import { legend } from "./legend.js";
import { seriesColor, token } from "./theme.js";
import { thresholdShapes } from "./thresholds.js";
import { clock } from "./time.js";
import { tracesOf } from "./traces.js";
import { formatted } from "./units.js";

/** Draw into `body`. `zoom(range)` is called when the user has marked a stretch of time. */
export function timeseries(body, { panel, series, range, utc, zoom }) {
  const hidden = (body.hiddenSeries ??= new Set()); // survives a refresh
  const entries = series.map((each, index) => ({ index, name: each.name, series: each, color: seriesColor(index), visible: !hidden.has(each.name) }));
  if (!entries.some(({ visible }) => visible)) entries.forEach((entry) => (entry.visible = true));
  const chart = h("div", { class: "chart" });
  const tip = h("div", { class: "tip", hidden: true });
  const field = panel.fieldConfig?.defaults ?? {};
  const draw = () => plot(chart, entries, { field, range, utc });
  const calcs = panel.options?.legend?.calcs ?? [];
  const choose = (index, alone) => {
    toggle(entries, index, alone);
    hidden.clear();
    entries.filter(({ visible }) => !visible).forEach(({ name }) => hidden.add(name));
    body.querySelector(".legend").replaceWith(legend(entries, calcs, choose));
    draw();
  };
  body.querySelectorAll(".chart").forEach(globalThis.Plotly.purge);
  body.replaceChildren(chart, legend(entries, calcs, choose), tip);
  draw();
  listen(chart, tip, entries, { utc, zoom });
  watchSize(chart, draw);
}

function toggle(entries, index, alone) {
  const others = entries.filter((_, other) => other !== index);
  if (!alone) entries[index].visible = !entries[index].visible;
  else if (entries[index].visible && others.every(({ visible }) => !visible)) entries.forEach((entry) => (entry.visible = true));
  else entries.forEach((entry, other) => (entry.visible = other === index));
  if (entries.every(({ visible }) => !visible)) entries.forEach((entry) => (entry.visible = true));
}

function watchSize(chart, draw) {
  let width = chart.clientWidth;
  const observer = new ResizeObserver(() => {
    if (!chart.isConnected) return observer.disconnect();
    if (chart.clientWidth !== width && chart.clientWidth > 0) {
      width = chart.clientWidth;
      draw();
    }
  });
  observer.observe(chart);
}

function plot(chart, entries, { field, range, utc }) {
  const shown = entries.filter(({ visible }) => visible);
  const time = timeTicks(range, chart.clientWidth, utc);
  const layout = {
    autosize: true,
    margin: { l: 8, r: 12, t: 8, b: 22 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: token("font"), size: 11, color: token("muted") },
    showlegend: false,
    hovermode: "x",
    dragmode: "zoom",
    hoverdistance: -1,
    xaxis: {
      type: "linear", range: [range.from, range.to], tickvals: time.values, ticktext: time.texts, gridcolor: token("grid"),
      zeroline: false, showspikes: true, spikemode: "across", spikethickness: 1, spikecolor: token("muted"), spikedash: "dot", spikesnap: "hovered data",
    },
    yaxis: valueAxis(shown, field, chart.clientHeight - 30),
    shapes: thresholdShapes(field),
  };
  globalThis.Plotly.react(chart, tracesOf(shown), layout, { displayModeBar: false, responsive: false, doubleClick: false });
}

function valueAxis(entries, field, height) {
  const { values, texts, range } = valueTicks(...bounds(entries, field), height, field.unit ?? "short");
  return {
    type: "linear", range: padded(range), tickvals: values, ticktext: texts.map((text) => `${text} `),
    fixedrange: true, automargin: true, gridcolor: token("grid"), zerolinecolor: token("grid"),
  };
}

/** A line on the lowest or highest tick is not cut in half. */
function padded([low, high]) {
  const margin = (high - low) * 0.012;
  return [low - margin, high + margin];
}

/** From the field's minimum, or the lowest value, to the highest. */
function bounds(entries, field) {
  const values = entries.flatMap(({ series }) => series.y).filter((value) => value !== null);
  return values.length ? [field.min ?? Math.min(...values), Math.max(...values)] : [field.min ?? 0, 1];
}

function listen(chart, tip, entries, { utc, zoom }) {
  chart.on("plotly_relayout", (change) => {
    const [from, to] = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (from && to) zoom({ from: Math.round(from), to: Math.round(to) });
  });
  chart.on("plotly_hover", ({ points, event, xvals }) => show(tip, rowsOf(points, xvals[0], entries), event, utc));
  chart.on("plotly_unhover", () => (tip.hidden = true));
}

/** What lies at the time nearest to the pointer, largest first; a line that has a gap there has no row. */
function rowsOf(points, at, entries) {
  const distance = ({ x }) => Math.abs(x - at);
  const nearest = Math.min(...points.map(distance));
  return points
    .filter((point) => distance(point) <= nearest + 1)
    .map(({ x, data, pointNumber }) => ({ x, y: data.y[pointNumber], entry: entries[data.meta] }))
    .toSorted((one, other) => other.y - one.y);
}

function show(tip, rows, event, utc) {
  tip.replaceChildren(
    h("div", { class: "tip-time" }, clock(rows[0].x, utc, "long")),
    ...rows.slice(0, 20).map(({ entry, y }) =>
      h("div", { class: "tip-row" }, h("span", { class: "swatch", style: { background: entry.color } }), h("span", { class: "legend-name" }, entry.name),
        h("b", {}, formatted(y, entry.series.field.unit)))));
  tip.hidden = false;
  const [width, height] = [tip.offsetWidth, tip.offsetHeight];
  const left = event.clientX + 16 + width > innerWidth ? event.clientX - width - 16 : event.clientX + 16;
  tip.style.left = `${Math.max(left, 4)}px`;
  tip.style.top = `${Math.max(Math.min(event.clientY + 12, innerHeight - height - 8), 4)}px`;
}
