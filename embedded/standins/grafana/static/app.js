/** Shows the page that the address names: the list of dashboards, or one of them. */
import { logout, themeButton } from "./controls.js";
import { Dashboard } from "./dashboard.js";
import { h } from "./dom.js";
import { call, Prometheus } from "./prometheus.js";
import { applyTheme } from "./theme.js";

/** The data sources; `of` finds one by the reference of a panel or a variable. */
class Sources {
  constructor(described) {
    this.all = new Map(described.map((source) => [source.uid, new Prometheus(source)]));
  }

  of(reference) {
    const source = this.all.get(reference?.uid);
    if (!source) throw new Error(`data source ${reference?.uid ?? "(none named)"}: not provisioned`);
    return source;
  }
}

async function start() {
  applyTheme();
  const root = document.getElementById("app");
  try {
    const [boards, sources] = await Promise.all([call("/api/search"), call("/api/datasources")]);
    const uid = /^\/d\/([^/]+)/.exec(location.pathname)?.[1];
    if (uid) await showDashboard(root, decodeURIComponent(uid), new Sources(sources), boards);
    else showHome(root, boards);
  } catch (error) {
    root.replaceChildren(h("div", { class: "message error", role: "alert" }, error.message));
  }
  document.body.dataset.ready = "";
}

async function showDashboard(root, uid, sources, boards) {
  const { dashboard } = await call(`/api/dashboards/uid/${encodeURIComponent(uid)}`);
  const shown = new Dashboard(root, dashboard, sources, new URLSearchParams(location.search), boards);
  addEventListener("dashboard-opened", () => shown.refresh());
  await shown.show();
}

function showHome(root, boards) {
  document.title = "Dashboards";
  const cards = boards.map(({ title, url, folderTitle, tags, description }) =>
    h("a", { class: "card", href: url + location.search }, h("small", {}, folderTitle), h("b", {}, title), h("p", {}, description), h("div", {}, tags.map((tag) => h("span", { class: "tag" }, tag)))));
  root.replaceChildren(
    h("header", { class: "bar" }, h("img", { src: "/public/icon.svg", alt: "", width: 24, height: 24 }), h("h1", {}, "Dashboards"), h("div", { class: "spacer" }), themeButton({}), logout()),
    h("main", { class: "cards" }, cards.length ? cards : h("div", { class: "message empty" }, "No dashboard is provisioned")));
}

start();
