const root = document.documentElement, button = document.getElementById("theme");
const dark = matchMedia("(prefers-color-scheme: dark)");
const kept = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
const keep = (theme) => { try { localStorage.setItem("theme", theme); } catch { /* a page from a file may not */ } };
if (kept()) root.dataset.theme = kept();
button.hidden = false;
button.addEventListener("click", () => {
  const now = root.dataset.theme ?? (dark.matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  keep(root.dataset.theme);
});
