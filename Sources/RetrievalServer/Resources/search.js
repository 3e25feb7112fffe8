// Searches by a stored picture, or by one that is dropped, pasted or chosen; before that, what there is.

import { ask, post, query } from "/api.js";
import { attempt, element, say, show, tail } from "/dom.js";
import { card, grid, thumbnail } from "/pictures.js";

const pageSize = 60;
let sent = null; // the last picture that was sent, which no address can hold

export async function searchView(parameters, store) {
  const results = element("div");
  const form = controls(parameters, store);
  form.addEventListener("change", () => go(form));
  form.addEventListener("submit", (event) => { event.preventDefault(); go(form); });
  show(element("h1", {}, "Search"), dropZone(form, store), form, results);
  await attempt(async () => {
    if (parameters.get("id")) {
      sent = null;
      render(results, await ask(`search?${parameters}`), parameters);
    } else if (sent) {
      await searchSent(results, parameters);
    } else {
      await browse(results, parameters);
    }
  });
}

async function searchSent(results, parameters) {
  say("Searching …");
  render(results, await post(`search?${parameters}`, sent), parameters);
}

function controls(parameters, store) {
  const options = (names) => [element("option", { value: "" }, "any"), ...names.map((name) => element("option", { value: name }, name))];
  const select = (name, text, names) => {
    const made = element("select", { name }, options(names));
    made.value = parameters.get(name) ?? "";
    return element("label", {}, text, made);
  };
  const check = (name, text) =>
    element("label", { class: "check" }, element("input", { type: "checkbox", name, value: "1", checked: parameters.get(name) === "1" }), text);
  const chosen = parameters.getAll("head").length ? parameters.getAll("head") : [store.defaultHead];
  const heads = ["none", ...store.heads.map((head) => head.name)].map((name) =>
    element("label", { class: "check" }, element("input", { type: "checkbox", name: "head", value: name, checked: chosen.includes(name) }),
      name === "none" ? "raw features" : name));
  const labels = Object.keys(store.labels).sort();
  return element("form", { "aria-label": "What to find" },
    element("label", {}, "id", element("input", { name: "id", id: "id", size: "18", placeholder: "8 digits or more", value: parameters.get("id") ?? "", autocomplete: "off" })),
    element("label", {}, "pictures", element("input", { name: "k", type: "number", min: "1", max: "1000", value: parameters.get("k") ?? "24" })),
    element("fieldset", {}, element("legend", {}, "under"), heads),
    select("label", "label", labels), select("not_label", "not label", labels), select("split", "split", Object.keys(store.splits).sort()),
    element("label", {}, "score from", element("input", { name: "min_score", type: "number", min: "-1", max: "1", step: "0.01", value: parameters.get("min_score") ?? "" })),
    check("exclude_self", "not itself"), check("unique", "each file once"), element("button", { type: "submit" }, "Search"));
}

// The address says all that was asked for, so that it can be kept and sent.
function go(form) {
  const values = {};
  for (const [key, value] of new FormData(form)) (values[key] ??= []).push(value);
  const hash = `search?${query(values)}`;
  if (location.hash === `#${hash}`) dispatchEvent(new HashChangeEvent("hashchange"));
  else location.hash = hash;
}

function dropZone(form, store) {
  const file = element("input", { type: "file", accept: "image/*", "aria-label": "A picture to search for", onchange: () => take(file.files[0], form) });
  const zone = element("div", { class: "drop" }, element("p", {}, "Drop a picture here, paste one, or choose one: "), file);
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => { event.preventDefault(); zone.classList.remove("over"); take(event.dataTransfer.files[0], form); });
  return zone;
}

function take(file, form) {
  if (!file) return;
  sent = file;
  form.elements.id.value = "";
  go(form);
}

export function paste(event) {
  const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
  const form = document.querySelector("main form");
  if (file && form?.elements.id) take(file, form);
}

function render(target, answer, parameters) {
  say(`${answer.results[0].neighbors.length} pictures in ${answer.milliseconds.toFixed(1)} ms`);
  const first = new Map(answer.results[0].neighbors.map((found) => [found.path, found.rank]));
  const columns = answer.results.map((result, place) => element("section", { "aria-label": result.head },
    element("h2", {}, result.head === "none" ? "raw features" : `head ${result.head}`), summary(result, answer.query.label),
    grid(result.neighbors, (found) => ({ wanted: answer.query.label, change: place ? moved(found, first) : null }))));
  target.replaceChildren(queryLine(answer.query), tools(answer), element("div", { class: "columns" }, columns));
}

function summary(result, label) {
  if (label === null) return null;
  const right = result.neighbors.filter((found) => found.label === label).length;
  return element("p", {}, `${right} of ${result.neighbors.length} have the query's label`);
}

function moved(found, before) {
  const old = before.get(found.path);
  if (old === undefined) return "new";
  return old === found.rank ? null : old > found.rank ? `▲${old - found.rank}` : `▼${found.rank - old}`;
}

function queryLine(asked) {
  const image = asked.stored ? thumbnail(asked.id, "the query") : element("img", { alt: "the query", src: sent ? URL.createObjectURL(sent) : "" });
  return element("div", { class: "query" }, image,
    element("div", {}, element("b", {}, asked.path ? tail(asked.path) : "a picture that is not in the store"), element("br"),
      asked.label ? `label ${asked.label}` : "no label", element("br"), element("small", {}, asked.id)));
}

function tools(answer) {
  const copy = (text, what) => attempt(async () => { await navigator.clipboard.writeText(text); say(`Copied ${what}.`); });
  return element("div", { class: "row" },
    element("button", { type: "button", onclick: () => copy(JSON.stringify(answer, null, 1), "the answer as JSON") }, "Copy as JSON"),
    answer.query.stored ? element("button", { type: "button", onclick: () => {
      const hash = new URLSearchParams(location.hash.split("?")[1]);
      hash.set("id", answer.query.id);
      copy(`${location.origin}/#search?${hash}`, "the link");
    } }, "Copy link") : null);
}

async function browse(target, parameters) {
  const offset = Number(parameters.get("offset") ?? 0);
  const found = await ask(`pictures?${query({ label: parameters.get("label"), split: parameters.get("split"), offset, limit: pageSize })}`);
  say(`${found.total} pictures`);
  const page = (step, text) => {
    const next = new URLSearchParams(parameters);
    next.set("offset", Math.max(0, offset + step));
    return element("a", { href: `#search?${next}` }, text);
  };
  target.replaceChildren(element("h2", {}, "In the store"),
    found.pictures.length ? element("ul", { class: "grid" }, found.pictures.map((picture) => card(picture))) : element("p", {}, "Nothing is listed."),
    element("div", { class: "row" }, offset > 0 ? page(-pageSize, "Before") : null,
      offset + pageSize < found.total ? page(pageSize, "Further") : null));
}
