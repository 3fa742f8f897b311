/** Query results as named series, each with the panel's field settings. */

export const REDUCERS = {
  lastNotNull: { name: "Last", of: (values) => values.at(-1) },
  mean: { name: "Mean", of: (values) => values.reduce((sum, value) => sum + value, 0) / values.length },
  max: { name: "Max", of: (values) => Math.max(...values) },
};

/** One number of a series; null if there is none. */
export function reduce({ y }, how = "lastNotNull") {
  const values = y.filter((value) => value !== null);
  return values.length && REDUCERS[how] ? REDUCERS[how].of(values) : null;
}

/** [{name, field, x, y}]: x in milliseconds, y with null where the line breaks. */
export function seriesOf(panel, answers) {
  const field = panel.fieldConfig?.defaults ?? {};
  return answers.flatMap(({ target, step, result }) =>
    result.map(({ metric, values }) => ({ name: named(target, metric), field, ...points(values, step) })));
}

function named({ legendFormat = "", refId }, metric) {
  return legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => metric[label] ?? "") || refId || "Value";
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

/** "+Inf", "-Inf" and "NaN" are no numbers to draw. */
function number(text) {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
