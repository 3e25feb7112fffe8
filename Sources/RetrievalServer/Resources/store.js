// What the store holds: counts, bytes, spaces, heads, labels, failures, duplicates.

import { ask } from "/api.js";
import { attempt, bytes, digits, element, facts, say, show, table } from "/dom.js";
import { grid } from "/pictures.js";

export async function storeView(store) {
  const served = store.spaces.find((space) => space.fingerprint === store.space);
  show(element("h1", {}, store.name),
    facts([
      ["pictures", `${store.pictures} listed, ${store.contents} different`], ["failures", store.failures],
      ["bytes", `segments ${bytes(store.segmentBytes)}, index ${bytes(store.indexBytes)}`],
      ["a feature", served?.features ? `${(served.storedBytes / served.features).toFixed(0)} B, ${(served.float32Bytes / served.storedBytes).toFixed(2)} times smaller than float32` : "–"],
    ]),
    element("h2", {}, "Spaces"),
    table(["name", "fingerprint", "#dimension", "#features", "#dead rows", "#bytes"],
      store.spaces.map((space) => [space.name, space.fingerprint.slice(0, 12), space.dimension, space.features, space.deadRows, bytes(space.storedBytes)])),
    element("h2", {}, "Heads"),
    store.heads.length ? table(["name", "loss", "kept", "#dimensions", "#MAP@R raw", "#MAP@R head"],
      store.heads.map((head) => [head.name, head.loss, head.kept, `${head.inputDimension} → ${head.outputDimension}`, digits(head.before?.["map@r"]), digits(head.after?.["map@r"])])) : element("p", {}, "None yet: finetuner-cache train-head."),
    element("h2", {}, `Labels (${Object.keys(store.labels).length})`), bars(store.labels),
    Object.keys(store.splits).length ? element("h2", {}, "Splits") : null, bars(store.splits),
    ...failures(store), ...duplicates());
  say("");
}

function bars(counts) {
  const sorted = Object.entries(counts).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  const most = Math.max(1, ...Object.values(counts));
  return element("div", {}, sorted.slice(0, 50).map(([name, count]) => element("div", { class: "bar" },
    element("span", {}, name), element("progress", { max: most, value: count, "aria-label": `${name}: ${count}` }), element("span", {}, `${count}`))),
    sorted.length > 50 ? element("p", {}, `and ${sorted.length - 50} more`) : null);
}

function failures(store) {
  if (!store.failures) return [];
  const target = element("div");
  const load = async (offset) => attempt(async () => {
    const found = await ask(`failures?offset=${offset}&limit=50`);
    target.replaceChildren(table(["path", "reason"], found.failures.map((failure) => [failure.path, failure.reason])),
      element("div", { class: "row" }, offset ? element("button", { type: "button", onclick: () => load(offset - 50) }, "Before") : null,
        offset + 50 < found.total ? element("button", { type: "button", onclick: () => load(offset + 50) }, "Further") : null));
  });
  load(0);
  return [element("h2", {}, "Failures"), target];
}

function duplicates() {
  const target = element("div");
  const threshold = element("input", { type: "number", min: "0.5", max: "1", step: "0.01", value: "0.97" });
  const load = async () => attempt(async () => {
    say("Comparing all pictures …");
    const found = await ask(`duplicates?threshold=${threshold.value}`);
    say(`${found.groups.length} groups`);
    target.replaceChildren(...found.groups.slice(0, 100).flatMap((group) =>
      [element("h3", {}, `${group.pictures.length} pictures, alike to ${digits(group.similarity)}`), grid(group.pictures)]));
  });
  return [element("h2", {}, "Pictures that look the same"),
    element("div", { class: "row" }, element("label", {}, "cosine from", threshold), element("button", { type: "button", onclick: load }, "Look")), target];
}
