// All pictures in two dimensions on a canvas: zoom, pan, a picture under the pointer, a lasso.

import { ask, query } from "/api.js";
import { attempt, element, say, show } from "/dom.js";
import { grid, thumbnail } from "/pictures.js";
import { PointMap } from "/pointmap.js";
import { readPlaces } from "/places.js";

const colors = ["#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f", "#edc948", "#b07aa1", "#ff9da7", "#9c755f", "#8cd17d",
  "#499894", "#d37295", "#a0cbe8", "#b6992d", "#86bcb6", "#d4a6c8", "#fabfd2", "#79706e", "#d7b5a6", "#1f5fbf"];
const others = "#9a9aa5";
const mostShown = 200;

export async function mapView(parameters, store) {
  const canvas = element("canvas", { tabindex: "0", "aria-label": "Map of all pictures; the arrow keys move it, plus and minus zoom" });
  const tip = element("div", { class: "tip", hidden: true });
  const [legend, selected] = [element("ul", { class: "legend", "aria-label": "Labels" }), element("div")];
  const map = new PointMap(canvas);
  show(element("h1", {}, "Map"), tools(parameters, store, map, selected, legend), element("div", { class: "maparea" }, canvas, tip), legend, selected);
  await attempt(async () => {
    say("Making the map …");
    fill(map, legend, await ask(`map?${query({ head: parameters.get("head") ?? store.defaultHead })}`));
  });
  map.onHover = (point) => hover(tip, map, point);
  map.onPick = (point) => { location.hash = `search?id=${map.data.id[point]}`; };
  map.onLasso = (points) => showSelected(selected, map, points);
}

function fill(map, legend, data) {
  const counts = new Map();
  for (const label of data.label) counts.set(label, (counts.get(label) ?? 0) + 1);
  const shown = [...counts].filter(([label]) => label >= 0).sort((a, b) => b[1] - a[1]).slice(0, colors.length).map(([label]) => label);
  const color = new Map(shown.map((label, place) => [label, colors[place]]));
  map.set(data, (label) => color.get(label) ?? others);
  legend.replaceChildren(...shown.map((label) => {
    const swatch = element("span", { class: "swatch" });
    swatch.style.background = color.get(label);
    const button = element("button", { type: "button", "aria-pressed": "false", onclick: () => {
      const isOn = map.only === label;
      map.isolate(isOn ? null : label);
      for (const other of legend.querySelectorAll("button")) other.setAttribute("aria-pressed", "false");
      button.setAttribute("aria-pressed", `${!isOn}`);
    } }, swatch, `${data.labels[label]} (${counts.get(label)})`);
    return element("li", {}, button);
  }));
  const parts = data.explained.map((part) => `${(part * 100).toFixed(0)} %`).join(" and ");
  say(`${data.x.length} pictures${data.method === "pca" ? `; the axes have ${parts} of the variance` : ""}`);
}

function tools(parameters, store, map, selected, legend) {
  const head = element("select", { onchange: () => { location.hash = `map?head=${encodeURIComponent(head.value)}`; } },
    ["none", ...store.heads.map((one) => one.name)].map((name) => element("option", { value: name }, name === "none" ? "raw features" : name)));
  head.value = parameters.get("head") ?? store.defaultHead;
  const lasso = element("button", { type: "button", "aria-pressed": "false", onclick: () => {
    map.isLassoing = !map.isLassoing;
    lasso.setAttribute("aria-pressed", `${map.isLassoing}`);
  } }, "Lasso");
  const file = element("input", { type: "file", accept: ".csv,text/csv", onchange: () => attempt(async () => {
    const text = await file.files[0].text();
    file.value = ""; // so that the same file can be chosen again when it has changed
    fill(map, legend, readPlaces(text, map.data));
    selected.replaceChildren();
  }) });
  return element("form", { onsubmit: (event) => event.preventDefault() }, element("label", {}, "under", head),
    element("button", { type: "button", onclick: () => map.zoom(1.5) }, "Zoom in"), element("button", { type: "button", onclick: () => map.zoom(1 / 1.5) }, "Zoom out"),
    element("button", { type: "button", onclick: () => map.reset() }, "All"), lasso,
    element("label", {}, "t-SNE or UMAP points: a CSV with id or path, x, y", file));
}

function hover(tip, map, point) {
  tip.hidden = point === null;
  if (point === null) return;
  const { data } = map;
  const [x, y] = map.place(point);
  tip.style.left = `${Math.min(x + 12, map.canvas.clientWidth - 150)}px`;
  tip.style.top = `${Math.max(0, y - 60)}px`;
  tip.replaceChildren(thumbnail(data.id[point], "", 96), element("b", {}, data.label[point] < 0 ? "no label" : data.labels[data.label[point]]), element("br"), data.path[point]);
}

function showSelected(target, map, points) {
  const { data } = map;
  say(`${points.length} pictures in the lasso`);
  const pictures = points.slice(0, mostShown).map((point) =>
    ({ id: data.id[point], path: data.path[point], label: data.label[point] < 0 ? null : data.labels[data.label[point]] }));
  target.replaceChildren(element("h2", {}, `In the lasso: ${points.length}${points.length > mostShown ? `, ${mostShown} shown` : ""}`), grid(pictures));
}
