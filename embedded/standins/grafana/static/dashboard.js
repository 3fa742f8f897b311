/** A dashboard: rows of panels on Grafana's grid of 24 columns, with variables, a time range and a refresh. */
import { bar } from "./controls.js";
import { h } from "./dom.js";
import { Panel } from "./panel.js";
import { duration, resolve } from "./time.js";
import * as variables from "./variables.js";

const CELL = 30; // pixels, and 8 between two: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/
const COLUMNS = 24;

export class Dashboard {
  constructor(root, model, sources, address, boards) {
    Object.assign(this, { root, model, sources, address, boards });
    this.range = { from: address.get("from") ?? model.time?.from ?? "now-15m", to: address.get("to") ?? model.time?.to ?? "now" };
    this.every = address.get("refresh") ?? (typeof model.refresh === "string" ? model.refresh : "");
    this.utc = model.timezone === "utc";
  }

  async show() {
    document.title = this.model.title;
    await this.loadVariables();
    this.sections = sectionsOf(this.model.panels ?? [], (model) => new Panel(model));
    this.grid = h("main", { class: "dashboard" }, this.sections.map(({ element }) => element));
    this.root.replaceChildren(this.bar(), this.grid);
    this.wait();
    addEventListener("visibilitychange", () => document.hidden || this.refresh());
    await this.refresh();
  }

  async loadVariables() {
    const wanted = (name) => this.address.getAll(`var-${name}`);
    this.scope = await variables.load(this.model, wanted, this.sources, this.resolved());
  }

  /** The range in milliseconds; the last 15 minutes if the address names none that makes sense. */
  resolved() {
    return resolve(this.range) ?? resolve({ from: "now-15m", to: "now" });
  }

  async refresh() {
    this.root.dataset.busy = "";
    const range = this.resolved();
    const context = { sources: this.sources, scope: this.scope, range, utc: this.utc, zoom: (to) => this.setRange(to) };
    await Promise.all(this.sections.filter(({ open }) => open).flatMap(({ panels }) => panels.map((panel) => panel.refresh(context))));
    this.updated?.(range);
    delete this.root.dataset.busy;
  }

  wait() {
    clearInterval(this.timer);
    const pause = duration(this.every);
    if (pause > 0) this.timer = setInterval(() => document.hidden || this.refresh(), Math.max(pause, 1000));
  }

  bar() {
    const fresh = bar(this);
    this.updated = fresh.updated;
    return fresh.element;
  }

  redrawBar() {
    this.root.firstElementChild.replaceWith(this.bar());
  }

  setRange({ from, to }) {
    this.range = { from: String(from), to: String(to) };
    this.remember({ from: [this.range.from], to: [this.range.to] });
    this.redrawBar();
    return this.refresh();
  }

  setEvery(every) {
    this.every = every;
    this.remember({ refresh: every ? [every] : [] });
    this.wait();
  }

  async setVariable(name, values) {
    this.remember({ [`var-${name}`]: values });
    await this.loadVariables();
    this.redrawBar();
    return this.refresh();
  }

  /** Keep what was chosen in the address, so that it can be shared. */
  remember(parameters) {
    for (const [name, values] of Object.entries(parameters)) {
      this.address.delete(name);
      values.forEach((value) => this.address.append(name, value));
    }
    history.replaceState(null, "", `?${this.address}`);
  }
}

/** A row panel starts a section; a collapsed one holds its panels itself. */
function sectionsOf(models, make) {
  const groups = [{ row: null, models: [] }];
  for (const model of models.toSorted(byPlace)) {
    if (model.type === "row") groups.push({ row: model, models: [...(model.panels ?? [])] });
    else groups.at(-1).models.push(model);
  }
  return groups.filter(({ row, models: inside }) => row || inside.length).map((group) => section(group, make));
}

function byPlace(one, other) {
  return (one.gridPos?.y ?? 0) - (other.gridPos?.y ?? 0) || (one.gridPos?.x ?? 0) - (other.gridPos?.x ?? 0);
}

function section({ row, models }, make) {
  const panels = models.toSorted(byPlace).map(make);
  const top = Math.min(...models.map(({ gridPos }) => gridPos?.y ?? 0));
  panels.forEach(({ element, model }) => place(element, model.gridPos ?? { x: 0, y: 0, w: COLUMNS, h: 8 }, top));
  const grid = h("div", { class: "grid", style: { "--cell": `${CELL}px` } }, panels.map(({ element }) => element));
  if (!row) return { element: grid, panels, open: true };
  const element = h("details", { class: "row", open: !row.collapsed }, h("summary", {}, row.title), grid);
  const found = { element, panels, open: !row.collapsed };
  element.addEventListener("toggle", () => {
    const opened = element.open && !found.open;
    found.open = element.open;
    if (opened) dispatchEvent(new CustomEvent("dashboard-opened"));
  });
  return found;
}

function place(element, { x, y, w, h: height }, top) {
  element.style.gridColumn = `${x + 1} / span ${w}`;
  element.style.gridRow = `${y - top + 1} / span ${height}`;
}
