/** The login form: on success back to where the user came from. */
import { applyTheme } from "./theme.js";

applyTheme();
const form = document.getElementById("login");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch("/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(Object.fromEntries(new FormData(form))),
  });
  if (answer.ok) location.assign(localPath(new URLSearchParams(location.search).get("redirectTo")));
  else document.getElementById("failure").textContent = (await answer.json()).message;
});

/** Only a path on this server: a link to the login must not lead elsewhere. */
function localPath(path) {
  return path && /^\/(?![/\\])/.test(path) ? path : "/";
}
