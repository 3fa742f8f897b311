/** The text panel: the part of Markdown that dashboards use. HTML in it stays text. */
import { h } from "./dom.js";
import { interpolate } from "./template.js";

export function textPanel(body, { panel, scope }) {
  body.replaceChildren(h("div", { class: "markdown" }, ...markdown(interpolate(panel.options?.content ?? "", scope))));
}

function markdown(text) {
  return text.split(/\n\s*\n/).filter((block) => block.trim()).map(block);
}

function block(text) {
  const heading = /^(#{1,4}) +(.+)$/.exec(text.trim());
  if (heading) return h(`h${heading[1].length + 1}`, {}, ...inline(heading[2]));
  const lines = text.trim().split("\n");
  if (lines.every((line) => /^\s*[-*] /.test(line))) return h("ul", {}, ...lines.map((line) => h("li", {}, ...inline(line.replace(/^\s*[-*] /, "")))));
  return h("p", {}, ...inline(lines.join(" ")));
}

function inline(text) {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\([^)\s]+\))/).map((part) => {
    if (part.startsWith("**")) return h("b", {}, part.slice(2, -2));
    if (part.startsWith("`")) return h("code", {}, part.slice(1, -1));
    const link = /^\[([^\]]+)\]\(((?:https?:\/\/|\/)[^)\s]+)\)$/.exec(part);
    return link ? h("a", { href: link[2], rel: "noreferrer" }, link[1]) : part;
  });
}
