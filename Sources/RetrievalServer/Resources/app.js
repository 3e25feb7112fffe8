// Shows what the address names, and keeps what belongs to the whole page: the theme, shortcuts, the store.

import { ask } from "/api.js";
import { attempt, say } from "/dom.js";
import { mapView } from "/map.js";
import { runView, runsView, stopWatching } from "/runs.js";
import { paste, searchView } from "/search.js";
import { storeView } from "/store.js";

let store = null;

async function route() {
  stopWatching();
  const [path, parameters] = location.hash.slice(1).split("?");
  const [view, name] = (path || "search").split("/");
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  await attempt(async () => {
    store = await ask("store");
    document.getElementById("name").textContent = store.name;
    document.title = `${store.name} – ${view}`;
    await open(view, name && decodeURIComponent(name), new URLSearchParams(parameters));
  });
}

function open(view, name, parameters) {
  switch (view) {
    case "map": return mapView(parameters, store);
    case "runs": return name ? runView(name, store) : runsView();
    case "store": return storeView(store);
    default: return searchView(parameters, store);
  }
}

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}

function switchTheme() {
  const isDark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = isDark ? "light" : "dark";
  localStorage.setItem("theme", theme);
  setTheme(theme);
}

function shortcut(event) {
  const isTyping = event.target.matches("input, select, textarea");
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    document.getElementById("id")?.focus();
  } else if (event.key === "Escape") {
    say("");
    document.activeElement?.blur();
  }
}

setTheme(localStorage.getItem("theme"));
document.getElementById("theme").addEventListener("click", switchTheme);
document.addEventListener("keydown", shortcut);
document.addEventListener("paste", paste);
addEventListener("hashchange", route);
route();
