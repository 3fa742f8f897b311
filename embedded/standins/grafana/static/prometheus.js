/** Asks Prometheus through the server: nothing else in the pages uses the network for data. */
import { builtIns, interpolate, stepFor } from "./template.js";
import { duration } from "./time.js";

/** JSON of a call; throws Error with Prometheus' own message. */
export async function call(path, parameters = {}, signal = undefined) {
  const query = new URLSearchParams(parameters).toString();
  const answer = await fetch(query ? `${path}?${query}` : path, { signal });
  if (answer.status === 401) location.assign(`/login?redirectTo=${encodeURIComponent(location.pathname + location.search)}`);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error ?? body.message ?? `${answer.status} ${answer.statusText}`);
  return body;
}

export class Prometheus {
  constructor(source) {
    this.uid = source.uid;
    this.scrape = duration(source.jsonData?.timeInterval) || 15e3;
  }

  async api(path, parameters, signal) {
    const body = await call(`/api/datasources/proxy/uid/${encodeURIComponent(this.uid)}/api/v1/${path}`, parameters, signal);
    return body.data;
  }

  /** A panel's targets → [{target, type, result}], in their order. `points` is the panel's width. */
  async targets(panel, { range, scope, points, signal }) {
    const shown = (panel.targets ?? []).filter((target) => !target.hide && target.expr);
    return Promise.all(shown.map((target) => this.target(target, panel, { range, scope, points, signal })));
  }

  async target(target, panel, { range, scope, points, signal }) {
    const scrape = duration(interpolate(target.interval ?? panel.interval ?? "", scope)) || this.scrape;
    const step = stepFor(range, panel.maxDataPoints ?? points, scrape) * (target.intervalFactor ?? 1);
    const query = interpolate(target.expr, { ...scope, ...builtIns(range, step, scrape) }, true);
    const data = target.instant && !target.range
      ? await this.api("query", { query, time: range.to / 1000 }, signal)
      : await this.api("query_range", { query, ...aligned(range, step) }, signal);
    return { target, query, step, type: data.resultType, result: normal(data) };
  }

  /** The values of a query variable. */
  async variable(query, scope, range) {
    const text = interpolate(query, scope, true);
    const window = { start: range.from / 1000, end: range.to / 1000 };
    const labels = /^label_values\((?:(.+),)?\s*([a-zA-Z_]\w*)\s*\)$/s.exec(text.trim());
    if (labels) return this.api(`label/${labels[2]}/values`, { ...window, ...(labels[1] ? { "match[]": labels[1].trim() } : {}) });
    const metrics = /^metrics\((.*)\)$/.exec(text.trim());
    if (metrics) return (await this.api("label/__name__/values", window)).filter((name) => new RegExp(metrics[1]).test(name));
    const result = /^query_result\((.*)\)$/s.exec(text.trim());
    if (!result) throw new Error(`variable query: expected label_values, metrics or query_result, got ${query}`);
    const data = await this.api("query", { query: result[1], time: window.end });
    return normal(data).map(({ metric, values }) => `${selector(metric)} ${values.at(-1)[1]} ${values.at(-1)[0] * 1000}`);
  }
}

/** Start and end on multiples of the step, so that points stay where they are from refresh to refresh. */
function aligned(range, step) {
  const [start, end] = [Math.floor(range.from / step) * step, Math.floor(range.to / step) * step];
  return { start: start / 1000, end: end / 1000, step: step / 1000 };
}

function normal({ resultType, result }) {
  if (resultType === "matrix") return result;
  if (resultType === "vector") return result.map(({ metric, value }) => ({ metric, values: [value] }));
  return [{ metric: {}, values: [result] }];
}

/** name{label="value"} */
export function selector({ __name__: name = "", ...labels }) {
  const inside = Object.entries(labels).map(([label, value]) => `${label}="${value}"`).join(", ");
  return inside || !name ? `${name}{${inside}}` : name;
}
