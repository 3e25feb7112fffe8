// Elements without markup: names of files and labels are text, whatever they contain.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

const space = "http://www.w3.org/2000/svg";

export function drawing(name, attributes = {}, ...children) {
  const made = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function show(...children) {
  document.getElementById("main").replaceChildren(...children.filter((child) => child !== null));
}

export function say(text, isError = false) {
  const status = document.getElementById("status");
  status.textContent = text;
  status.classList.toggle("error", isError);
}

// Runs what may fail and says so.
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    say([error.message, error.remedy].filter(Boolean).join(" "), true);
    return null;
  }
}

export function table(heads, rows) {
  const numeric = heads.map((head) => head.startsWith("#"));
  const cell = (name, value, place) =>
    element(name, { class: numeric[place] ? "number" : null, scope: name === "th" ? "col" : null }, `${value}`);
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table" },
    element("table", {},
      element("thead", {}, element("tr", {}, heads.map((head, place) => cell("th", head.replace("#", ""), place)))),
      element("tbody", {}, rows.map((row) => element("tr", {}, row.map((value, place) => cell("td", value, place)))))));
}

export function facts(pairs) {
  return element("dl", {}, pairs.map(([name, value]) => [element("dt", {}, name), element("dd", {}, `${value}`)]));
}

export const digits = (value) => (value === null || value === undefined ? "–" : value.toFixed(4));
export const tail = (path) => path.split("/").slice(-2).join("/");

export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) { count /= 1024; unit += 1; }
  return `${unit ? count.toFixed(1) : count} ${units[unit]}`;
}
