/** The table panel: instant queries side by side, joined on their labels. */
import { h } from "./dom.js";
import { reduce } from "./series.js";
import { faded } from "./theme.js";
import { display, thresholdColor } from "./thresholds.js";
import { clock } from "./time.js";

const TRANSFORMATIONS = new Set(["merge", "organize", "labelsToFields", "timeSeriesTable", "reduce", "sortBy", "filterFieldsByName"]);

export function table(body, { panel, series, utc }) {
  const transformations = (panel.transformations ?? []).filter(({ disabled }) => !disabled);
  const unknown = transformations.find(({ id }) => !TRANSFORMATIONS.has(id));
  if (unknown) throw new Error(`transformation ${unknown.id}: the viewer does not know it`);
  let { columns, rows } = joined(series);
  for (const { id, options } of transformations) ({ columns, rows } = apply(id, options ?? {}, columns, rows));
  rows = sorted(rows, panel.options?.sortBy ?? []);
  body.replaceChildren(h("div", { class: "table" }, h("table", {},
    h("thead", {}, h("tr", {}, columns.map((column) => h("th", { class: column.field ? "number" : "" }, column.title)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, columns.map((column) => cell(row[column.key], column, utc))))))));
}

/** One row for each set of labels; one value column for each query. */
function joined(series) {
  const queries = [...new Set(series.map(({ refId }) => refId))];
  const labels = [...new Set(series.flatMap((each) => Object.keys(each.labels)))].filter((label) => label !== "__name__");
  const rows = new Map();
  for (const each of series) {
    const key = labels.map((label) => each.labels[label] ?? "").join("\0");
    const row = rows.get(key) ?? { Time: each.x.at(-1), ...Object.fromEntries(labels.map((label) => [label, each.labels[label] ?? ""])) };
    row[`#${each.refId}`] = reduce(each);
    rows.set(key, row);
  }
  const value = (refId) => {
    const name = queries.length > 1 ? `Value #${refId}` : "Value";
    return { key: `#${refId}`, name, title: name, field: series.find((each) => each.refId === refId).field };
  };
  const columns = [{ key: "Time", name: "Time", title: "Time", time: true }, ...labels.map((name) => ({ key: name, name, title: name })), ...queries.map(value)];
  return { columns, rows: [...rows.values()] };
}

function apply(id, options, columns, rows) {
  if (id === "organize") return { columns: organized(columns, options), rows };
  if (id === "filterFieldsByName") {
    const names = options.include?.names;
    const pattern = options.include?.pattern ? new RegExp(options.include.pattern) : null;
    return { columns: columns.filter(({ name }) => (names ? names.includes(name) : pattern ? pattern.test(name) : true)), rows };
  }
  if (id === "sortBy") return { columns, rows: sorted(rows, (options.sort ?? []).map(({ field, desc }) => ({ displayName: keyOf(columns, field), desc }))) };
  return { columns, rows };
}

function keyOf(columns, name) {
  return columns.find((column) => column.title === name || column.name === name)?.key ?? name;
}

function organized(columns, { excludeByName = {}, renameByName = {}, indexByName = {} }) {
  const order = (name) => indexByName[name] ?? 1000;
  return columns
    .filter(({ name }) => !excludeByName[name])
    .toSorted((one, other) => order(one.name) - order(other.name))
    .map((column) => ({ ...column, title: renameByName[column.name] || column.title }));
}

function sorted(rows, [by]) {
  if (!by) return rows;
  const key = by.displayName;
  const order = (one, other) => (typeof one === "number" && typeof other === "number" ? one - other : String(one ?? "").localeCompare(String(other ?? "")));
  return rows.toSorted((one, other) => order(one[key], other[key]) * (by.desc ? -1 : 1));
}

function cell(value, column, utc) {
  if (column.time) return h("td", {}, clock(value, utc, "long"));
  if (!column.field) return h("td", {}, value ?? "");
  const { text, suffix, color } = display(value ?? null, column.field);
  const kind = column.field.custom?.cellOptions?.type;
  const paint = color ?? (value === null || value === undefined ? undefined : thresholdColor(value, column.field));
  const style = kind === "color-background" ? { background: faded(paint ?? "#888888", 0.35) } : kind === "color-text" ? { color: paint } : {};
  return h("td", { class: "number", style }, text + suffix);
}
