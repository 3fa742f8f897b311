/** h("div", {class: "x", onclick: f}, child, "text"): an element. Text is never parsed as HTML. */
export function h(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "circle", "line", "text", "g"].includes(tag);
  const element = svg
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style" && typeof value === "object") setStyle(element, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function setStyle(element, style) {
  for (const [name, value] of Object.entries(style)) {
    if (value !== undefined && value !== null) element.style.setProperty(name, value);
  }
}
