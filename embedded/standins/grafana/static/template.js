/** Variables in queries and titles: $name and ${name}, as Grafana replaces them. */
import { durationText } from "./time.js";

const REFERENCE = /\$(\w+)|\$\{(\w+)\}/g;
export const ALL = "$__all";

const escapeRegex = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
const escapeInString = (text) => text.replace(/\\/g, "\\\\").replace(/"/g, '\\"');

/** PromQL's form: escaped for a quoted regular expression where several may be chosen, else for a string. */
function promql(variable) {
  const values = chosen(variable);
  if (variable.values.includes(ALL) && variable.allValue) return values[0];
  if (!variable.multi && !variable.includeAll) return escapeInString(values.join(","));
  const escaped = values.map((value) => escapeInString(escapeRegex(value)));
  return escaped.length === 1 ? escaped[0] : `(${escaped.join("|")})`;
}

/** The values that a variable stands for: all of them for "All". */
function chosen(variable) {
  if (!variable.values.includes(ALL)) return variable.values;
  return variable.allValue ? [variable.allValue] : variable.options;
}

/** `text` with every known variable replaced; an unknown one stays as it is. */
export function interpolate(text, scope, forQuery = false) {
  return text.replace(REFERENCE, (whole, plain, braced) => {
    const variable = scope[plain ?? braced];
    if (variable === undefined) return whole;
    if (typeof variable !== "object") return String(variable);
    if (forQuery) return promql(variable);
    return variable.values.includes(ALL) ? "All" : variable.values.join(" + ");
  });
}

/** $__rate_interval; milliseconds in, `scrape` is the data source's scrape interval. */
export function builtIns(step, scrape) {
  return { __rate_interval: durationText(Math.max(step + scrape, 4 * scrape)) };
}

const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 21600, 43200, 86400];

/** Milliseconds between two points: a round number, at least `smallest`, at most `points` of them. */
export function stepFor(range, points, smallest) {
  const rough = (range.to - range.from) / Math.max(points, 1) / 1000;
  const round = STEPS.find((step) => step >= rough) ?? Math.ceil(rough / 86400) * 86400;
  return Math.max(round * 1000, smallest);
}
