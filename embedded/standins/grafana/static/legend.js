/** The legend below or beside a chart: a click shows one series alone, with Ctrl or Shift it hides or shows one. */
import { h } from "./dom.js";
import { REDUCER_NAMES, reduce } from "./series.js";
import { formatted } from "./units.js";

/** `entries`: [{name, color, series, visible}]; `choose(index, alone)` is called on a click. */
export function legend(entries, options = {}, choose) {
  if (options.showLegend === false || options.displayMode === "hidden") return null;
  const calcs = options.calcs ?? [];
  const place = options.placement === "right" ? "right" : "bottom";
  return options.displayMode === "table" ? table(entries, calcs, place, choose) : list(entries, calcs, place, choose);
}

function list(entries, calcs, place, choose) {
  const items = entries.map((entry, index) =>
    h("button", { class: `legend-item${entry.visible ? "" : " off"}`, title: entry.name, onclick: click(index, choose) },
      swatch(entry), h("span", { class: "legend-name" }, entry.name),
      calcs.map((calc) => h("span", { class: "legend-calc" }, `${REDUCER_NAMES[calc] ?? calc}: ${value(entry, calc)}`))));
  return h("div", { class: `legend list ${place}` }, items);
}

function table(entries, calcs, place, choose) {
  const head = h("tr", {}, h("th", {}, "Name"), calcs.map((calc) => h("th", { class: "number" }, REDUCER_NAMES[calc] ?? calc)));
  const rows = entries.map((entry, index) =>
    h("tr", { class: entry.visible ? "" : "off", onclick: click(index, choose) },
      h("td", { title: entry.name }, swatch(entry), entry.name),
      calcs.map((calc) => h("td", { class: "number" }, value(entry, calc)))));
  return h("div", { class: `legend ${place}` }, h("table", {}, h("thead", {}, head), h("tbody", {}, rows)));
}

function swatch({ color }) {
  return h("span", { class: "swatch", style: { background: color } });
}

function value({ series }, calc) {
  return formatted(reduce(series, calc), series.field.unit, series.field.decimals);
}

function click(index, choose) {
  return (event) => choose(index, !(event.ctrlKey || event.metaKey || event.shiftKey));
}
