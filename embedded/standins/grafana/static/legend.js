/** The legend below a chart: a click shows one series alone, with Ctrl or Shift it hides or shows one. */
import { h } from "./dom.js";
import { REDUCERS, reduce } from "./series.js";
import { formatted } from "./units.js";

/** `entries`: [{name, color, series, visible}]; `choose(index, alone)` is called on a click. */
export function legend(entries, calcs, choose) {
  const head = h("tr", {}, h("th", {}, "Name"), calcs.map((calc) => h("th", { class: "number" }, REDUCERS[calc]?.name ?? calc)));
  const rows = entries.map((entry, index) =>
    h("tr", { class: entry.visible ? "" : "off", onclick: click(index, choose) },
      h("td", { title: entry.name }, h("span", { class: "swatch", style: { background: entry.color } }), entry.name),
      calcs.map((calc) => h("td", { class: "number" }, formatted(reduce(entry.series, calc), entry.series.field.unit)))));
  return h("div", { class: "legend" }, h("table", {}, h("thead", {}, head), h("tbody", {}, rows)));
}

function click(index, choose) {
  return (event) => choose(index, !(event.ctrlKey || event.metaKey || event.shiftKey));
}
