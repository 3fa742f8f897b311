/** Query results as named series, each with the field settings that apply to it. */

const REDUCERS = {
  lastNotNull: (values) => values.at(-1),
  last: (values) => values.at(-1),
  firstNotNull: (values) => values[0],
  first: (values) => values[0],
  mean: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  total: (values) => values.reduce((sum, value) => sum + value, 0),
  range: (values) => Math.max(...values) - Math.min(...values),
  diff: (values) => values.at(-1) - values[0],
  count: (values) => values.length,
  median: (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)],
};
export const REDUCER_NAMES = { lastNotNull: "Last", last: "Last", firstNotNull: "First", first: "First", mean: "Mean", min: "Min", max: "Max", sum: "Total", total: "Total", range: "Range", diff: "Difference", count: "Count", median: "Median" };

/** One number of a series; null if there is none. */
export function reduce(series, how = "lastNotNull") {
  const values = series.y.filter((value) => value !== null);
  return values.length ? (REDUCERS[how] ?? REDUCERS.lastNotNull)(values) : null;
}

/** [{name, labels, refId, field, x, y}]: x in milliseconds, y with null where the line breaks. */
export function seriesOf(panel, answers) {
  const found = answers.flatMap(({ target, step, result }) => {
    const auto = autoNames(result.map(({ metric }) => metric), target);
    return result.map(({ metric, values }, index) => ({
      name: legend(target.legendFormat, metric) ?? auto[index],
      labels: metric,
      refId: target.refId,
      ...points(values, step),
    }));
  });
  return found.map((series) => withField(series, panel.fieldConfig)).filter((series) => !series.field.custom?.hideFrom?.viz);
}

function legend(format, metric) {
  if (!format || format === "__auto") return null;
  return format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => metric[label] ?? "") || null;
}

/** Only the labels that tell the series of a query apart. */
function autoNames(metrics, target) {
  const labels = [...new Set(metrics.flatMap(Object.keys))].filter((label) => label !== "__name__");
  const telling = labels.filter((label) => new Set(metrics.map((metric) => metric[label])).size > 1);
  return metrics.map((metric) => telling.map((label) => metric[label]).filter(Boolean).join(" ") || metric.__name__ || target.refId || "Value");
}

function points(values, step) {
  const [x, y] = [[], []];
  for (const [seconds, text] of values) {
    const at = seconds * 1000;
    if (step && x.length && at - x.at(-1) > step * 1.5) {
      x.push(x.at(-1) + step);
      y.push(null);
    }
    x.push(at);
    y.push(number(text));
  }
  return { x, y };
}

function number(text) {
  const value = text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text);
  return Number.isFinite(value) ? value : null;
}

function withField(series, fieldConfig = {}) {
  const field = structuredClone(fieldConfig.defaults ?? {});
  for (const { matcher, properties } of fieldConfig.overrides ?? []) {
    if (!matches(matcher, series)) continue;
    for (const { id, value } of properties) set(field, id.split("."), value);
  }
  return { ...series, field, name: field.displayName ? legend(field.displayName.replace(/\$\{__field\.labels\.(\w+)\}/g, "{{$1}}"), series.labels) : series.name };
}

function matches({ id, options }, series) {
  if (id === "byName") return series.name === options;
  if (id === "byFrameRefID") return series.refId === options;
  if (id !== "byRegexp") return false;
  const pattern = /^\/(.*)\/([a-z]*)$/s.exec(options);
  return new RegExp(pattern ? pattern[1] : options, pattern ? pattern[2] : "").test(series.name);
}

function set(target, [first, ...rest], value) {
  if (!rest.length) target[first] = value;
  else set((target[first] ??= {}), rest, value);
}
