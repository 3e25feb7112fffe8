// Training runs: curves that grow while a run goes on, what came of it, and which classes it finds worst.

import { ask } from "/api.js";
import { chart } from "/chart.js";
import { attempt, digits, element, facts, say, show, table } from "/dom.js";

const pause = 2000;
let timer = null;

export function stopWatching() {
  clearTimeout(timer);
}

export async function runsView() {
  const found = await ask("runs");
  say(`${found.runs.length} runs`);
  const link = (run) => element("a", { href: `#runs/${encodeURIComponent(run.name)}` }, run.name);
  const rows = found.runs.map((run) => element("tr", {}, element("td", {}, link(run)),
    [run.running ? "running" : "ended", run.loss, run.epochs, run.monitor, digits(run.best)].map((value) => element("td", {}, `${value}`))));
  show(element("h1", {}, "Runs"), found.runs.length ? element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Runs" }, element("table", {},
    element("thead", {}, element("tr", {}, ["name", "state", "loss", "epochs", "monitored", "best"].map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, rows))) : element("p", {}, "None yet: finetuner-cache train-head --output-dim 512."));
}

export async function runView(name, store) {
  const curves = element("div");
  const rest = element("div");
  show(element("h1", {}, `Run ${name}`), curves, rest);
  await watch(name, store, curves, rest);
}

async function watch(name, store, curves, rest) {
  const run = await attempt(() => ask(`runs/${encodeURIComponent(name)}`));
  if (!run) return;
  say(run.running ? `running, epoch ${run.epochs.at(-1)?.epoch ?? 0}` : "ended");
  const best = run.epochs.findLast((epoch) => epoch.isBest)?.epoch ?? null;
  const points = (value) => run.epochs.filter((epoch) => typeof epoch[value] === "number").map((epoch) => [epoch.epoch, epoch[value]]);
  curves.replaceChildren(element("h2", {}, "Loss"), chart(points("loss"), "loss", null),
    element("h2", {}, run.monitor || "Monitored"), chart(points("monitored"), run.monitor, best));
  rest.replaceChildren(...summary(run), ...evaluation(name, store), element("h2", {}, "Settings"), facts(Object.entries(run.settings).sort()));
  if (run.running) timer = setTimeout(() => watch(name, store, curves, rest), pause);
}

function summary(run) {
  if (!run.summary?.raw) return [];
  const { raw, projection, head } = run.summary;
  const rows = Object.keys(raw).sort().map((metric) =>
    [metric, digits(raw[metric]), digits(projection?.[metric]), digits(head?.[metric]), head ? (head[metric] - raw[metric]).toFixed(4) : "–"]);
  return [element("h2", {}, "Held-out pictures, before and after"), table(["metric", "#raw", "#projection", "#head", "#change"], rows)];
}

function evaluation(name, store) {
  if (!store.heads.some((head) => head.name === name)) return [];
  const target = element("div");
  const load = () => attempt(async () => {
    say("Searching for every picture …");
    const found = await ask(`heads/${encodeURIComponent(name)}/evaluation`);
    say(`${found.queries} queries`);
    target.replaceChildren(changes(found), element("h3", {}, "Classes found worst"),
      table(["label", "#queries", "#precision@1 raw", "#head"], found.classes.slice(0, 30).map((one) => [one.label, one.queries, digits(one.raw), digits(one.head)])),
      element("h3", {}, "Taken for another"),
      table(["label", "taken for", "#pictures"], found.confusions.slice(0, 30).map((one) => [one.label, one.takenFor, one.count])));
  });
  return [element("h2", {}, "Classes"), element("div", { class: "row" }, element("button", { type: "button", onclick: load }, "Evaluate"),
    "every labelled picture among all others"), target];
}

function changes(found) {
  const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;
  const interval = ({ low, high }) => (typeof low === "number" ? `${signed(low)} to ${signed(high)}` : "");
  return table(["metric", "#raw", "#head", "#change", "#95 % interval of the change"], Object.keys(found.changes).sort().map((metric) =>
    [metric, digits(found.metrics.raw[metric]), digits(found.metrics.head[metric]), signed(found.changes[metric].change), interval(found.changes[metric])]));
}
