/** The bar above a dashboard: which dashboard, its variables, the time range, the refresh, the theme. */
import { h } from "./dom.js";
import { ALL } from "./template.js";
import { toggleTheme } from "./theme.js";
import { QUICK, REFRESH, clock, describe, resolve } from "./time.js";

/** {element, updated(range)} */
export function bar(dashboard) {
  const stamp = h("span", { class: "stamp" });
  const variables = Object.values(dashboard.scope);
  const element = h("header", { class: "bar" },
    h("a", { href: "/dashboards", class: "home", title: "All dashboards" }, h("img", { src: "/public/icon.svg", alt: "All dashboards", width: 24, height: 24 })),
    boardPicker(dashboard),
    h("div", { class: "variables" }, variables.map((variable) => variablePicker(dashboard, variable))),
    h("div", { class: "spacer" }), stamp, timePicker(dashboard), refreshPicker(dashboard), themeButton(dashboard), logout());
  return { element, updated: ({ to }) => (stamp.textContent = clock(to, dashboard.utc, "seconds")) };
}

function boardPicker({ boards, model, address }) {
  const go = (event) => {
    const kept = new URLSearchParams([...address].filter(([name]) => name !== "viewPanel"));
    location.assign(`${event.target.value}?${kept}`);
  };
  return h("select", { class: "boards", "aria-label": "Dashboard", onchange: go },
    boards.map(({ uid, title, url }) => h("option", { value: url, selected: uid === model.uid }, title)));
}

function variablePicker(dashboard, variable) {
  const { label, name, error } = variable;
  return h("div", { class: "variable", "data-variable": name, title: error ?? "" }, h("span", {}, label), menu(dashboard, variable), error ? h("span", { class: "failure" }, "⚠") : null);
}

/** A button that opens the options; several can be ticked where the variable allows it. */
function menu(dashboard, variable) {
  const { name, label, multi, values } = variable;
  const options = variable.includeAll ? [ALL, ...variable.options] : variable.options;
  const shown = (value) => (value === ALL ? "All" : value);
  const choose = (value) => dashboard.setVariable(name, picked(value, variable));
  const items = options.map((value) =>
    h("button", { class: values.includes(value) ? "chosen" : "", role: "option", "aria-selected": String(values.includes(value)), "data-value": value, onclick: () => choose(value) },
      multi ? h("span", { class: "tick" }, values.includes(value) ? "☑" : "☐") : null, shown(value)));
  const text = values.length ? values.map(shown).join(" + ") : "None";
  return popover(h("span", { class: "menu-text" }, text), h("div", { class: "menu", role: "listbox", "aria-label": label }, items.length ? items : h("i", {}, "nothing to choose")));
}

/** The values after a click on one of them. */
export function picked(value, { multi, values }) {
  if (!multi || value === ALL) return [value];
  const others = values.filter((each) => each !== value && each !== ALL);
  const next = values.includes(value) ? others : [...others, value];
  return next.length ? next : [value];
}

function popover(caption, content, kind = "") {
  const element = h("details", { class: `popover ${kind}` }, h("summary", {}, caption), content);
  element.addEventListener("toggle", () => {
    if (!element.open) return;
    const close = (event) => {
      if (event.type === "keydown" ? event.key !== "Escape" : element.contains(event.target)) return;
      element.open = false;
      removeEventListener("click", close);
      removeEventListener("keydown", close);
    };
    addEventListener("click", close);
    addEventListener("keydown", close);
  });
  return element;
}

function timePicker(dashboard) {
  const { range, utc } = dashboard;
  const now = resolve(range) ?? resolve({ from: "now-15m", to: "now" });
  const quick = QUICK.map(([from, text]) =>
    h("button", { class: range.from === from && range.to === "now" ? "chosen" : "", "data-from": from, onclick: () => dashboard.setRange({ from, to: "now" }) }, text));
  const failure = h("span", { class: "failure" });
  const field = (name, value) => h("label", {}, name === "from" ? "From" : "To", h("input", { name, value, required: true, autocomplete: "off" }));
  const written = (text, milliseconds) => (text.startsWith("now") ? text : clock(milliseconds, utc, "long"));
  const apply = (event) => {
    event.preventDefault();
    const asked = Object.fromEntries(new FormData(event.target));
    const wanted = Object.fromEntries(Object.entries(asked).map(([name, text]) => [name, toRange(text, utc)]));
    if (resolve(wanted)) dashboard.setRange(wanted);
    else failure.textContent = "expected two times in order, such as now-2h or 2026-01-31 12:00:00";
  };
  const custom = h("form", { onsubmit: apply }, field("from", written(range.from, now.from)), field("to", written(range.to, now.to)), failure, h("button", { class: "primary", type: "submit" }, "Apply"));
  const out = () => dashboard.setRange({ from: now.from - (now.to - now.from) / 2, to: Math.min(now.to + (now.to - now.from) / 2, Date.now()) });
  return h("div", { class: "group" },
    popover([icon(CLOCK), h("span", {}, describe(range, utc))], h("div", { class: "menu times" }, h("div", {}, quick), custom), "right"),
    h("button", { title: "Zoom out", onclick: out }, "−"));
}

/** What the range keeps: "now-…" as it is, a written date as milliseconds. */
function toRange(text, utc) {
  const trimmed = text.trim();
  if (trimmed.startsWith("now")) return trimmed;
  const iso = trimmed.replace(" ", "T");
  const time = Date.parse(utc && !/Z|[+-]\d\d:?\d\d$/.test(iso) ? `${iso}Z` : iso);
  return Number.isNaN(time) ? "" : String(time);
}

function icon(path) {
  const pen = { fill: "none", stroke: "currentColor", "stroke-width": 1.5, "stroke-linecap": "round", "stroke-linejoin": "round" };
  return h("svg", { viewBox: "0 0 16 16", width: 14, height: 14, class: "icon" }, h("path", { d: path, ...pen }));
}

const CLOCK = "M14.5 8a6.5 6.5 0 1 1-13 0a6.5 6.5 0 1 1 13 0M8 4.5V8l2.5 1.5";
const AROUND = "M13.5 3v3.5H10M13.3 6.5A5.6 5.6 0 1 0 13.6 9";
const HALF = "M14 8a6 6 0 1 1-12 0a6 6 0 1 1 12 0M8 2.2v11.6M10.5 3v10M12.6 5v6";

function refreshPicker(dashboard) {
  const every = REFRESH.includes(dashboard.every) ? REFRESH : [...REFRESH, dashboard.every];
  return h("div", { class: "group" },
    h("button", { class: "refresh", title: "Refresh", onclick: () => dashboard.refresh() }, icon(AROUND)),
    h("select", { "aria-label": "Refresh every", onchange: (event) => dashboard.setEvery(event.target.value) },
      every.map((value) => h("option", { value, selected: value === dashboard.every }, value || "Off"))));
}

function themeButton(dashboard) {
  const turn = () => {
    toggleTheme();
    dashboard.refresh?.();
  };
  return h("button", { class: "theme", title: "Light or dark", onclick: turn }, icon(HALF));
}

export { themeButton };

export function logout() {
  return h("a", { class: "button", href: "/logout", title: "Log out" }, icon("M6.5 2.5h-3v11h3M9.5 5l3 3-3 3M12.5 8h-7"));
}
