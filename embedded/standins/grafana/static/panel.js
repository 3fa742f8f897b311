/** One panel: its frame, its queries, and what it shows while there is nothing to draw. */
import { h } from "./dom.js";
import { seriesOf } from "./series.js";
import { stat } from "./stat.js";
import { interpolate } from "./template.js";
import { timeseries } from "./timeseries.js";

const KINDS = { timeseries, stat };

export class Panel {
  constructor(model) {
    this.model = model;
    this.title = h("span", { class: "panel-title" });
    this.body = h("div", { class: "panel-body" });
    this.element = h("section", { class: "panel", "data-panel-id": model.id ?? "", "data-type": model.type, "data-state": "loading" },
      h("header", {}, this.title, model.description ? info(model.description) : null, h("span", { class: "spinner" })), this.body);
  }

  /** Ask and draw anew. A newer call makes an older one give up. */
  async refresh(context) {
    this.request?.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    this.title.textContent = interpolate(this.model.title ?? "", context.scope);
    this.element.dataset.busy = "";
    try {
      const state = await this.draw({ ...context, signal });
      if (!signal.aborted) this.element.dataset.state = state;
    } catch (error) {
      if (!signal.aborted) this.say("error", error.message);
    } finally {
      if (!signal.aborted) delete this.element.dataset.busy;
    }
  }

  async draw(context) {
    const panel = this.model;
    const kind = KINDS[panel.type];
    if (!kind) throw new Error(`panel of type ${panel.type}: this viewer draws ${Object.keys(KINDS).join(" and ")} only`);
    const answers = await this.ask(context);
    if (context.signal.aborted) return "loading";
    const series = seriesOf(panel, answers);
    if (!series.some(({ y }) => y.some((value) => value !== null))) return this.say("empty", "No data");
    this.body.className = "panel-body";
    kind(this.body, { ...context, panel, series });
    return "drawn";
  }

  ask({ sources, scope, range, signal }) {
    const source = sources.of(this.model.datasource);
    const points = Math.max(this.body.clientWidth, 100);
    return source.targets(this.model, { range, scope, points, signal });
  }

  /** A message in place of a drawing. */
  say(state, message) {
    this.body.className = "panel-body";
    this.body.replaceChildren(h("div", { class: `message ${state}`, role: state === "error" ? "alert" : "status" }, message));
    this.element.dataset.state = state;
    return state;
  }
}

function info(description) {
  return h("span", { class: "info", tabindex: 0, title: description, "aria-label": description }, "i");
}
