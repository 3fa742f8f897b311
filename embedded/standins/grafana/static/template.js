/** Variables in queries and titles: $name, ${name}, ${name:format}, [[name]], as Grafana replaces them. */
import { durationText } from "./time.js";

const REFERENCE = /\$(\w+)|\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)(?::(\w+))?\]\]/g;
export const ALL = "$__all";

const escapeRegex = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
const escapeInString = (text) => text.replace(/\\/g, "\\\\").replace(/"/g, '\\"');
const one = (values, whole) => (values.length === 1 ? values[0] : whole);

const FORMATS = {
  raw: (values) => values.join(","),
  csv: (values) => values.join(","),
  text: (values) => values.join(" + "),
  pipe: (values) => values.join("|"),
  glob: (values) => one(values, `{${values.join(",")}}`),
  doublequote: (values) => values.map((value) => `"${escapeInString(value)}"`).join(","),
  regex: (values) => alternatives(values.map(escapeRegex)),
};

function alternatives(values) {
  return one(values, `(${values.join("|")})`);
}

/** PromQL's default: escaped for a quoted regular expression where several may be chosen, else for a string. */
function promql(variable) {
  const values = chosen(variable);
  if (isWildcard(variable)) return values[0];
  if (!variable.multi && !variable.includeAll) return escapeInString(values.join(","));
  return alternatives(values.map((value) => escapeInString(escapeRegex(value))));
}

function isWildcard(variable) {
  return variable.values.includes(ALL) && Boolean(variable.allValue);
}

/** The values that a variable stands for: all of them for "All". */
export function chosen(variable) {
  if (!variable.values.includes(ALL)) return variable.values;
  return variable.allValue ? [variable.allValue] : variable.options;
}

/** `text` with every known variable replaced; an unknown one stays as it is. */
export function interpolate(text, scope, forQuery = false) {
  return text.replace(REFERENCE, (whole, plain, braced, format, bracketed, oldFormat) => {
    const variable = scope[plain ?? braced ?? bracketed];
    if (variable === undefined) return whole;
    if (typeof variable !== "object") return String(variable);
    const asked = format ?? oldFormat;
    if (asked && isWildcard(variable)) return variable.allValue;
    if (asked) return (FORMATS[asked] ?? FORMATS.raw)(chosen(variable));
    return forQuery ? promql(variable) : FORMATS.text(variable.values.includes(ALL) ? ["All"] : variable.values);
  });
}

/** $__interval and its kin; milliseconds in, `scrape` is the data source's scrape interval. */
export function builtIns(range, step, scrape) {
  const span = range.to - range.from;
  return {
    __interval: durationText(step),
    __interval_ms: step,
    __rate_interval: durationText(Math.max(step + scrape, 4 * scrape)),
    __range: `${Math.round(span / 1000)}s`,
    __range_s: Math.round(span / 1000),
    __range_ms: span,
    __from: range.from,
    __to: range.to,
  };
}

const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 21600, 43200, 86400];

/** Milliseconds between two points: a round number, at least `smallest`, at most `points` of them. */
export function stepFor(range, points, smallest) {
  const rough = (range.to - range.from) / Math.max(points, 1) / 1000;
  const round = STEPS.find((step) => step >= rough) ?? Math.ceil(rough / 86400) * 86400;
  return Math.max(round * 1000, smallest);
}
