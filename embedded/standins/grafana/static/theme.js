/** Light and dark: ?theme= wins, then the user's last choice, then the server's default. */

const KEY = "theme";

export function applyTheme() {
  const asked = new URLSearchParams(location.search).get(KEY);
  const chosen = asked ?? localStorage.getItem(KEY) ?? document.documentElement.dataset.theme;
  const system = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  document.documentElement.dataset.theme = ["light", "dark"].includes(chosen) ? chosen : system;
}

export function toggleTheme() {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem(KEY, next);
  const url = new URL(location.href);
  if (url.searchParams.has(KEY)) {
    url.searchParams.set(KEY, next);
    history.replaceState(null, "", url);
  }
}

/** A colour of the style sheet, for charts, which cannot read CSS variables. */
export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

const PALETTES = {
  dark: ["#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#b877d9", "#ff7383", "#8ab8ff", "#37872d", "#fade2a", "#e0b400", "#5195ce", "#ca95e5"],
  light: ["#37872d", "#c69b06", "#1f60c4", "#e0752d", "#8f3bb8", "#c4162a", "#3274d9", "#56a64b", "#b7860b", "#806eb7", "#447ebc", "#a352cc"],
};
const NAMED = { green: "#73bf69", red: "#f2495c", transparent: "rgba(0,0,0,0)" };
const NAMED_ON_LIGHT = { green: "#37872d", red: "#d01c34" };

/** A colour as dashboards name it. */
export function color(name) {
  if (document.documentElement.dataset.theme === "light" && NAMED_ON_LIGHT[name]) return NAMED_ON_LIGHT[name];
  return NAMED[name] ?? name;
}

/** The colour of the n-th series. */
export function seriesColor(index) {
  const palette = PALETTES[document.documentElement.dataset.theme] ?? PALETTES.dark;
  return palette[index % palette.length];
}

/** #rrggbb with an opacity of 0–1. */
export function faded(hex, opacity) {
  const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (!found) return hex;
  return `rgba(${found.slice(1).map((part) => parseInt(part, 16)).join(",")},${opacity})`;
}
