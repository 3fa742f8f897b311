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

  /** A panel's targets → [{target, step, result}], in their order. `points` is the panel's width. */
  async targets(panel, { range, scope, points, signal }) {
    const step = stepFor(range, points, this.scrape);
    const known = { ...scope, ...builtIns(step, this.scrape) };
    return Promise.all((panel.targets ?? []).map(async (target) => {
      const query = interpolate(target.expr, known, true);
      const data = await this.api("query_range", { query, ...aligned(range, step) }, signal);
      return { target, step, result: data.result };
    }));
  }

  /** The values of a query variable. */
  async variable(query, scope, range) {
    const labels = /^label_values\((?:(.+),)?\s*([a-zA-Z_]\w*)\s*\)$/s.exec(interpolate(query, scope, true).trim());
    if (!labels) throw new Error(`variable query: expected label_values(metric, label), got ${query}`);
    const window = { start: range.from / 1000, end: range.to / 1000 };
    return this.api(`label/${labels[2]}/values`, { ...window, ...(labels[1] ? { "match[]": labels[1].trim() } : {}) });
  }
}

/** Start and end on multiples of the step, so that points stay where they are from refresh to refresh. */
function aligned(range, step) {
  const [start, end] = [Math.floor(range.from / step) * step, Math.floor(range.to / step) * step];
  return { start: start / 1000, end: end / 1000, step: step / 1000 };
}
